package notify

import (
	"encoding/json"
	"slices"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// About returns the NHS number that the message of a notification is about: the first entity of its AuditEvent. It
// returns false for a message that [Compose] didn't make.
func About(body []byte) (nhs.Number, bool) {
	var b fhir.Bundle
	if json.Unmarshal(body, &b) != nil {
		return "", false
	}
	i := slices.IndexFunc(b.Entry, func(e fhir.Entry) bool { return fhir.TypeOf(e.Resource) == "AuditEvent" })
	if i < 0 {
		return "", false
	}
	var event fhir.AuditEvent
	if json.Unmarshal(b.Entry[i].Resource, &event) != nil || len(event.Entity) == 0 {
		return "", false
	}
	what := event.Entity[0].What
	if what == nil || what.Identifier == nil || what.Identifier.System != fhir.SystemNHSNumber {
		return "", false
	}
	number, err := nhs.ParseNumber(what.Identifier.Value)
	return number, err == nil
}
