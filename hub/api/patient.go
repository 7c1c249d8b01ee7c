package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// searchPatients answers GET /Patient?… (PDS FHIR R4 API).
func (a *API) searchPatients(c *call) (*answer, error) {
	q, err := trace.ParseQuery(c.query, c.today)
	if err != nil {
		return nil, err
	}

	rows, err := a.People.Search(c.ctx, q)
	if err != nil {
		return nil, err
	}

	got := &answer{}
	b := fhir.NewSearchset(stamp(c.now))
	for i := range rows {
		row := &rows[i]
		*b.Total++
		search := &fhir.Search{Score: &row.Score} // PDS returns a score and no mode
		if row.Other != "" {
			search.Extension = []fhir.Extension{{URL: fhir.ExtensionSearchOther, ValueCode: string(row.Other)}}
		}
		b.Entry = append(b.Entry, fhir.Entry{
			FullURL: a.Issuer + pdsBase + "/Patient/" + row.Number.Digits(), Search: search, Resource: row.Document,
		})
		got.patients = append(got.patients, row.Number)
	}

	got.body, err = marshal(b)
	return got, err
}

// retrievePatient answers GET /Patient/{number}. For a superseded number it returns the current record.
func (a *API) retrievePatient(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	number, err := c.patient()
	if err != nil {
		return nil, err
	}
	p, err := a.People.Retrieve(c.ctx, number)
	if err != nil {
		return nil, err
	}
	return &answer{body: p.Document, patients: []nhs.Number{p.Number}, etag: etag(p.Version)}, nil
}

// relatedPersons answers GET /Patient/{number}/RelatedPerson (PDS FHIR R4 API).
func (a *API) relatedPersons(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}

	number, err := c.patient()
	if err != nil {
		return nil, err
	}

	related, err := a.People.RelatedPersons(c.ctx, number)
	if err != nil {
		return nil, err
	}

	b := fhir.NewSearchset(stamp(c.now))
	for _, r := range related.Persons {
		*b.Total++
		url := a.Issuer + pdsBase + "/Patient/" + related.Number.Digits() + "/RelatedPerson/" + r.ID
		if err := b.Append(url, r.Document); err != nil {
			return nil, err
		}
	}

	got := &answer{patients: []nhs.Number{related.Number}, etag: etag(related.Version)}
	got.body, err = marshal(b)
	return got, err
}

// patient parses the NHS number in the path.
func (c *call) patient() (nhs.Number, error) {
	given := c.request.PathValue("number")
	number, err := nhs.ParseNumber(given)
	if err != nil || number.Digits() != given {
		return "", &problem{status: http.StatusBadRequest, code: "INVALID_RESOURCE_ID"}
	}
	return number, nil
}

// etag returns the ETag header of a record's version, which an update would have to match, or "" without a version.
func etag(version string) string {
	if version == "" {
		return ""
	}
	return `W/"` + version + `"`
}

// unknownParameters returns an error for a parameter that isn't known.
func unknownParameters(query url.Values, known ...string) error {
	return trace.Additional(query, func(name string) bool { return slices.Contains(known, name) })
}

// stamp formats a time as the answers contain it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func marshal(resource any) ([]byte, error) {
	body, err := json.Marshal(resource)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return body, nil
}
