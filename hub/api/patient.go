package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// searchPatients is GET /Patient?… (PDS FHIR R4 API).
func (a *API) searchPatients(c *call) (*answer, error) {
	q, err := trace.ParseQuery(c.query, c.today)
	if err != nil {
		return nil, err
	}
	rows, err := a.Trace.Search(c.ctx, q)
	if err != nil {
		return nil, err
	}
	got := &answer{}
	b := fhir.NewSearchset(stamp(c.now))
	for i := range rows {
		row := &rows[i]
		if err := b.Match(a.Issuer+pdsBase+"/Patient/"+row.Number.Digits(), &row.Score, row.Document); err != nil {
			return nil, err
		}
		got.patients = append(got.patients, row.Number)
	}
	got.body, err = marshal(b)
	return got, err
}

// retrievePatient is GET /Patient/{number}. Of a superseded number it gives the record that superseded it.
func (a *API) retrievePatient(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	number, err := nhs.ParseNumber(c.number)
	if err != nil || number.Digits() != c.number {
		return nil, badRequest("INVALID_RESOURCE_ID", "Invalid value - '%s' in field 'id'", c.number)
	}
	p, err := a.Trace.Retrieve(c.ctx, number)
	if err != nil {
		return nil, err
	}
	got := &answer{body: p.Document, patients: []nhs.Number{p.Number}}
	if p.Version != "" {
		got.etag = `W/"` + p.Version + `"`
	}
	return got, nil
}

// unknownParameters refuses any parameter but the known ones.
func unknownParameters(query url.Values, known ...string) error {
	return trace.Additional(query, func(name string) bool {
		for _, k := range known {
			if k == name {
				return true
			}
		}
		return false
	})
}

// stamp is an instant as the answers have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func marshal(resource any) ([]byte, error) {
	body, err := json.Marshal(resource)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return body, nil
}
