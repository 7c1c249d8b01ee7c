package main

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
)

// Flags besides child protection are shown after it, with states of their own. They do not change the exit code.
func TestAlert_OtherFlags(t *testing.T) {
	b := setUp(t)
	b.hub.OfferFlags()
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert), map[string]any{
		"state": "alert", "error": nil, "flags.0.kind": string(client.ReasonableAdjustments),
		"flags.0.kind_words": "Reasonable adjustments", "flags.0.state": "flag", "flags.0.reason": "",
		"flags.0.error": nil,
	})
	out := b.run(t, exitDone, "alert", hubtest.WithAlert)
	alert, flag := strings.Index(out, "ALERT   child protection alert"), strings.Index(out,
		"Reasonable adjustments   FLAG, as of")
	if alert < 0 || flag < alert || strings.Count(out, "ALERT") != 1 {
		t.Errorf("got\n%s\nwant the alert, and then the flag", out)
	}

	// Neither lamp takes the other's failure for its own.
	b.hub.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, hubtest.NotKnown(b.hub.FlagsOf(hubtest.NoAlert), fhir.CodeAdjustmentsFlag,
			"transient", "UNABLE_TO_CALL_SERVICE"))
	})
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.NoAlert), map[string]any{
		"state": "none_recorded", "error": nil, "flags.0.state": "could_not_check", "flags.0.as_of": nil,
	})
	out = b.run(t, exitDone, "alert", hubtest.NoAlert)
	if !strings.Contains(out, "none recorded   as of") || !strings.Contains(out,
		"Reasonable adjustments   could not check") {
		t.Errorf("got\n%s\nwant none recorded, and the flag that could not be checked", out)
	}

	b.hub.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, hubtest.NotKnown(b.hub.FlagsOf(hubtest.NoAlert,
			hubtest.FlagOf(hubtest.NoAlert, fhir.CodeAdjustmentsFlag)), fhir.CodeCPISFlag, "transient",
			"UNABLE_TO_CALL_SERVICE"))
	})
	checkMembers(t, b.json(t, exitHub, "alert", hubtest.NoAlert), map[string]any{
		"state": "could_not_check", "flags.0.state": "flag",
	})
	out = b.run(t, exitHub, "alert", hubtest.NoAlert)
	if strings.Contains(out, "none recorded") || !strings.Contains(out, "Reasonable adjustments   FLAG") {
		t.Errorf("got\n%s\nwant could not check, and the flag", out)
	}
}
