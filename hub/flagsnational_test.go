package hub_test

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// newNationalFlags returns a hub whose alerts and other flags come from the same service.
func newNationalFlags(t *testing.T) *flagsFixture {
	t.Helper()
	f := newFlagsFixture(t)
	f.service.AddAdjustments(tess.Digits(), "Requires support")
	f.service.AddFGM(tess.Digits())
	return f
}

// TestFlags_NationalService asks a national service for all flags in the newer shape: one request to it for each
// request of a person, and nobody is notified.
func TestFlags_NationalService(t *testing.T) {
	f := newNationalFlags(t)
	for i, c := range []struct {
		role   string
		number nhs.Number
		want   string
	}{
		{nurse, tess, "child protection: flag, adjustments: flag"},
		{gp, tess, "child protection: flag, adjustments: flag"},
		{clerk, tess, "child protection: forbidden, adjustments: flag"},
		{nurse, plain, ""},
	} {
		r := f.terminal.get(c.role, allFlags, flagsOf(c.number))
		if got := r.said(t, c.number); got != c.want {
			t.Errorf("flags of %s as %s: got %q, want %q", c.number, c.role, got, c.want)
		}
		if strings.Contains(r.body, "FARSHIRE") || strings.Contains(r.body, "Requires support") {
			t.Errorf("flags as %s: got %s, want nothing of the plan or the details", c.role, r.body)
		}
		if flags, details := f.asked(); flags != i+1 || details != 0 {
			t.Errorf("after %d requests: got %d requests for flags and %d for details", i+1, flags, details)
		}
	}
	f.checkSilent()
}

// No failure of the service reads "none recorded" of any kind of flag, and each has its code.
func TestFlags_NationalServiceFails(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a gateway's page":   nationaltest.Gateway(http.StatusBadGateway),
		"refused":            nationaltest.Gateway(http.StatusForbidden),
		"unavailable":        nationaltest.Wait(http.StatusServiceUnavailable, 3600),
		"too many requests":  nationaltest.Wait(http.StatusTooManyRequests, 3600),
		"not known":          nationaltest.Outcome(http.StatusNotFound, "not-found", "RESOURCE_NOT_FOUND"),
		"malformed":          nationaltest.Body(fhir.MediaType, "{"),
		"an empty object":    nationaltest.Body(fhir.MediaType, "{}"),
		"another media type": nationaltest.Body("text/html", "<h1>"),
		"no answer":          nationaltest.Drop,
	} {
		t.Run(name, func(t *testing.T) {
			f := newNationalFlags(t)
			f.platform.Replace(nationaltest.Flags, answer)
			for _, n := range []nhs.Number{tess, plain} {
				r := f.terminal.get(nurse, allFlags, flagsOf(n))
				got := r.said(t, n)
				if strings.Contains(got, ": flag") || !strings.Contains(got, "child protection: ") ||
					!strings.Contains(got, "adjustments: ") {
					t.Errorf("flags of %s: got %q, want neither kind known", n, got)
				}
				if strings.Count(r.body, `"code":"patient-flags-`) != 2 {
					t.Errorf("flags of %s: got %s, want the code of the failure twice", n, r.body)
				}
				trail := f.trail()
				last := trail[len(trail)-1]
				if last.Outcome != audit.Failed || !strings.HasPrefix(last.Reason, "patient-flags-") {
					t.Errorf("audit: got %s %q, want a failure with its code", last.Outcome, last.Reason)
				}
			}
		})
	}
}

// A service whose every query notifies is not asked for the lamp. The other flags are the hub's own.
func TestFlags_Spine(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	must(t, s.sqlite.PutFlag(t.Context(), adjustments(tess)))
	r := s.signIn().get(nurse, allFlags, flagsOf(tess))
	if got := r.said(t, tess); got != "child protection: not-supported, adjustments: flag" ||
		!strings.Contains(r.body, `"code":"spine-opening-asks"`) {
		t.Errorf("flags: got %q, body %s; want that only an opening asks", got, r.body)
	}
	s.checkNothingWritten(tess)
}
