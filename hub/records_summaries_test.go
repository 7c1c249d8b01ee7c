package hub_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"wardlight/internal/nhs"
)

// summaryAskings returns requests for every route of summaries and of privacy alerts, and every outcome. alert is the
// ID of an open alert about tess of the organisation RX1.
func summaryAskings(alert string) []asking {
	id := summaryOf(tess, start).ID
	event, note := auditEvent(tess, 1, 6), `{"note":"Asked the ward."}`
	ofTess := []nhs.Number{tess}
	post := func(role, path, action, body string) asking {
		return asking{urid: role, path: path, action: action, method: http.MethodPost, body: body}
	}

	find := asking{urid: reader, path: scrReference, query: scrOf(tess), action: "look for a summary", whom: ofTess}
	view := asking{
		urid: reader, path: scrBundle, query: viewOf(tess, id), action: "view a summary", whom: ofTess,
		change: []func(*http.Request){agreed},
	}
	raise := post(reader, scrAlert, "raise a privacy alert", event)
	list := asking{urid: viewOfficer, path: privacyAlerts, action: "see privacy alerts"}
	closing := post(viewOfficer, privacyAlerts+"/"+alert+"/close", "close a privacy alert", note)

	var all []asking
	add := func(a asking, name string, status int, reason string, change ...func(*asking)) {
		route := http.MethodGet + " " + a.path
		if a.method != "" {
			route = a.method + " " + strings.Replace(a.path, alert, "{id}", 1)
		}
		a.name, a.status, a.reason, a.query = route+": "+name, status, reason, maps.Clone(a.query)
		switch a.outcome = "refused"; {
		case status < 300:
			a.outcome = "granted"
		case status >= 500:
			a.outcome = "failed"
		}
		for _, c := range change {
			c(&a)
		}
		all = append(all, a)
	}
	of := func(whom []nhs.Number) func(*asking) { return func(a *asking) { a.whom = whom } }
	in := func(role string) func(*asking) { return func(a *asking) { a.urid = role } }
	about := func(n nhs.Number) func(*asking) {
		return func(a *asking) {
			a.body = strings.ReplaceAll(a.body, tess.Digits(), n.Digits())
			for name, values := range a.query {
				a.query.Set(name, strings.ReplaceAll(values[0], tess.Digits(), n.Digits()))
			}
			a.whom = []nhs.Number{n}
		}
	}
	permission := func(set func(*http.Request), action string) func(*asking) {
		return func(a *asking) { a.change, a.action = []func(*http.Request){set}, action }
	}

	const inEmergency, byLaw = "view a summary in an emergency", "view a summary by legal override"
	add(find, "granted", 200, "")
	add(find, "none on file", 200, "", about(plain))
	add(view, "the patient agreed", 200, "summary "+id+", permission patient")
	add(view, "emergency", 200, "summary "+id+", permission emergency: Unconscious, no relatives — 3 a.m.",
		in(emergencyMD), permission(emergency, inEmergency))
	add(view, "by law", 200, "summary "+id+", permission legal (statute): Section 47", in(legalMD),
		permission(legal, byLaw))
	outdated := strings.ToUpper(uuid.NewString())
	add(view, "outdated", 200, "no summary "+outdated, func(a *asking) { a.query = viewOf(tess, outdated) })
	add(view, "without a permission", 400, "PRECONDITION_FAILED", func(a *asking) { a.change = nil })
	add(view, "emergency without B0168", 403, "ACCESS_DENIED", permission(emergency, inEmergency))
	add(view, "by law without B0082", 403, "ACCESS_DENIED", permission(legal, byLaw))
	add(raise, "granted", 201, "create lr (self claimed): other", of(ofTess))
	add(raise, "not an AuditEvent", 400, "INVALID_VALUE", func(a *asking) { a.body = "{}" })
	add(list, "granted", 200, "all alerts until to now")
	add(list, "of a month", 200, "open alerts 2026-07-01 to 2026-07-31", func(a *asking) {
		a.query = url.Values{"state": {"open"}, "from": {"2026-07-01"}, "to": {"2026-07-31"}}
	})
	add(list, "not a state", 400, "INVALID_SEARCH_DATA", func(a *asking) { a.query = url.Values{"state": {"x"}} })
	add(closing, "without a note", 400, "INVALID_VALUE", func(a *asking) { a.body = "{}" })
	add(closing, "of the other kind", 404, "RESOURCE_NOT_FOUND", in(lrOfficer))
	add(closing, "of another organisation", 404, "RESOURCE_NOT_FOUND", in(otherOfficer),
		func(a *asking) { a.org = "RX2" })
	add(closing, "granted", 200, "alert "+alert, of(ofTess))
	add(closing, "repeated", 200, "again", of(ofTess))
	add(closing, "closed before", 409, "PRECONDITION_FAILED", of(ofTess), func(a *asking) {
		a.body = `{"note":"Another."}`
	})

	for _, a := range []asking{find, view, raise, list, closing} {
		add(a, "a role that may not", 403, "ACCESS_DENIED", in(nopObserver))
		add(a, "an unknown parameter", 400, "ADDITIONAL_PROPERTIES", func(a *asking) {
			if a.query == nil {
				a.query = url.Values{}
			}
			a.query.Set("colour", "blue")
		})
		if a.path == scrAlert { // the store is asked after the body has been read
			a.whom = ofTess
		}
		add(a, "the store fails", 503, "", func(a *asking) { a.how = fails })
		add(a, "a fault in the program", 500, "", func(a *asking) { a.how = panics })
	}
	for _, a := range []asking{find, view, raise} {
		add(a, "nobody has the number", 404, "RESOURCE_NOT_FOUND", about(absent))
		add(a, "marked invalid", 404, "INVALIDATED_RESOURCE", about(invalid))
		add(a, "restricted", 403, "ACCESS_DENIED", about(hidden))
	}
	return all
}
