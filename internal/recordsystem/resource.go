package recordsystem

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// namespace is the UUID namespace of the flags' identifiers (RFC 9562 §5.5). It is fixed, so that every terminal
// computes the same identifier for a patient.
var namespace = uuid.MustParse("6f1c1f0e-3a0d-4c8e-9b8f-5a3c8a1d7e42")

// kindAlert is the kind of flag. A patient could have flags of several kinds.
const kindAlert = "cp-is-alert"

// identifierOf returns the value of the flag's identifier, a urn:uuid. It is sent in headers instead of the NHS
// number. It isn't secret, because anyone who knows the number can compute it.
func identifierOf(n nhs.Number) string {
	return "urn:uuid:" + uuid.NewSHA1(namespace, []byte(kindAlert+"|"+n.Digits())).String()
}

// resourceOf returns the FHIR resource of a flag.
func resourceOf(f Flag) fhir.Flag {
	r := fhir.Flag{
		ResourceType: "Flag", Status: "active",
		Identifier: []fhir.Identifier{{System: fhir.SystemURI, Value: identifierOf(f.Number)}},
		Category: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: fhir.SystemFlagSafety, Code: "safety", Display: "Safety",
		}}}},
		Code: fhir.CodeableConcept{
			Coding: []fhir.Coding{{
				System: fhir.SystemFlagCategory, Code: fhir.CodeCPISFlag,
				Display: "Child Protection - Information Sharing flag",
			}},
			Text: "There is a child protection alert (CP-IS)",
		},
		Subject: *fhir.NHSNumberReference(f.Number.Digits()),
		Period:  &fhir.Period{Start: f.AsOf.UTC().Format(time.RFC3339)},
	}

	r.Subject.Type = "Patient"
	if f.Author.UUID != "" {
		r.Author = &fhir.Reference{Type: "Practitioner", Display: text.Clean(f.Author.Name, 0)}
		if nhs.IsUserID(f.Author.UUID) {
			r.Author.Identifier = &fhir.Identifier{System: fhir.SystemSDSUser, Value: f.Author.UUID}
		}
	}

	return r
}

// existing returns the status of the flag with the identifier in a response of the record system, which must be a Flag
// or a searchset with exactly one. The error says why it wasn't found; it contains no patient data.
func existing(body []byte, identifier string) (status string, err error) {
	switch fhir.TypeOf(body) {
	case "Flag":
		var f fhir.Flag
		if err := json.Unmarshal(body, &f); err != nil {
			return "", errors.New("the Flag cannot be read")
		}
		if !slices.ContainsFunc(f.Identifier, func(i fhir.Identifier) bool { return i.Value == identifier }) {
			return "", errors.New("the Flag is another one: the search by identifier was not carried out")
		}
		return f.Status, nil
	case "Bundle":
		var b fhir.Bundle
		if err := json.Unmarshal(body, &b); err != nil {
			return "", errors.New("the searchset cannot be read")
		}

		found := ""
		for _, e := range b.Entry {
			if fhir.TypeOf(e.Resource) != "Flag" {
				continue
			}
			status, err := existing(e.Resource, identifier)
			if err != nil {
				return "", err
			}
			if found == "" || status == "active" {
				found = status
			}
		}

		if found == "" {
			return "", errors.New("the searchset has no such Flag")
		}

		return found, nil
	default:
		return "", errors.New("neither a Flag nor a searchset")
	}
}
