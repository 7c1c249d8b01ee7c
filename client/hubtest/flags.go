package hubtest

import (
	"net/http"

	"wardlight/internal/fhir"
)

// patientFlags is the path of the Patient Flags API.
const patientFlags = "/patient-flags/FHIR/R4/"

// OfferFlags makes the hub offer the Patient Flags API, as the hubs of this version do. Before, it is a hub of an older
// version, which offers only the draft CP-IS guide's.
func (h *Hub) OfferFlags() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offers = true
}

func (h *Hub) offersFlags() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.offers
}

func (h *Hub) metadata(w http.ResponseWriter, r *http.Request) {
	if !h.offersFlags() {
		Refuse(w, r, http.StatusNotFound, "UNSUPPORTED_SERVICE", "")
		return
	}
	Reply(w, r, http.StatusOK, &fhir.CapabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Date: "2026-11-30", Kind: "instance",
		FHIRVersion: "4.0.1", Format: []string{fhir.MediaType},
		Rest: []fhir.Capability{{Mode: "server", Resource: []fhir.ResourceCapability{{
			Type: "Flag", Interaction: []fhir.Interaction{{Code: "search-type"}},
			SearchParam: []fhir.SearchParam{{Name: "patient", Type: "reference"}},
		}}}},
	})
}

// FlagOf returns a flag of the patient with a code of England-FlagCategoryPatient.
func FlagOf(number, code string) *fhir.Flag {
	f := Lamp(number)
	f.Code.Coding[0].Code = code
	return f
}

// FlagsOf returns a searchset of the Patient Flags API with these flags of the patient.
func (h *Hub) FlagsOf(number string, flags ...any) *fhir.Bundle {
	b := h.Searchset(flags...)
	b.Link = []fhir.BundleLink{{Relation: "self", URL: h.URL + patientFlags + "Flag?patient=" + number}}
	return b
}

// NotKnown adds an outcome to an answer: it is not known whether there is a flag with the code. issue is a FHIR
// IssueType.
func NotKnown(b *fhir.Bundle, code, issue, spineCode string) *fhir.Bundle {
	o := fhir.NewOutcome("error", issue, spineCode, spineCode, "")
	o.Issue[0].Details.Coding = append(o.Issue[0].Details.Coding,
		fhir.Coding{System: fhir.SystemFlagCategory, Code: code})
	if err := b.Outcome("urn:uuid:c8d30000-0000-4000-8000-000000000004", o); err != nil {
		panic(err) // the structs of this package always marshal
	}
	return b
}

// allFlags answers with a child protection flag and a reasonable adjustments flag of WithAlert, and with none of the
// other patients.
func (h *Hub) allFlags(w http.ResponseWriter, r *http.Request) {
	if !h.offersFlags() {
		Refuse(w, r, http.StatusNotFound, "UNSUPPORTED_SERVICE", "")
		return
	}
	switch n := r.URL.Query().Get("patient"); n {
	case WithAlert:
		Reply(w, r, http.StatusOK, h.FlagsOf(n, FlagOf(n, fhir.CodeCPISFlag), FlagOf(n, fhir.CodeAdjustmentsFlag)))
	case NoRecord:
		Reply(w, r, http.StatusOK, WithRecordMissing(NotKnown(h.FlagsOf(n, FlagOf(n, fhir.CodeCPISFlag)),
			fhir.CodeAdjustmentsFlag, "not-found", "RESOURCE_NOT_FOUND")))
	case NoAlert, Superseded:
		Reply(w, r, http.StatusOK, h.FlagsOf(n))
	default:
		Refuse(w, r, http.StatusNotFound, "RESOURCE_NOT_FOUND", "")
	}
}
