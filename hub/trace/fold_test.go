package trace_test

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

func TestNamesThatFoldAlike(t *testing.T) {
	for want, names := range map[string][]string{
		"obriennunez": {"O’Brien-Núñez", "O'BRIEN NUNEZ", "obrien nunez", "O`Brien–Nuñez"},
		"smith":       {"Smith", "SMITH", " smith "},
		"strass":      {"Straß", "STRASS"},
		"aesgaard":    {"Æsgaard", "aesgaard"},
		"lukasz":      {"Łukasz", "Lukasz"},
		"soren":       {"Søren", "Sören"},
		"ls14ap":      {"LS1 4AP", "ls14ap"},
		"thorn":       {"Þorn"},
		"иванов":      {"Иванов", "ИВАНОВ"},
		"李":           {"李"},
		"":            {"", "'-’", "  "},
		"fiona":       {"ﬁona"},
		"ngoc":        {"Ngọc", "NGỌC"},
		"maryjane":    {"Mary-Jane", "mary jane", "MaryJane"},
		"2nd":         {"2nd"},
		"dangelo": {
			"D'Angelo", "d´angelo", "D\u02bcAngelo", "D\u02b9Angelo", "D\u02baAngelo", "D\u02bbAngelo",
			"D\u02cbAngelo", "D\u02eeAngelo", "D\ua78cAngelo",
		},
		"oexample": {
			"O\u02bc Example", "O' Example", "O\u2019Example", "\u200eO\u02beExample\u200f",
			"O\u02bfExam\u00adple", "\ufeffO\u200bExample",
		},
		"zoe":           {"Zoë", "Zoe\u0308"},
		"istanbul":      {"İstanbul", "ıstanbul"},
		"percent":       {"per%cent", "per_cent", "per*cent"},
		"abcdefghijklm": {"ａｂｃｄｅｆｇｈｉｊｋｌｍ"},
	} {
		for _, name := range names {
			if got := trace.Fold(name); got != want {
				t.Errorf("Fold(%q) = %q, want %q", name, got, want)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern store.Pattern
		text    string
		match   bool
	}{
		{"smith", "smith", true},
		{"smith", "smiths", false},
		{"sm*", "smith", true},
		{"sm*", "sm", true},
		{"sm*", "s", false},
		{"sm*th", "smith", true},
		{"sm*th", "smth", true},
		{"smi*ith", "smith", false}, // prefix and suffix must not overlap
		{"sm*t*", "smythe", true},
		{"sm*t*h*", "smythe", true},
		{"sm*h*t*", "smythe", false},
		{"sm**", "smith", true},
	} {
		if got := c.pattern.Match(c.text); got != c.match {
			t.Errorf("Pattern(%q).Match(%q) = %v, want %v", c.pattern, c.text, got, c.match)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"O’Brien", "Straß", "\xff", "İ", "*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := trace.Fold(s)
		if again := trace.Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, which folds to %q; want it unchanged", s, folded, again)
		}
		for _, r := range folded {
			if r == '%' || r == '_' || r == '*' || r == ' ' {
				t.Errorf("Fold(%q) contains %q, want it removed", s, r)
			}
		}
		if !utf8.ValidString(folded) {
			t.Errorf("Fold(%q) is invalid UTF-8", s)
		}
	})
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		"family=Smith&birthdate=eq2010-10-22", "family=Sm*&birthdate=ge2010-01-01&birthdate=le2011-01-01&given=J*",
		"family=*", "birthdate=eq",
		"given=Jane&birthdate=2010-10-22&gender=female&address-postalcode=LS1+4AP&_fuzzy-match=true",
		"family=Smith&birthdate=2010-10-22&email=a%25b&phone=+44&address-postalcode=LS1*&general-practitioner=Y1" +
			"&_max-results=5",
	} {
		f.Add(s)
	}

	today := nhs.Date{Year: 2026, Month: 7, Day: 15}
	f.Fuzz(func(t *testing.T, s string) {
		values, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, err := trace.ParseQuery(values, today)
		if err != nil {
			return
		}
		if q.Family == "" && !q.Wider || q.Born.IsZero() || q.Limit != q.Max+1 || q.Max < 1 || q.Max > trace.MaxRows {
			t.Errorf("ParseQuery(%q) = %+v, which is invalid", s, q)
		}
		for i, p := range append([]store.Pattern{q.Family}, q.Given...) {
			if i == 0 && p == "" {
				continue // a wider search may have only a given name, gender and postcode
			}
			// O'* has one letter. Of a family name it needs birth dates within a year; a given name costs no more.
			letters, days := utf8.RuneCountInString(p.Prefix()), q.Born.Days()
			unbounded := i == 0 && letters == 1 && (days == 0 || days > 366)
			if p == "" || p.Wild() && (q.Wider || letters == 0 || unbounded) {
				t.Errorf("ParseQuery(%q): got pattern %q, want an error", s, p)
			}
		}
	})
}
