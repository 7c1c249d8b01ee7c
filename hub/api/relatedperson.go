package api

import (
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// relatedPersons returns GET /Patient/{number}/RelatedPerson (PDS FHIR R4 API).
func (a *API) relatedPersons(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	number, err := c.patient()
	if err != nil {
		return nil, err
	}
	related, err := a.Trace.RelatedPersons(c.ctx, number)
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
