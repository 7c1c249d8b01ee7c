package national

import (
	"encoding/json"
	"mime"
	"net/http"

	"wardlight/internal/fhir"
)

// Answer is an answer of a national service: of any status that isn't a Failure of [Client.Do].
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// IsFHIR reports whether the answer has the media type of FHIR. The page of a proxy or a gateway has another.
func (a Answer) IsFHIR() bool {
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return err == nil && kind == fhir.MediaType
}

// Outcome returns the OperationOutcome in the answer, or false if the answer isn't one.
func (a Answer) Outcome() (o fhir.OperationOutcome, ok bool) {
	if !a.IsFHIR() || json.Unmarshal(a.Body, &o) != nil || o.ResourceType != "OperationOutcome" {
		return fhir.OperationOutcome{}, false
	}
	return o, true
}
