package flags

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Categories of flags (England-FlagCategoryPatient).
const (
	codeProtection  = fhir.CodeCPISFlag
	codeAdjustments = fhir.CodeAdjustmentsFlag
	codeFGM         = fhir.CodeFGMFlag
)

// maxSkew is the maximum difference between the time of an answer and the hub's clock. An older answer may come from a
// cache. The platform refuses the hub's signed assertions if the clocks differ by more than this (NHS API platform,
// application-restricted access).
const maxSkew = 5 * time.Minute

// fault is why an answer can't be used. Its texts are fixed: they don't quote the answer.
type fault struct {
	detail       string
	otherPatient bool
}

// Error returns the detail.
func (f *fault) Error() string { return f.detail }

func faultf(format string, args ...any) *fault { return &fault{detail: fmt.Sprintf(format, args...)} }

// errOtherPatient means that an answer is about another patient.
var errOtherPatient = &fault{detail: "a resource of another patient", otherPatient: true}

// answer is an answer to Flag?patient=, with the flags of one patient.
type answer struct {
	number    nhs.Number
	asOf      time.Time
	active    map[string][]flag // by category
	details   []flag            // flags that are details of other flags
	resources resources
	doubts    map[string]string // by category: why the absence of an active flag doesn't mean that there is none
	doubt     string            // as doubts, for all categories
	patient   subject
}

// flag is a Flag resource. Contained resources and resources of its details are found in answer.resources.
type flag struct {
	ID        string                 `json:"id"`
	Status    string                 `json:"status"`
	Code      fhir.CodeableConcept   `json:"code"`
	Category  []fhir.CodeableConcept `json:"category"`
	Period    *fhir.Period           `json:"period"`
	Contained []json.RawMessage      `json:"contained"`
	Extension []extension            `json:"extension"`
}

// extension is an extension of a Flag: flag-detail or Extension-FlagNotes.
type extension struct {
	URL             string          `json:"url"`
	ValueReference  *fhir.Reference `json:"valueReference"`
	ValueAnnotation *struct {
		Text string `json:"text"`
	} `json:"valueAnnotation"`
}

// read parses an answer with status 200 to Flag?patient=n. date is its Date header, or zero; now is the hub's time.
// The error is a *fault. After an error it isn't known whether there are flags.
func read(n nhs.Number, body []byte, date, now time.Time) (*answer, error) {
	mentioned, err := scan(body)
	if err != nil {
		return nil, faultf("%v", err)
	}

	var b fhir.Bundle
	switch {
	case json.Unmarshal(body, &b) != nil:
		return nil, faultf("not of the shape of a Bundle")
	case b.ResourceType != "Bundle":
		return nil, faultf("not a Bundle")
	case b.Type != "searchset" && b.Type != "collection": // a published example has type collection
		return nil, faultf("not a searchset")
	}

	a := &answer{number: n, active: make(map[string][]flag), doubts: make(map[string]string)}
	a.patient.number = n
	if a.asOf, err = timeOf(b.Timestamp, date, now); err != nil {
		return nil, err
	}
	if b.Type == "collection" {
		a.doubt = "no flag, and not a searchset"
	}
	if err := a.readLinks(b.Link); err != nil {
		return nil, err
	}

	matches, flags := 0, 0
	for _, e := range b.Entry {
		kind := fhir.TypeOf(e.Resource)
		mode := ""
		if e.Search != nil {
			mode = e.Search.Mode
		}

		switch {
		case kind == "":
			return nil, faultf("an entry without a resource")
		case kind == "OperationOutcome": // a reservation about the answer
			a.doubt = "no flag, and an OperationOutcome"
			continue
		case mode == "outcome":
			return nil, faultf("an entry of mode outcome that is no OperationOutcome")
		case mode != "" && mode != "match" && mode != "include":
			return nil, faultf("an entry of an unknown mode")
		}

		if err := a.patient.check(e.Resource); err != nil {
			return nil, err
		}

		if mode != "include" {
			matches++
		}
		a.resources = append(a.resources, resource{kind: kind, fullURL: e.FullURL, raw: e.Resource})
		if kind != "Flag" {
			continue
		}
		if mode != "include" {
			flags++
		}
		if err := a.addFlag(e.Resource); err != nil {
			return nil, err
		}
	}

	// The guide's examples count all entries. A server that counts only the flags follows FHIR R4.
	switch {
	case b.Total != nil && *b.Total != matches && *b.Total != flags:
		return nil, faultf("a total that is not the number of the matches")
	case b.Total == nil && a.doubt == "":
		a.doubt = "no flag, and no total"
	}

	for code := range mentioned {
		if len(a.active[code]) == 0 && a.doubts[code] == "" {
			a.doubts[code] = "no flag, but the answer mentions its category"
		}
	}

	return a, nil
}

// timeOf returns the time of an answer: its timestamp, or the Date header if it has none.
func timeOf(timestamp string, date, now time.Time) (time.Time, error) {
	at := date
	if timestamp != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, timestamp); err != nil {
			return time.Time{}, faultf("a timestamp that is not an instant")
		}
	}
	switch {
	case at.IsZero():
		return time.Time{}, faultf("neither a timestamp nor a Date header")
	case at.Sub(now).Abs() > maxSkew:
		return time.Time{}, faultf("the time of the answer and the hub's clock differ by more than %v", maxSkew)
	}
	return at, nil
}

// httpDate returns the time of the Date header, or the zero time without a valid one.
func httpDate(h http.Header) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}

// neutral are the parameters of a search that don't restrict its result.
var neutral = []string{"_format", "_pretty", "_count", "_total", "_include"}

// readLinks checks the links of a searchset. The self link has the parameters that the server used (FHIR R4, search,
// "conformance"), so only an answer with one proves that there is no flag of this patient.
func (a *answer) readLinks(links []fhir.BundleLink) error {
	self := 0
	for _, l := range links {
		switch l.Relation {
		case "self":
			self++
			if err := a.readSelf(l.URL); err != nil {
				return err
			}
		case "next":
			return faultf("more than one page")
		}
	}
	switch {
	case self > 1:
		return faultf("more than one self link")
	case self == 0 && a.doubt == "":
		a.doubt = "no flag, and no self link"
	}
	return nil
}

// readSelf checks that the self link is of a search for all flags of this patient.
func (a *answer) readSelf(link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return faultf("a self link that is not a URL")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return faultf("a self link that is not a URL")
	}

	if path := u.Path + u.Opaque; path != "Flag" && !strings.HasSuffix(path, "/Flag") {
		return faultf("a self link of another search")
	}

	named := 0
	for name, values := range query {
		switch {
		case name == "patient" || name == "patient:identifier":
			for _, v := range values {
				if named++; lastPart(v) != a.number.Digits() {
					return errOtherPatient
				}
			}
		case !slices.Contains(neutral, name):
			return faultf("a self link of a narrower search")
		}
	}
	if named != 1 {
		return faultf("a self link that does not name the patient once")
	}
	return nil
}

// lastPart returns what follows the system of an identifier, or the type and the base of a reference.
func lastPart(s string) string { return s[strings.LastIndexAny(s, "|/")+1:] }

// addFlag adds a Flag by its category.
func (a *answer) addFlag(raw []byte) error {
	var f flag
	if json.Unmarshal(raw, &f) != nil {
		return faultf("not of the shape of a Flag")
	}

	codes := codings(f.Code)
	category := categoryIn(codes)
	if category == "" {
		if within := categoryIn(codings(f.Category...)); within != "" {
			a.details = append(a.details, f) // an adjustment has the category of its flag
			return nil
		}
		if len(codes) == 0 {
			return faultf("a Flag without a code")
		}
		return nil // a flag of another kind
	}

	if f.Status != "active" {
		a.doubts[category] = "a flag that is not active"
		return nil
	}

	a.active[category] = append(a.active[category], f)
	return nil
}

// codings returns all codings with a code.
func codings(concepts ...fhir.CodeableConcept) []fhir.Coding {
	var all []fhir.Coding
	for _, c := range concepts {
		for _, k := range c.Coding {
			if strings.TrimSpace(k.Code) != "" {
				all = append(all, k)
			}
		}
	}
	return all
}

// categoryIn returns the first known category in codes, or "". It ignores the system, in which the draft and the beta
// guide differ.
func categoryIn(codes []fhir.Coding) string {
	for _, k := range codes {
		code := strings.ToLower(strings.TrimSpace(k.Code))
		if code == codeProtection || code == codeAdjustments || code == codeFGM {
			return code
		}
	}
	return ""
}

// of returns the active flags of a category. It returns none only if the answer proves that there is none: it is a
// searchset for all flags of this patient, with a total and without reservations. Otherwise the error is a *fault.
func (a *answer) of(category string) ([]flag, error) {
	switch found := a.active[category]; {
	case len(found) > 0:
		return found, nil
	case a.doubts[category] != "":
		return nil, faultf("%s", a.doubts[category])
	case a.doubt != "":
		return nil, faultf("%s", a.doubt)
	}
	return nil, nil
}
