package nationaltest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/fhir"
)

// maxRows is the maximum number of rows in a person's search. Application-restricted access returns one match.
const maxRows = 50

// person is a patient of PDS.
type person struct {
	fhir.Patient
	supersededBy string
	invalidated  bool
	related      []fhir.RelatedPerson
}

// PutPatient adds a patient, or replaces the one with the same NHS number. Unlike PDS, the stand-in doesn't remove the
// location from a restricted record, so that tests show whether the hub does.
func (p *Platform) PutPatient(patient fhir.Patient, related ...fhir.RelatedPerson) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[patient.ID] = &person{Patient: patient, related: related}
}

// Supersede makes PDS answer with the current record for the number old.
func (p *Platform) Supersede(old, current string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.people[old] == nil {
		p.people[old] = &person{}
	}
	p.people[old].supersededBy = current
}

// Invalidate marks a record as invalid.
func (p *Platform) Invalidate(number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[number].invalidated = true
}

// Remove removes a record.
func (p *Platform) Remove(number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.people, number)
}

// current returns the current record of a number. It writes the error if there is none.
func (p *Platform) current(w http.ResponseWriter, number string) *person {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.people[number]
	for found != nil && found.supersededBy != "" {
		found = p.people[found.supersededBy]
	}
	switch {
	case found == nil:
		outcome(w, http.StatusNotFound, "not_found", "RESOURCE_NOT_FOUND", "")
		return nil
	case found.invalidated:
		outcome(w, http.StatusNotFound, "not_found", "INVALIDATED_RESOURCE", "")
		return nil
	}
	return found
}

func (p *Platform) patient(w http.ResponseWriter, r *http.Request) {
	found := p.current(w, strings.TrimPrefix(r.URL.Path, PDSBase+"/Patient/"))
	if found == nil {
		return
	}
	if found.Meta != nil && found.Meta.VersionID != "" {
		w.Header().Set("ETag", `W/"`+found.Meta.VersionID+`"`)
	}
	reply(w, http.StatusOK, fhir.MediaType, found.Patient)
}

func (p *Platform) related(w http.ResponseWriter, r *http.Request) {
	number, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, PDSBase+"/Patient/"), "/")
	found := p.current(w, number)
	switch {
	case found == nil:
		return
	case len(found.related) == 0:
		outcome(w, http.StatusNotFound, "not_found", "RESOURCE_NOT_FOUND", "")
		return
	}
	b := fhir.NewSearchset("")
	for _, x := range found.related {
		if err := b.Match(p.PDSURL()+"/Patient/"+found.ID+"/RelatedPerson/"+x.ID, nil, x); err != nil {
			panic(err) // encoding the package's own values can't fail
		}
		b.Entry[len(b.Entry)-1].Search = nil // PDS has none
	}
	reply(w, http.StatusOK, fhir.MediaType, b)
}

func (p *Platform) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("family") == "" || query.Get("birthdate") == "" {
		outcome(w, http.StatusBadRequest, "value", "INVALID_SEARCH_DATA", "Invalid search data provided - 'No "+
			"searches were performed as the search criteria did not meet the minimum requirements'")
		return
	}

	limit := 1
	if p.personal(r) {
		limit = maxRows
		if n, err := strconv.Atoi(query.Get("_max-results")); err == nil {
			limit = n
		}
	}

	p.mu.Lock()
	var found []*person
	for _, x := range p.people {
		if x.supersededBy == "" && !x.invalidated && x.matches(query) {
			found = append(found, x)
		}
	}
	p.mu.Unlock()
	if len(found) > limit {
		outcome(w, http.StatusOK, "multiple-matches", "TOO_MANY_MATCHES", "")
		return
	}

	slices.SortFunc(found, func(a, b *person) int { return strings.Compare(a.ID, b.ID) })
	b, score := fhir.NewSearchset("2019-12-25T12:00:00+00:00"), 1.0
	for _, x := range found {
		if err := b.Match(p.PDSURL()+"/Patient/"+x.ID, &score, x.Patient); err != nil {
			panic(err) // encoding the package's own values can't fail
		}
		b.Entry[len(b.Entry)-1].Search.Mode = "" // PDS has none
	}
	reply(w, http.StatusOK, fhir.MediaType, b)
}

// matches reports whether the patient matches the names and birth dates of a query. In a wider search one of the names
// is enough.
func (x *person) matches(query url.Values) bool {
	for _, born := range query["birthdate"] {
		date := strings.TrimLeft(born, "eqlg")
		switch {
		case strings.HasPrefix(born, "ge") && x.BirthDate < date, strings.HasPrefix(born, "le") && x.BirthDate > date,
			!strings.HasPrefix(born, "ge") && !strings.HasPrefix(born, "le") && x.BirthDate != date:
			return false
		}
	}

	wider := query.Get("_fuzzy-match") == "true"
	return slices.ContainsFunc(x.Name, func(n fhir.HumanName) bool {
		family := same(query.Get("family"), n.Family)
		given := len(query["given"]) == 0 || slices.ContainsFunc(n.Given, func(g string) bool {
			return same(query.Get("given"), g)
		})
		return family && given || wider && (family || given)
	})
}

// same reports whether a name matches what was asked for, which may end with a wildcard.
func same(asked, name string) bool {
	if start, wild := strings.CutSuffix(asked, "*"); wild {
		return len(name) >= len(start) && strings.EqualFold(start, name[:len(start)])
	}
	return strings.EqualFold(asked, name)
}

// outcome writes an error of PDS.
func outcome(w http.ResponseWriter, status int, issue, code, diagnostics string) {
	severity := "error"
	if status < http.StatusBadRequest || status == http.StatusNotFound {
		severity = "information"
	}
	reply(w, status, fhir.MediaType, fhir.NewOutcome(severity, issue, code, code, diagnostics))
}

// Example returns a patient with the number.
func Example(number string) fhir.Patient {
	return fhir.Patient{
		ResourceType: "Patient", ID: number, Gender: "female", BirthDate: "2016-03-04",
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: number}},
		Meta:       &fhir.Meta{VersionID: "2", Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: "U"}}},
		Name:       []fhir.HumanName{{ID: "1", Use: "usual", Family: "Example", Given: []string{"Tess"}}},
		Address:    []fhir.Address{{ID: "1", Use: "home", Line: []string{"1 Made Up Row"}, PostalCode: "LS1 4AP"}},
	}
}
