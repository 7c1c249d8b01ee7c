package nhs_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// TestWhatCanOnlyBeMeantAsANumber checks LooksLikeNumber.
func TestWhatCanOnlyBeMeantAsANumber(t *testing.T) {
	for typed, want := range map[string]bool{
		"9990000018": true, "999 000 0018": true, "999-000–0018": true, " 999\u00a0000\u200b0018 ": true,
		"999 000 0019": true, "12": true,
		"": false, " - ": false, "O'Brien 2": false, "999.000.0018": false, "999000001l": false, "+9990000018": false,
		"٩٩٩٠٠٠٠٠١٨":  false,
		"9990000018*": false,
	} {
		if got := nhs.LooksLikeNumber(typed); got != want {
			t.Errorf("LooksLikeNumber(%q) = %v, want %v", typed, got, want)
		}
	}
}

func sentence(t *testing.T, err error, field string) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var form *nhs.FormError
	if !errors.As(err, &form) || form.Field != field || form.Error() != form.Sentence {
		t.Fatalf("error = %#v, want a FormError of field %q", err, field)
	}
	if form.Sentence != text.Clean(form.Sentence, 0) || len(form.Sentence) > 120 {
		t.Fatalf("sentence = %q, want at most 120 bytes without control characters", form.Sentence)
	}
	return form.Sentence
}

func TestAnNHSNumberAsTyped(t *testing.T) {
	for _, typed := range []string{
		"9990000018", "999 000 0018", "999-000-0018", " 999 000 0018 ", "999\u00a0000\u20090018", "999‑000–0018",
		"999\t000\n0018",
		"\ufeff9990000018", "\u200e999 000 0018\u200f", "999\u200b000\u200b0018", "\u202a9990000018\u202c",
		"\u202d9990000018\u202c", "999\u00ad000\u00ad0018",
	} {
		n, err := nhs.ParseNumber(typed)
		if err != nil || n.Digits() != "9990000018" || n.String() != "999 000 0018" {
			t.Errorf("ParseNumber(%q) = %q, %v, want 999 000 0018", typed, n, err)
		}
	}
	for _, known := range []string{
		"9000000009", "9000000017", "9000000025", "9000000033", "9990000026", "9990000034", "9990000042", "9990000050",
		"9990000069", "9990000077", "9990000085", "9990000093", "9990000107",
	} {
		if n, err := nhs.ParseNumber(known); err != nil || n.Digits() != known {
			t.Errorf("ParseNumber(%s) = %q, %v, want the same number", known, n, err)
		}
	}
}

func TestAnNHSNumberIsRefusedWithItsCause(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"", "Type an NHS number: 10 digits."},
		{" - ", "Type an NHS number: 10 digits."},
		{"9", "An NHS number has 10 digits; this has only 1."},
		{"999 000 001", "An NHS number has 10 digits; this has 9."},
		{"999 000 00180", "An NHS number has 10 digits; this has 11."},
		{"999 OOO 0018", "An NHS number has only digits; this has “O”."},
		{"９990000018", "An NHS number has only digits; this has “９”."},
		{"999\x1b0000018", "An NHS number has only digits; this has “␛”."},
		{"999\u202e0000018", "An NHS number has only digits; this has “�”."},
		{"4444444444", "This is not an NHS number: all its digits are the same."},
		{"0000000000", "This is not an NHS number: all its digits are the same."},
		{"9990000019", "This is not a valid NHS number: one or more of its digits are wrong."},
		{"9900000018", "This is not a valid NHS number: one or more of its digits are wrong."},
	} {
		n, err := nhs.ParseNumber(c.typed)
		if got := sentence(t, err, nhs.FieldNumber); got != c.want || n != "" {
			t.Errorf("ParseNumber(%q) = %q, %q, want %q", c.typed, n, got, c.want)
		}
	}
}

func TestEveryValidNumberRoundTripsAndEverySlipIsCaught(t *testing.T) {
	none := 0
	for i := range 22_000 {
		nine := fmt.Sprintf("%09d", (i*45_454+123_456_789)%1_000_000_000)
		check, ok := nhs.CheckDigit(nine)
		if !ok {
			none++
			continue
		}

		whole := nine + string(check)
		n, err := nhs.ParseNumber(whole)
		if strings.Count(whole, whole[:1]) == 10 {
			continue
		}

		if err != nil || n.Digits() != whole {
			t.Fatalf("ParseNumber(%s) = %q, %v, want the same number", whole, n, err)
		}

		if again, err := nhs.ParseNumber(n.String()); err != nil || again != n {
			t.Fatalf("ParseNumber(%q) = %q, %v, want the same number", n, again, err)
		}

		// Modulus 11 detects every single wrong digit and every swap of two unequal neighbours.
		at := i % 10
		slip := []byte(whole)
		slip[at] = '0' + (slip[at]-'0'+byte(1+i%9))%10
		if _, err := nhs.ParseNumber(string(slip)); err == nil {
			t.Fatalf("ParseNumber(%s) succeeded, want error: one digit differs from %s", slip, whole)
		}

		swap := []byte(whole)
		at = i % 9
		swap[at], swap[at+1] = swap[at+1], swap[at]
		if _, err := nhs.ParseNumber(string(swap)); err == nil && string(swap) != whole {
			t.Fatalf("ParseNumber(%s) succeeded, want error: two digits of %s are swapped", swap, whole)
		}
	}

	if none < 1_800 || none > 2_200 {
		t.Errorf("%d of 22000 have no check digit, want about one in eleven", none)
	}

	for _, nine := range []string{"", "99900000", "99900000x", "9990000001"} {
		if _, ok := nhs.CheckDigit(nine); ok {
			t.Errorf("CheckDigit(%q) succeeded, want false", nine)
		}
	}
}

func TestNumbersAndDatesStayOutOfLogs(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("traced", "number", nhs.Number("9990000018"), "born",
		nhs.Date{Year: 2016, Month: 3, Day: 4})
	if strings.Contains(out.String(), "999") || strings.Contains(out.String(), "2016-03") ||
		!strings.Contains(out.String(), "withheld") {
		t.Errorf("log = %s, want number and date withheld", out.String())
	}
}

func TestAnUnknownNumberIsShownAsNotKnown(t *testing.T) {
	if got := nhs.Number("").String(); got != "Not Known" {
		t.Errorf("String of the zero number = %q, want %q", got, "Not Known")
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"999 000 0018", "4444444444", "", "\xff", "999-000-001O"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := nhs.ParseNumber(s)
		if (sentence(t, err, nhs.FieldNumber) == "") == (n == "") {
			t.Fatalf("ParseNumber(%q) = %q, %v, want a number or an error", s, n, err)
		}
		if err != nil {
			return
		}
		if check, ok := nhs.CheckDigit(n.Digits()[:9]); !ok || check != n.Digits()[9] {
			t.Fatalf("ParseNumber(%q) = %s, whose check digit is wrong", s, n)
		}
		if again, err := nhs.ParseNumber(n.String()); err != nil || again != n {
			t.Fatalf("ParseNumber(%q) = %s, %v, want the same number", n, again, err)
		}
	})
}
