package text

import (
	"regexp"
	"strings"
)

// credentials matches a user name and a password in a URL, as people write them: before the first slash, with a slash
// in the password, or without a scheme. The settings reject such URLs, and the error messages quote them.
var credentials = []*regexp.Regexp{
	regexp.MustCompile(`(//|\bhttps?:/)[^/\s"']*@`), // only one slash is left if the URL was cleaned as a path
	regexp.MustCompile(`(//)[^/\s"'@:]*:[^/\s"'@]*[^/\s"'@0-9][^\s"'@]*@`),
	regexp.MustCompile(`(^|[\s"'=])[^/\s"'@:=]+:[^/\s"'@]+@`),
}

// WithoutCredentials replaces user name and password in all URLs in s by "(hidden)".
func WithoutCredentials(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	for _, c := range credentials {
		s = c.ReplaceAllString(s, "$1(hidden)@")
	}
	return s
}
