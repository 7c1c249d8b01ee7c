package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"wardlight/internal/fhir"
)

// patientFlags is the path of the newer shape of the alerts (Patient Flags FHIR R4 API).
const patientFlags = "/patient-flags/FHIR/R4"

// offersTimeout is how long the answer that a hub doesn't offer the Patient Flags API is valid. A hub may be updated
// while this program runs.
const offersTimeout = time.Hour

// offers is what is known about the APIs that a hub offers.
type offers struct {
	mu    sync.Mutex
	flags bool      // the Patient Flags API
	asked time.Time // when flags was answered; zero if it is not known
}

// known returns whether the hub offers the Patient Flags API, and whether that is known.
func (o *offers) known(now time.Time) (flags, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	age := now.Sub(o.asked)
	return o.flags, !o.asked.IsZero() && (o.flags || age >= 0 && age < offersTimeout)
}

func (o *offers) set(flags bool, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flags, o.asked = flags, now
}

// OffersFlags reports whether the hub offers the Patient Flags API, by its CapabilityStatement. It makes at most one
// call until the answer is known, and another an hour after the hub has denied it. Errors are *Error: whether the hub
// offers it is not known then.
func (h *Hub) OffersFlags(ctx context.Context) (bool, error) {
	if flags, ok := h.offers.known(h.clock()); ok {
		return flags, nil
	}

	c := call{
		method: http.MethodGet, path: patientFlags + "/metadata", route: patientFlags + "/metadata",
		requestID: h.newID(), accept: fhir.MediaType, silent: true,
	}
	ans, err := h.do(ctx, c)
	if err != nil {
		return false, err
	}
	flags, err := readOffers(c, ans, h.clock())
	if err != nil {
		return false, err
	}
	h.offers.set(flags, h.clock())
	return flags, nil
}

// readOffers returns whether a CapabilityStatement has the search for all flags of a patient. An OperationOutcome with
// a status for an unknown path means that it is not offered; without one, the answer may be that of a proxy.
func readOffers(c call, a answer, now time.Time) (bool, error) {
	switch a.status {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		if fhir.TypeOf(a.body) == "OperationOutcome" {
			return false, nil
		}
		fallthrough
	default:
		return false, refusal(c, a, now)
	}

	var s fhir.CapabilityStatement
	if !isType(a, fhir.MediaType) || json.Unmarshal(a.body, &s) != nil || s.ResourceType != "CapabilityStatement" {
		return false, malformed(c, a, "not a CapabilityStatement")
	}
	return slices.ContainsFunc(s.Rest, func(r fhir.Capability) bool {
		return r.Mode == "server" && slices.ContainsFunc(r.Resource, searchesFlags)
	}), nil
}

// searchesFlags reports whether a server searches flags by patient.
func searchesFlags(r fhir.ResourceCapability) bool {
	return r.Type == "Flag" && slices.Contains(r.Interaction, fhir.Interaction{Code: "search-type"}) &&
		slices.ContainsFunc(r.SearchParam, func(p fhir.SearchParam) bool { return p.Name == "patient" })
}

// codeUnsupported is the Spine code for a request that the hub doesn't serve.
const codeUnsupported = "UNSUPPORTED_SERVICE"

// notServed reports whether a hub has refused a request because it doesn't serve its path.
func notServed(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound && e.SpineCode == codeUnsupported
}
