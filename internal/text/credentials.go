package text

import (
	"regexp"
	"strings"
)

// credentials are a name and a password in an address, as people put them there: before the first slash, with a slash
// in the password, or without the scheme. Settings refuse such addresses, and what refuses them quotes them.
var credentials = []*regexp.Regexp{
	regexp.MustCompile(`(//|\bhttps?:/)[^/\s"']*@`), // one slash is left where an address was taken for a path
	regexp.MustCompile(`(//)[^/\s"'@:]*:[^/\s"'@]*[^/\s"'@0-9][^\s"'@]*@`),
	regexp.MustCompile(`(^|[\s"'=])[^/\s"'@:=]+:[^/\s"'@]+@`),
}

// WithoutCredentials hides name and password in every address in s.
func WithoutCredentials(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	for _, c := range credentials {
		s = c.ReplaceAllString(s, "$1(hidden)@")
	}
	return s
}
