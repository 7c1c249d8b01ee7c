package trace

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// MaxRows is the maximum number of rows in a healthcare worker's search (PDS FHIR R4 API, _max-results).
const MaxRows = 50

// maxNameLength is the maximum length of a name in characters (PDS FHIR R4 API, family and given).
const maxNameLength = 35

// Query is a search with the parameters of PDS.
type Query struct {
	store.PatientQuery
	Max       int  // maximum number of rows; more matches are too many
	ExactOnly bool // only matches with score 1
	Wider     bool // allows for mistakes (_fuzzy-match), and always includes former names and addresses

	Typed url.Values // the parameters as they were parsed, for a national service

	asked spelling // the names as typed
}

// QueryError is a search that PDS would reject, with PDS's diagnostics. Code is a Spine error code.
type QueryError struct {
	Code        string
	Diagnostics string
}

// Error returns the code and the diagnostics.
func (e *QueryError) Error() string { return e.Code + ": " + e.Diagnostics }

func invalidValue(field, value string) error {
	return &QueryError{"INVALID_VALUE", fmt.Sprintf("Invalid value - '%s' in field '%s'", value, field)}
}

func invalidSearch(why string) error {
	return &QueryError{"INVALID_SEARCH_DATA", fmt.Sprintf("Invalid search data provided - '%s'", why)}
}

// known are the parameters of a search. The value reports whether the parameter may be repeated.
var known = map[string]bool{
	"family": false, "given": true, "gender": false, "birthdate": true, "death-date": true,
	"address-postalcode": false, "address-postcode": false, "general-practitioner": false, "email": false,
	"phone":        false,
	"_fuzzy-match": false, "_exact-match": false, "_history": false, "_max-results": false,
}

// Additional returns an error if values has a parameter for which isKnown returns false.
func Additional(values url.Values, isKnown func(string) bool) error {
	var unexpected []string
	for name := range values {
		if !isKnown(name) {
			unexpected = append(unexpected, "'"+name+"'")
		}
	}
	if len(unexpected) == 0 {
		return nil
	}
	slices.Sort(unexpected)
	were := "was"
	if len(unexpected) > 1 {
		were = "were"
	}
	return &QueryError{"ADDITIONAL_PROPERTIES", fmt.Sprintf(
		"Invalid request with error - Additional properties are not allowed (%s %s unexpected)",
		strings.Join(unexpected, ", "), were)}
}

// ParseQuery parses the parameters of GET /Patient. The error is a *[QueryError].
func ParseQuery(values url.Values, today nhs.Date) (Query, error) {
	if err := Additional(values, func(name string) bool { _, ok := known[name]; return ok }); err != nil {
		return Query{}, err
	}
	if len(values) == 0 {
		return Query{}, &QueryError{"UNSUPPORTED_SERVICE", ""}
	}

	for name, all := range values {
		if repeats := known[name]; len(all) > 1 && !repeats {
			return Query{}, invalidSearch(name + " was given more than once")
		}
	}

	p := parser{values: values}
	q := Query{Typed: values}
	q.Today = today
	q.Family = p.name("family")
	for i := range values["given"] {
		q.Given = append(q.Given, p.nameAt("given", i))
	}

	q.Gender = p.oneOf("gender", "male", "female", "other", "unknown")
	q.Born = p.span("birthdate")
	q.Died = p.span("death-date")
	q.Marks = p.marks()
	q.History = p.flag("_history")
	q.ExactOnly = p.flag("_exact-match")
	q.Wider = p.flag("_fuzzy-match")
	q.asked = spell(values.Get("family"), values["given"])
	q.Max = p.maxResults()
	q.Limit = q.Max + 1
	if p.err != nil {
		return Query{}, p.err
	}
	if q.Born.IsZero() {
		return Query{},
			&QueryError{"MISSING_VALUE", "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"}
	}
	if !q.Died.To.IsZero() && q.Died.To.Before(q.Born.From) {
		return Query{}, invalidSearch("death-date is before birthdate")
	}
	if !q.enough() {
		return Query{}, invalidSearch("No searches were performed as the search criteria did not meet the minimum " +
			"requirements")
	}
	if q.Wider && q.wild() {
		return Query{}, invalidSearch("Wildcards are not allowed in a fuzzy search")
	}

	if q.ExactOnly {
		q.Family = q.Family.Letters()
		for i, g := range q.Given {
			q.Given[i] = g.Letters()
		}
	}

	if q.Family.Wild() && utf8.RuneCountInString(q.Family.Prefix()) == 1 &&
		(q.Born.Days() == 0 || q.Born.Days() > oneLetterDays) {
		return Query{}, invalidSearch("A wildcard after one letter requires birth dates within one year")
	}

	return q, nil
}

// oneLetterDays is the maximum range of birth dates in days if the family name is one letter and a wildcard, as in
// O'*.
const oneLetterDays = 366

// enough reports whether the query has the minimum of details besides the birth date (PDS FHIR R4 API, GET /Patient).
func (q Query) enough() bool {
	family, given := q.Family != "", len(q.Given) > 0
	if !q.Wider {
		return family
	}
	postcode := slices.ContainsFunc(q.Marks, func(m store.MarkQuery) bool { return m.Kind == store.Postcode })
	return family && given || (family || given) && q.Gender != "" && postcode
}

// locates reports whether a match would reveal where somebody lives.
func (q Query) locates() bool { return slices.ContainsFunc(q.Marks, store.MarkQuery.Locates) }

// wild reports whether the query contains a wildcard.
func (q Query) wild() bool {
	return q.Family.Wild() || slices.ContainsFunc(q.Given, store.Pattern.Wild) ||
		slices.ContainsFunc(q.Marks, func(m store.MarkQuery) bool { return m.Value.Wild() })
}

// parser parses parameters and stores the first error.
type parser struct {
	values url.Values
	err    error
}

func (p *parser) refuse(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) name(field string) store.Pattern {
	if !p.values.Has(field) {
		return ""
	}
	return p.nameAt(field, 0)
}

// nameAt parses a name. A wildcard may follow after two characters, at least one of which must remain after folding:
// O'* is valid.
func (p *parser) nameAt(field string, i int) store.Pattern {
	value := text.WithoutIgnorable(p.values[field][i])
	pattern := foldPattern(value)
	typed, _, _ := strings.Cut(strings.ReplaceAll(value, " ", ""), "*")
	if utf8.RuneCountInString(value) > maxNameLength || pattern == "" ||
		pattern.Wild() && (utf8.RuneCountInString(typed) < 2 || pattern.Prefix() == "") {
		p.refuse(invalidValue(field, value))
	}
	return pattern
}

func (p *parser) oneOf(field string, allowed ...string) string {
	value := p.values.Get(field)
	if p.values.Has(field) && !slices.Contains(allowed, value) {
		p.refuse(invalidValue(field, value))
	}
	return value
}

func (p *parser) flag(field string) bool { return p.oneOf(field, "true", "false") == "true" }

// span parses a date (eq or no prefix), or one or two ends of a range (ge, le).
func (p *parser) span(field string) store.Span {
	var s store.Span
	set := func(end *nhs.Date, d nhs.Date) {
		if !end.IsZero() {
			p.refuse(invalidSearch(field + " was given more than once"))
		}
		*end = d
	}

	for _, value := range p.values[field] {
		digits := value
		comparison := "eq"
		if len(value) > 2 && value[0] > '9' {
			comparison, digits = value[:2], value[2:]
		}

		d, err := nhs.ParseDate(digits)
		if err != nil || !d.Complete() || len(digits) != len("2010-10-22") {
			p.refuse(invalidValue(field, value))
			continue
		}

		switch comparison {
		case "eq":
			set(&s.From, d)
			set(&s.To, d)
		case "ge":
			set(&s.From, d)
		case "le":
			set(&s.To, d)
		default:
			p.refuse(invalidValue(field, value))
		}
	}

	if !s.From.IsZero() && !s.To.IsZero() && s.To.Before(s.From) {
		p.refuse(invalidSearch(field + " ends before it begins"))
	}

	return s
}

func (p *parser) marks() []store.MarkQuery {
	var marks []store.MarkQuery
	add := func(kind store.MarkKind, field string, pattern store.Pattern) {
		if pattern == "" {
			p.refuse(invalidValue(field, p.values.Get(field)))
		}
		marks = append(marks, store.MarkQuery{Kind: kind, Value: pattern})
	}

	field := "address-postalcode"
	if p.values.Has("address-postcode") {
		if p.values.Has(field) {
			p.refuse(invalidSearch("address-postcode and address-postalcode were both given"))
		}
		field = "address-postcode"
	}

	if p.values.Has(field) {
		add(store.Postcode, field, p.nameAt(field, 0))
	}

	for _, m := range []struct {
		field string
		kind  store.MarkKind
		fold  func(string) string
	}{
		{"general-practitioner", store.Practice, Fold},
		{"email", store.Email, foldEmail},
		{"phone", store.Phone, foldPhone},
	} {
		if !p.values.Has(m.field) {
			continue
		}
		value := p.values.Get(m.field)
		folded := m.fold(value)
		if strings.Contains(value, "*") {
			folded = "" // a wildcard isn't supported here and must not act as one
		}
		add(m.kind, m.field, store.Pattern(folded))
	}

	return marks
}

func (p *parser) maxResults() int {
	const field = "_max-results"
	if !p.values.Has(field) {
		return MaxRows
	}
	value := p.values.Get(field)
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > MaxRows || value[0] == '+' {
		p.refuse(invalidValue(field, p.values.Get(field)))
	}
	return n
}
