package worklist_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

const tess = nhs.Number("9990000018")

// record returns a record with the names.
func record(family string, given ...string) client.Patient {
	return client.Patient{Number: tess, Family: family, Given: given, Born: nhs.Date{
		Year: 2016, Month: time.March,
		Day: 4,
	}}
}

func alertOf(n nhs.Number) client.Lamp {
	return client.Lamp{Number: n, State: client.Alert, AsOf: noon, RequestID: "r"}
}

func noneOf(n nhs.Number) client.Lamp {
	return client.Lamp{Number: n, State: client.NoneRecorded, AsOf: noon, RequestID: "r"}
}

// other returns the sentence of the result's OtherPatientError, or "".
func other(r worklist.Result) string {
	var e *worklist.OtherPatientError
	if !errors.As(r.Lamp.Err, &e) {
		return ""
	}
	return e.Sentence()
}

func TestResultOf_NamesAsListsWriteThem(t *testing.T) {
	for _, c := range []struct {
		family string // of the record, then " | " and a former one
		given  string
		names  string // separated by "; "
		want   worklist.Comparison
	}{
		{"Example", "Tess", "Tess Example; EXAMPLE, Tess; example tess; Example,T; EXAMPLE T; Miss T. Example; " +
			"Example, Miss Tess; Tess Example (Bay 3); TE; T.E.; ET; Tess Ann EXAMPLE; Master Tess Example; " +
			"Example, Ms", worklist.Same},
		{
			"O’Brien", "Tess", "Tess O'Brien; OBRIEN, TESS; O Brien, Tess; Tess O BRIEN; O`Brien, T; Oʼbrien Tess",
			worklist.Same,
		},
		{"Núñez García", "Tess", "Nunez Garcia, Tess; NUNEZ-GARCIA, T; Nuñez, Tess; Garcia, Tess; Tess García; " +
			"Garcia Nunez, Tess", worklist.Same},
		{"Smith-Jones", "Tess", "Smith Jones, Tess; SMITHJONES; Smith, T; Tess Jones; Jones, Tess", worklist.Same},
		{"Smith", "Tess", "Smith-Jones, Tess; Tess Jones-Smith", worklist.Same},
		{
			"van der Berg", "Tess", "Vanderberg, Tess; van den Berg, Tess; Berg, Tess; Tess Van Der Berg; VAN DER BERG",
			worklist.Same,
		},
		{"Müller", "Tess", "Mueller, Tess; Muller; MÜLLER Tess", worklist.Same},
		{"Sørensen", "Tess", "Soerensen, Tess; Sorensen", worklist.Same},
		{"Ng", "Li", "Ng, Li; NG; Li Ng", worklist.Same},
		{"Example | Before", "Tess", "Before, Tess; Tess Before; Example", worklist.Same},
		{
			"Example", "Tess", "Sample, Tess; Tess Sample; SAMPLE; Somebody Else; Exam, Tess; Examples, T; XY; Sam",
			worklist.Differs,
		},
		{"Smith-Jones", "Tess", "Smith-Brown, Tess; Jo, Tess", worklist.Differs},
		{"van der Berg", "Tess", "van der Meer, Tess; Van, Tess; der, T", worklist.Differs},
		{"Sample", "Tess", "Example, Sample", worklist.Differs}, // a given name does not match
		{"Lord", "Tess", "Lord, Tess; Tess LORD; Miss Lord; Lord", worklist.Same},
		{"Example", "Tess", "Tess; TESS; Unknown; N/K; Not known; -; 12; ???; Mr; Baby boy", worklist.NotCompared},
		{"", "Tess", "Example, Tess", worklist.NotCompared},
		{"Example", "Tess", "", worklist.NotListed},
	} {
		family, former, _ := strings.Cut(c.family, " | ")
		rec := record(family, c.given)
		if former != "" {
			rec.Families = []string{former}
		}
		for name := range strings.SplitSeq(c.names, "; ") {
			r := worklist.ResultOf(worklist.Patient{Number: tess, Name: name}, rec, nil, noneOf(tess), today)
			if got := r.Name; other(r) == "" && got != c.want || other(r) != "" && c.want != worklist.Differs {
				t.Errorf("name %q, record %q: comparison %d, error %q, want %d", name, c.family, got, other(r), c.want)
			}
		}
	}
}

func TestResultOf_FamilyColumn(t *testing.T) {
	for family, same := range map[string]bool{
		"EXAMPLE": true, "Example": true, "E": true, "E.": true, "Tess": false,
		"B": false, "Sample": false, "Example Sample": true, "Sam Sample": false,
	} {
		p := worklist.Patient{Number: tess, Name: "x", Family: family}
		if r := worklist.ResultOf(p, record("Example", "Tess"), nil, noneOf(tess), today); (other(r) == "") != same {
			t.Errorf("family name %q, record Example: error %q, want same = %v", family, other(r), same)
		}
	}
	given := worklist.Patient{Number: tess, Name: "Tom", NoFamily: true}
	if r := worklist.ResultOf(given, record("Example", "Tess"), nil, noneOf(tess), today); other(r) != "" ||
		r.Name != worklist.NotListed {
		t.Errorf("row with given names only: %+v, want NotListed", r)
	}
}

func TestResultOf_BirthDates(t *testing.T) {
	whole, month, year := nhs.Date{Year: 2016, Month: 3, Day: 4}, nhs.Date{Year: 2016, Month: 3}, nhs.Date{Year: 2016}
	for _, c := range []struct {
		record nhs.Date
		born   string
		want   worklist.Comparison
	}{
		{whole, "04-Mar-2016", worklist.Same},
		{whole, "4/3/2016", worklist.Same},
		{whole, "05-Mar-2016", worklist.Differs},
		{whole, "03-Apr-2016", worklist.Differs},
		{whole, "04-Mar-2015", worklist.Differs},
		{whole, "13/13/2016", worklist.NotCompared},
		{whole, "spring 2016", worklist.NotCompared},
		{whole, "42433", worklist.NotCompared},
		{month, "31-Mar-2016", worklist.Same},
		{month, "01-Apr-2016", worklist.Differs},
		{year, "31-Dec-2016", worklist.Same},
		{year, "01-Jan-2017", worklist.Differs},
		{nhs.Date{}, "04-Mar-2016", worklist.NotCompared},
		{whole, "", worklist.NotListed},
	} {
		rec := record("Example", "Tess")
		rec.Born = c.record
		r := worklist.ResultOf(worklist.Patient{Number: tess, Born: c.born}, rec, nil, noneOf(tess), today)
		if got := r.Born; other(r) == "" && got != c.want || other(r) != "" && c.want != worklist.Differs {
			t.Errorf("birth date %q, record %s: comparison %d, error %q, want %d",
				c.born, c.record, got, other(r), c.want)
		}
	}
}

func TestResultOf_AnotherPatientsAnswerIsNone(t *testing.T) {
	p := worklist.Patient{Number: tess, Name: "Sample, Sam", Born: "05-Mar-2016"}
	for _, lamp := range []client.Lamp{alertOf(tess), noneOf(tess), {
		Number: tess, State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.TimedOut},
	}} {
		r := worklist.ResultOf(p, record("Example", "Tess"), nil, lamp, today)
		want := "This NHS number is another patient's: its record has another family name and another birth date."
		if r.Lamp.State != client.CouldNotCheck || other(r) != want || !r.Lamp.AsOf.IsZero() {
			t.Errorf("lamp %s: result %+v, want could not check: %s", lamp.State, r, want)
		}
	}
}

func TestResultOf_RecordThatDidNotCome(t *testing.T) {
	notFound, invalid := &client.Error{Kind: client.NotFound, Status: 404}, &client.Error{
		Kind:   client.Invalidated,
		Status: 404,
	}
	away, busy := &client.Error{Kind: client.Unreachable}, &client.Error{Kind: client.Busy}
	p := worklist.Patient{Number: tess, Name: "Example, Tess", Born: "04-Mar-2016"}
	failed := func(err error) client.Lamp { return client.Lamp{Number: tess, State: client.CouldNotCheck, Err: err} }
	for name, c := range map[string]struct {
		err    error
		lamp   client.Lamp
		state  client.State
		reason error // the error of the lamp
		check  func(worklist.Result) bool
	}{
		"nobody, none recorded": {notFound, noneOf(tess), client.CouldNotCheck, notFound, nil},
		"nobody, and the lamp says so": {
			notFound, failed(&client.Error{Kind: client.NotFound}), client.CouldNotCheck,
			notFound, nil,
		},
		"invalid, none recorded": {invalid, noneOf(tess), client.CouldNotCheck, invalid, nil},
		"nobody, lamp unknown":   {notFound, failed(busy), client.CouldNotCheck, busy, nil},
		"nobody, alert": {notFound, alertOf(tess), client.Alert, nil, func(r worklist.Result) bool {
			return r.Lamp.RecordMissing
		}},
		"away, none recorded": {away, noneOf(tess), client.CouldNotCheck, away, nil},
		"away, lamp unknown":  {away, failed(busy), client.CouldNotCheck, busy, nil},
		"away, alert": {away, alertOf(tess), client.Alert, nil, func(r worklist.Result) bool {
			return errors.Is(r.RecordErr, away) && r.Name == worklist.NotCompared
		}},
	} {
		r := worklist.ResultOf(p, client.Patient{}, c.err, c.lamp, today)
		if r.Lamp.State != c.state || !errors.Is(r.Lamp.Err, c.reason) || c.check != nil && !c.check(r) {
			t.Errorf("%s: result %+v, want state %s, error %v", name, r, c.state, c.reason)
		}
	}

	r := worklist.ResultOf(p, client.Patient{Number: "9990000026", Family: "Example"}, nil, noneOf(tess), today)
	if client.KindOf(r.Lamp.Err) != client.Malformed {
		t.Errorf("record of another number: result %+v, want a malformed answer", r)
	}

	r = worklist.ResultOf(p, client.Patient{
		Number: "9990000026", AskedFor: tess, Family: "Example",
		Born: record("").Born,
	}, nil, noneOf("9990000026"), today)
	if r.Lamp.State != client.NoneRecorded || r.Lamp.Number != tess || r.Current != "9990000026" {
		t.Errorf("superseded number: result %+v, want none recorded and the current number", r)
	}
}
