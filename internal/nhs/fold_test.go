package nhs_test

import (
	"testing"

	"wardlight/internal/nhs"
)

func TestFoldName(t *testing.T) {
	for _, c := range []struct{ name, keep, want string }{
		{"O’Brien-Núñez", "", "obriennunez"},
		{"OBRIEN NUNEZ", "", "obriennunez"},
		{"Oʻbrien", "", "obrien"},
		{"Łukasz Groß", "", "lukaszgross"},
		{"Sm*th", "*", "sm*th"},
		{"Sm*th", "", "smth"},
		{"Ex\u200bample", "", "example"},
		{"–", "", ""},
	} {
		if got := nhs.FoldName(c.name, c.keep); got != c.want {
			t.Errorf("FoldName(%q, %q) = %q, want %q", c.name, c.keep, got, c.want)
		}
	}
}
