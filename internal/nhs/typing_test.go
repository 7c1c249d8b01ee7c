package nhs_test

import (
	"strings"
	"testing"

	"wardlight/internal/nhs"
)

func TestANumberIsGroupedWhileItIsTypedAndTheCursorStaysBehindItsDigit(t *testing.T) {
	// "|" marks the cursor.
	for _, c := range []struct{ typed, want string }{
		{"|", "|"},
		{"9|", "9|"},
		{"999|", "999|"},
		{"9990|", "999 0|"},
		{"999 0|", "999 0|"},
		{"999 000|", "999 000|"},
		{"999 0000|", "999 000 0|"},
		{"999 000 0018|", "999 000 0018|"},
		{"999 000 00181|", "999 000 00181|"},
		{"9990000018|", "999 000 0018|"},
		{"999-000-0018|", "999 000 0018|"},
		{" 99 90 00 00 18 |", "999 000 0018|"},
		{"1|99 900 0018", "1|99 900 0018"}, // a digit was typed at the start
		{"1|999 000 001", "1|99 900 0001"},
		{"999| 000 0018", "999| 000 0018"},
		{"999 |000 0018", "999| 000 0018"},
		{"99| 000 0018", "99|0 000 018"}, // a digit was deleted
		{"999 00|0018", "999 00|0 018"},
		{"|999 000 0018", "|999 000 0018"},
		{"999x|", "999x|"},
		{"\u200e999000\u200b0018\u200f|", "999 000 0018|"},
		{"Tess |1 2", "Tess |1 2"},
	} {
		before, after, _ := strings.Cut(c.typed, "|")
		got, at := nhs.GroupTyped([]rune(before+after), len([]rune(before)))
		if s := string(got[:at]) + "|" + string(got[at:]); s != c.want {
			t.Errorf("GroupTyped(%s) = %s, want %s", c.typed, s, c.want)
		}
	}
}

func TestAWrongNumberIsKnownAsSoonAsItCanBe(t *testing.T) {
	for typed, want := range map[string]string{
		"":              "",
		"999":           "",
		"999 000 001":   "",
		"999 000 0018":  "",
		"999 000 0019":  "This is not a valid NHS number: one or more of its digits are wrong.",
		"999 000 00181": "An NHS number has 10 digits; this has 11.",
		"111 111 1111":  "This is not an NHS number: all its digits are the same.",
		"\u200e999":     "",
		"Te":            "An NHS number has only digits; this has “T”.",
	} {
		if got := sentence(t, nhs.CheckTyped(typed), nhs.FieldNumber); got != want {
			t.Errorf("CheckTyped(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestANameToSearchBy(t *testing.T) {
	for _, c := range []struct{ typed, name, wrong string }{
		{" O'Example ", "O'Example", ""},
		{"Ex*", "Ex*", ""},
		{"Exa*le", "Exa*le", ""},
		{"Núñez  Prada", "Núñez Prada", ""},
		{"李", "李", ""},
		{"Ñu*", "Ñu*", ""},
		{"", "", "Type a family name."},
		{"E*", "", "Type two letters before the *."},
		{"É*", "", "Type two letters before the *."}, // one letter of two bytes
		{"O'*", "", "Type two letters before the *."},
		{"O\u02bc*", "", "Type two letters before the *."},
		{"\u200bE\u00ad*", "", "Type two letters before the *."},
		{"\ufeffO\u02bcExam\u00adple\u200f", "O\u02bcExample", ""},
		{"\u02bc", "", "Type letters."},
		{"*", "", "Type two letters before the *."},
		{"-", "", "Type letters."},
		{strings.Repeat("x", 36), "", "A name has 35 letters at the most."},
	} {
		got, err := nhs.ParseName(c.typed, nhs.FieldFamily)
		if said := sentence(t, err, nhs.FieldFamily); said != c.wrong || err == nil && got != c.name {
			t.Errorf("ParseName(%q) = %q, %q, want %q, %q", c.typed, got, said, c.name, c.wrong)
		}
	}
}

func TestAPostcodeToSearchByIsWholeOrBegun(t *testing.T) {
	for _, c := range []struct{ typed, code, wrong string }{
		{"ls14ap", "LS1 4AP", ""},
		{"\u200els1\u00ad4ap\ufeff", "LS1 4AP", ""},
		{"\u200els1\u00ad*", "LS1*", ""},
		{"ls1*", "LS1*", ""},
		{"LS1  4*", "LS1 4*", ""},
		{"LS*", "LS*", ""},
		{"LS1", "", "This is not a whole postcode, as in LS1 4AP."},
		{"L*", "", "Type two letters before the *."},
		{"L *", "", "Type two letters before the *."},
		{"LS*AP", "", "The * stands at the end, as in LS1*."},
		{"LS1 4AP LEEDS*", "", "The * stands at the end, as in LS1*."},
		{"L\u00d61*", "", "This is not a postcode, as in LS1 4AP or LS1*."},
	} {
		got, err := nhs.ParsePostcodePattern(c.typed)
		if said := sentence(t, err, nhs.FieldPostcode); said != c.wrong || err == nil && got != c.code {
			t.Errorf("ParsePostcodePattern(%q) = %q, %q, want %q, %q", c.typed, got, said, c.code, c.wrong)
		}
	}
}

func FuzzGroupTyped(f *testing.F) {
	f.Add("9990000018", 4)
	f.Add("999 000 0018", 4)
	f.Add("99-9\u00a0x", 99)

	f.Fuzz(func(t *testing.T, s string, at int) {
		got, cursor := nhs.GroupTyped([]rune(s), at)
		if cursor < 0 || cursor > len(got) {
			t.Fatalf("GroupTyped(%q, %d) = %q with cursor %d, out of range", s, at, string(got), cursor)
		}
		if again, same := nhs.GroupTyped(got, cursor); string(again) != string(got) || same != cursor {
			t.Fatalf("GroupTyped(%q, %d) = %q, %d, want it unchanged", string(got), cursor, string(again), same)
		}
		was, wrong := nhs.ParseNumber(s)
		is, err := nhs.ParseNumber(string(got))
		if was != is || (wrong == nil) != (err == nil) {
			t.Fatalf("ParseNumber(%q) = %s, %v, but grouped it is %q, %v", s, was, wrong, is, err)
		}
		if nhs.CheckTyped(s) != nil && wrong == nil {
			t.Fatalf("CheckTyped(%q) returned an error, but ParseNumber accepts it", s)
		}
	})
}

func FuzzParseNameAndPostcodePattern(f *testing.F) {
	for _, s := range []string{"O'Ex*", "É*", "LS1*", "ls14ap", "*", "\xff**"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := nhs.ParseName(s, nhs.FieldGiven); err == nil {
			if again, err := nhs.ParseName(name, nhs.FieldGiven); err != nil || again != name {
				t.Errorf("ParseName(%q) = %q, but parsed again %q, %v", s, name, again, err)
			}
		}
		if code, err := nhs.ParsePostcodePattern(s); err == nil {
			if again, err := nhs.ParsePostcodePattern(code); err != nil || again != code {
				t.Errorf("ParsePostcodePattern(%q) = %q, but parsed again %q, %v", s, code, again, err)
			}
		}
	})
}
