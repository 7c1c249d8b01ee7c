package hubtest

import (
	"encoding/json"
	"net/http"
	"strings"

	"wardlight/internal/fhir"
)

// Names of the routes of Summary Care Records and of privacy alerts.
const (
	LatestSummary = "latest summary"
	Summary       = "summary"
	Alerts        = "alerts"
	CloseAlert    = "close alert"
)

const summaryCareRecord = "/summary-care-record/FHIR/R4/"

// SummaryID is the id of the summary of WithAlert, which has one. NoAlert has none.
const SummaryID = "0B1F5A0C-58C1-4F5B-9D61-7C1D8F6F3E11"

// AlertID is the id of the only privacy alert.
const AlertID = "4f3c1de0-6d0d-4e0a-9f61-5a4a9d9a7f10"

type object = map[string]any

// SummarySection returns a section of a summary with XHTML.
func SummarySection(code, title, div string) any {
	return object{
		"title": title, "code": object{"coding": []object{{"code": code}}},
		"text": object{"status": "generated", "div": div},
	}
}

// DefaultSections returns the sections of the summary of WithAlert: two allergies, a medicine, an empty section and
// treatments.
func DefaultSections() []any {
	const table = `<div xmlns="http://www.w3.org/1999/xhtml"><table><tr><th>Date</th><th>Description</th></tr>`
	return []any{
		SummarySection("AllergiesHeader", "Allergies and Adverse Reactions",
			table+`<tr><td>12-May-2020</td><td>Allergy to penicillin</td></tr>`+
				`<tr><td>03-Jun-2021</td><td>Adverse reaction to ibuprofen</td></tr></table></div>`),
		SummarySection("RepeatMedsHeader", "Current Repeat Medications", table+
			`<tr><td>01-Oct-2026</td><td>Salbutamol 100 micrograms/dose inhaler, two puffs as required</td></tr>`+
			`</table></div>`),
		SummarySection("AcuteMedsHeader", "Acute Medications", `<div xmlns="http://www.w3.org/1999/xhtml"></div>`),
		SummarySection("TreatmentsHeader", "Treatments",
			table+`<tr><td>04-Mar-2024</td><td>Asthma clinic</td></tr></table></div>`),
	}
}

func (h *Hub) latestSummary(w http.ResponseWriter, r *http.Request) {
	number := summaryNumber(r, "patient")
	if number != WithAlert {
		Reply(w, r, http.StatusOK, h.SummarySet())
		return
	}
	Reply(w, r, http.StatusOK, h.SummarySet(SummaryReference("Ask"), summaryPatient(number)))
}

func (h *Hub) summary(w http.ResponseWriter, r *http.Request) {
	number := summaryNumber(r, "composition.subject:Patient.identifier")
	if number != WithAlert || r.URL.Query().Get("composition.identifier") != SummaryID {
		Reply(w, r, http.StatusOK, h.SummarySet())
		return
	}
	Reply(w, r, http.StatusOK, h.SummaryOf(number, DefaultSections()...))
}

// summaryNumber returns the NHS number in a parameter.
func summaryNumber(r *http.Request, parameter string) string {
	return strings.TrimPrefix(r.URL.Query().Get(parameter), fhir.SystemNHSNumber+"|")
}

// SummarySet returns a searchset of resources. As in the NHS API, it needs no timestamp.
func (*Hub) SummarySet(resources ...any) any {
	entries := make([]object, len(resources))
	for i, resource := range resources {
		entries[i] = object{"resource": resource}
	}
	return object{"resourceType": "Bundle", "type": "searchset", "total": len(resources), "entry": entries}
}

// SummaryReference returns the DocumentReference of a summary with a permission to share: Ask or No.
func SummaryReference(permission string) any {
	return object{
		"resourceType": "DocumentReference", "id": "d", "status": "current",
		"masterIdentifier": object{"system": "https://fhir.nhs.uk/Id/nhsSCRUUID", "value": SummaryID},
		"type":             object{"coding": []object{{"system": fhir.SystemSNOMED, "code": "196981000000101"}}},
		"subject":          object{"reference": "Patient/p"},
		"securityLabel": []object{{"coding": []object{{
			"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": permission,
		}}}},
	}
}

func summaryPatient(number string) any {
	return object{
		"resourceType": "Patient", "id": "p",
		"identifier": []object{{"system": fhir.SystemNHSNumber, "value": number}},
	}
}

// SummaryOf returns the answer with a summary of a patient with these sections.
func (h *Hub) SummaryOf(number string, sections ...any) any {
	return h.SummarySet(object{
		"resourceType": "Composition", "id": SummaryID, "status": "final",
		"type":    object{"coding": []object{{"system": fhir.SystemSNOMED, "code": "196981000000101"}}},
		"subject": object{"reference": "Patient/p"}, "date": "2026-11-20T08:15:00+00:00",
		"author": []object{{"reference": "Practitioner/x"}}, "section": sections,
	}, summaryPatient(number), object{
		"resourceType": "Practitioner", "id": "x", "name": []object{{"text": "Dr Tess Example"}},
	})
}

func (h *Hub) alerts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ReplyJSON(w, r, http.StatusOK, object{
		"organisation": "X99", "state": q.Get("state"), "from": q.Get("from"), "to": q.Get("to"),
		"made": h.Clock().UTC(), "kinds": []string{"access"}, "not_shown": []string{"claim"},
		"alerts": []any{h.PrivacyAlert()},
	})
}

// PrivacyAlert returns the only privacy alert, about an emergency.
func (h *Hub) PrivacyAlert() map[string]any {
	return object{
		"id": AlertID, "at": h.Clock().UTC(), "kind": "access", "type": object{"code": "2", "display": "Access Alert"},
		"reason": object{"code": "5", "display": "Access made in an emergency"}, "words": "unconscious",
		"patient": WithAlert, "summary": SummaryID, "person": object{"uuid": UUID, "name": "SAMPLE, Ada"},
		"urid": "999000000222", "role": "Nurse Access Role", "session": "s-1",
		"request_id": "6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10",
		"national":   object{"state": "waiting"},
	}
}

func (h *Hub) closeAlert(w http.ResponseWriter, r *http.Request) {
	var given struct{ Note string }
	if json.NewDecoder(r.Body).Decode(&given) != nil || r.PathValue("id") != AlertID {
		Refuse(w, r, http.StatusNotFound, "RESOURCE_NOT_FOUND", "")
		return
	}
	alert := h.PrivacyAlert()
	alert["closed"] = object{
		"at": h.Clock().UTC(), "by": object{"uuid": UUID, "name": "SAMPLE, Ada"}, "note": given.Note,
	}
	ReplyJSON(w, r, http.StatusOK, alert)
}
