package text_test

import (
	"testing"

	"wardlight/internal/text"
)

func TestWhatPrintsNothingIsIgnored(t *testing.T) {
	for name, sign := range map[string]string{
		"zero-width space": "\u200b", "zero-width non-joiner": "\u200c", "zero-width joiner": "\u200d",
		"word joiner":     "\u2060",
		"byte order mark": "\ufeff", "soft hyphen": "\u00ad", "left-to-right mark": "\u200e",
		"right-to-left mark": "\u200f",
		"Arabic letter mark": "\u061c", "left-to-right embedding": "\u202a", "right-to-left embedding": "\u202b",
		"pop":                    "\u202c",
		"left-to-right override": "\u202d", "isolates": "\u2066\u2067\u2068\u2069",
		"invisible signs":           "\u2061\u2062\u2063\u2064",
		"Mongolian vowel separator": "\u180e", "combining grapheme joiner": "\u034f", "Hangul filler": "\u3164",
		"variation selector": "\ufe0f", "tag": "\U000e0041",
	} {
		if got := text.WithoutIgnorable(sign + "999" + sign + sign + "000" + sign); got != "999000" {
			t.Errorf("%s: WithoutIgnorable = %q, want %q", name, got, "999000")
		}
	}

	for _, saved := range []string{
		"Zoë", "Zoe\u0308", "O\u02bcExample", "Mary Ann", "Mary\u00a0Ann", "Mary-Ann", "李", "\u0600", "\u202e", "\x1b",
		"\x00", "\ufffd", "",
	} {
		if got := text.WithoutIgnorable(saved); got != saved {
			t.Errorf("WithoutIgnorable(%q) = %q, want it unchanged", saved, got)
		}
	}
}

func TestWithoutByteOrderMark(t *testing.T) {
	for file, want := range map[string]string{
		"\ufeff{}": "{}", "{}": "{}", "": "", "\ufeff": "",
		"\xef\xbb": "\xef\xbb", "\ufeff\ufeff": "\ufeff",
	} {
		if got := text.WithoutByteOrderMark([]byte(file)); string(got) != want {
			t.Errorf("WithoutByteOrderMark of the bytes %q = %q, want %q", file, got, want)
		}
		if got := text.WithoutByteOrderMark(file); got != want {
			t.Errorf("WithoutByteOrderMark(%q) = %q, want %q", file, got, want)
		}
	}
}
