package nhs_test

import (
	"testing"
	"time"

	"wardlight/internal/nhs"
)

func TestAgeByBands(t *testing.T) {
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 15, 4, 5, 0, time.UTC) }
	for _, c := range []struct {
		born nhs.Date
		at   time.Time
		want string
	}{
		{day(2026, 11, 22), at(2026, 11, 22), "0d"},
		{day(2026, 11, 21), at(2026, 11, 22), "1d"},
		{day(2026, 11, 10), at(2026, 11, 22), "12d"},
		{day(2026, 10, 26), at(2026, 11, 22), "27d"},
		{day(2026, 10, 25), at(2026, 11, 22), "4w"},
		{day(2026, 10, 1), at(2026, 11, 22), "7w 3d"},
		{day(2025, 11, 23), at(2026, 11, 22), "52w"},
		{day(2025, 11, 22), at(2026, 11, 22), "12m"},
		{day(2025, 11, 14), at(2026, 11, 22), "12m 8d"},
		{day(2024, 11, 23), at(2026, 11, 22), "23m 30d"},
		{day(2024, 11, 22), at(2026, 11, 22), "2y"},
		{day(2022, 10, 1), at(2026, 11, 22), "4y 1m"},
		{day(2008, 11, 23), at(2026, 11, 22), "17y 11m"},
		{day(2008, 11, 22), at(2026, 11, 22), "18y"},
		{day(1965, 11, 23), at(2026, 11, 22), "60y"},
		{day(1965, 3, 4), at(2026, 11, 22), "61y"},
		{day(2008, 2, 29), at(2026, 2, 28), "17y 11m"}, // a leap day's birthday is 1 March
		{day(2008, 2, 29), at(2026, 3, 1), "18y"},
		{day(2025, 1, 31), at(2026, 3, 1), "13m 1d"}, // since the last of February
		{day(2026, 11, 23), at(2026, 11, 22), ""},
		{nhs.Date{}, at(2026, 11, 22), ""},
		{day(2016, 0, 0), at(2026, 11, 22), "Approx 9-10y"},
		{day(2016, 0, 0), at(2026, 12, 31), "Approx 10y"},
		{day(2016, 3, 0), at(2026, 11, 22), "Approx 10y"},
		{day(2016, 11, 0), at(2026, 11, 22), "Approx 9-10y"},
		{day(2026, 0, 0), at(2026, 11, 22), "Under 1y"},
		{day(2026, 11, 0), at(2026, 11, 22), "Under 1y"},
		{day(2027, 0, 0), at(2026, 11, 22), ""},
	} {
		if got := nhs.Age(c.born, c.at); got != c.want {
			t.Errorf("Age(%s, %s) = %q, want %q", c.born, nhs.DateOf(c.at), got, c.want)
		}
	}
}

func TestAgeGoesByTheDayWhereTheUserIs(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)
	if got := nhs.Age(day(2026, 6, 30), at.In(london)); got != "1d" {
		t.Errorf("Age half an hour after midnight in London = %q, want %q", got, "1d")
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		family string
		given  []string
		title  string
		want   string
	}{
		{"Example", []string{"Tess"}, "", "EXAMPLE, Tess"},
		{"Example", []string{"Tess", "Ann"}, "Miss", "EXAMPLE, Tess Ann (Miss)"},
		{"SMITH", []string{"JANE", "MARY-ANN"}, "MRS", "SMITH, Jane Mary-Ann (Mrs)"},
		{"smith", []string{"d'arcy"}, "dr.", "SMITH, D'Arcy (Dr)"},
		{"Smith", []string{"DJ"}, "Prof.Dr.", "SMITH, DJ (Prof Dr)"},
		{"van der Łęcka", []string{"Siân"}, "", "VAN DER ŁĘCKA, Siân"},
		{"O'Neil", nil, "Mr", "O'NEIL (Mr)"},
		{"smith", []string{"d\u02bcarcy", "ka\u02bbiulani"}, "", "SMITH, D\u02bcArcy Ka\u02bbIulani"},
		{"", []string{"Tess"}, "", "Not Known, Tess"},
		{"  Two   Words ", []string{"", " Tess "}, " ", "TWO WORDS, Tess"},
		{"", nil, "", "Not Known"},
		{" ", []string{" "}, "Dr", "Not Known"},
		{
			"Featherstonehaugh-Cholmondeley-Marjoribanks",
			[]string{"Wolfeschlegelsteinhausenbergerdorff"},
			"",
			"FEATHERSTONEHAUGH-CHOLMONDELEY-MARJORIBANKS, Wolfeschlegelsteinhausenbergerdorff",
		},
	} {
		if got := nhs.DisplayName(c.family, c.given, c.title); got != c.want {
			t.Errorf("DisplayName(%q, %q, %q) = %q, want %q", c.family, c.given, c.title, got, c.want)
		}
	}
}

func TestGenders(t *testing.T) {
	for g, want := range map[nhs.Gender]string{
		nhs.Male: "Male", nhs.Female: "Female", nhs.OtherGender: "Other Specific", nhs.UnknownGender: "Not Known",
		"": "Not Specified", "m": "Not Known",
	} {
		if got := g.Display(); got != want {
			t.Errorf("Gender(%q).Display() = %q, want %q", g, got, want)
		}
	}
}

func TestPostcodes(t *testing.T) {
	for typed, want := range map[string]string{
		"LS1 4AP": "LS1 4AP", "ls14ap": "LS1 4AP", " l s 1 4 a p ": "LS1 4AP", "M1 1AE": "M1 1AE", "B33 8TH": "B33 8TH",
		"W1A0AX": "W1A 0AX", "CR2 6XH": "CR2 6XH", "DN55 1PT": "DN55 1PT", "EC1A1BB": "EC1A 1BB", "gir0aa": "GIR 0AA",
		"bfpo57": "BFPO 57", "BF1 4AA": "BF1 4AA", "ZZ99 3VZ": "ZZ99 3VZ", "LS1 4CK": "LS1 4CK",
	} {
		got, err := nhs.ParsePostcode(typed)
		if err != nil || got != want {
			t.Errorf("ParsePostcode(%q) = %q, %v, want %q", typed, got, err, want)
		}
		if shown := nhs.DisplayPostcode(typed); shown != want {
			t.Errorf("DisplayPostcode(%q) = %q, want %q", typed, shown, want)
		}
	}

	for typed, want := range map[string]string{
		"": "Type a postcode, as in LS1 4AP.", " ": "Type a postcode, as in LS1 4AP.",
		"LS1": "This is not a whole postcode, as in LS1 4AP.", "LS1*": "This is not a whole postcode, as in LS1 4AP.",
		"LS1 4A":  "This is not a whole postcode, as in LS1 4AP.",
		"LSX 4AP": "This is not a whole postcode, as in LS1 4AP.",
		"ＬＳ1 4AP": "This is not a whole postcode, as in LS1 4AP.",
		"\x1b[2J": "This is not a whole postcode, as in LS1 4AP.",
	} {
		got, err := nhs.ParsePostcode(typed)
		if said := sentence(t, err, nhs.FieldPostcode); said != want || got != "" {
			t.Errorf("ParsePostcode(%q) = %q, %q, want %q", typed, got, said, want)
		}
	}

	if got := nhs.DisplayPostcode(" not a  code "); got != "not a code" {
		t.Errorf("DisplayPostcode of an invalid postcode = %q, want %q", got, "not a code")
	}
}

func TestPhoneNumbersAreGroupedAsTheyAreSpoken(t *testing.T) {
	for in, want := range map[string]string{
		"01632960101": "01632 960101", "02079460101": "020 7946 0101", "01134960101": "0113 496 0101",
		"01214960101": "0121 496 0101",
		"03069990101": "0306 999 0101", "07700900101": "07700 900101", "01632 960101": "01632 960101",
		"+441632960101": "+441632960101",
		"0163296010":    "0163296010", "01632960101 ext 5": "01632960101 ext 5", "": "",
	} {
		if got := nhs.DisplayPhone(in); got != want {
			t.Errorf("DisplayPhone(%q) = %q, want %q", in, got, want)
		}
	}
}
