package text_test

import (
	"testing"

	"wardlight/internal/text"
)

func TestCredentialsAreHiddenInEveryAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://hub.example":                     "https://hub.example",
		"a https://u:p@a.example and //q@b":       "a https://(hidden)@a.example and //(hidden)@b",
		"https://u:p@ss@a.example":                "https://(hidden)@a.example",
		"https://u:p%zz@a.example":                "https://(hidden)@a.example",
		"https://u:p/ss@a.example/x":              "https://(hidden)@a.example/x",
		"/etc/wardlight/https:/u:p@a: no file":    "/etc/wardlight/https:/(hidden)@a: no file",
		"u:p@a.example":                           "(hidden)@a.example",
		`the address "u:p@a.example" is no URL`:   `the address "(hidden)@a.example" is no URL`,
		"https://hub.example/path?mail=me@nhs":    "https://hub.example/path?mail=me@nhs",
		"https://hub.example:8443/path?m=me@nhs":  "https://hub.example:8443/path?m=me@nhs",
		"Questions: me@nhs.example":               "Questions: me@nhs.example",
		"postgres://u:p@localhost:5432/wardlight": "postgres://(hidden)@localhost:5432/wardlight",
	} {
		if got := text.WithoutCredentials(in); got != want {
			t.Errorf("WithoutCredentials(%q) = %q, want %q", in, got, want)
		}
	}
}
