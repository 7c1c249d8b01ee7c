package api

import (
	"net/http"

	"wardlight/hub/audit"
	"wardlight/hub/upload"
	"wardlight/rbac"
)

// The bases of the two FHIR services.
const (
	pdsBase  = "/personal-demographics/FHIR/R4"
	cpisBase = "/cpis/FHIR/R4"
)

// uploadsBase is where authorities send their files.
const uploadsBase = "/la/uploads"

// Route is one line of the table that is the authorisation: what is not in it is not served, and each line says one
// of three things: why anyone may call it, that a local authority may and sees its own, or what the caller's role
// must be allowed to do; and, where it is not for anyone, what it costs.
type Route struct {
	Method    string
	Path      string        // a pattern of http.ServeMux
	Open      string        // why it needs neither; "" when it needs one
	Authority string        // what an authority does by it, as the audit calls it; "" when it is not for authorities
	Actions   []rbac.Action // which of these the request asks for is the request's to say
	Audited   string        // what the audit calls it, where the name of the action does not tell it from another route
	Cost      int           // how many requests of the caller's budget it takes; 0 where anyone may call it
}

// The costs of requests: look-ups of one patient are the measure.
const (
	costLookUp = 1
	costSearch = 2  // it compares with many patients
	costPage   = 2  // of up to maxPage notifications
	costUpload = 10 // each of its rows is a look-up, and an authority sends most in few files
)

// route is a Route with what serves it: open when anyone may call it, answer otherwise.
type route struct {
	Route
	most     int64       // bytes of the body that are read; 0 is mostBody
	headers  headerWords // how a bad header is refused
	searches bool        // a person may ask only so often
	setting  bool        // the request says in which care setting it is made, and the role has to be of that one
	open     http.HandlerFunc
	choose   func(*http.Request) (rbac.Action, error) // which of Actions is asked for, by a person
	answer   func(*call) (*answer, error)
}

// routes returns the table.
func (a *API) routes() []route {
	anyone := func(method, path, why string, h http.HandlerFunc) route {
		return route{Route: Route{Method: method, Path: path, Open: why}, open: h}
	}
	needs := func(path string, headers headerWords, h func(*call) (*answer, error), action rbac.Action) route {
		return route{
			Route: Route{Method: http.MethodGet, Path: path, Actions: []rbac.Action{action}, Cost: costLookUp}, headers: headers,
			choose: func(*http.Request) (rbac.Action, error) { return action, nil },
			answer: h,
		}
	}
	traces := func(path string, h func(*call) (*answer, error), audited string) route {
		r := needs(pdsBase+"/Patient"+path, pdsHeaders, h, rbac.TracePatient)
		r.Audited = audited
		return r
	}
	alerts := func(path string, h func(*call) (*answer, error), action rbac.Action) route {
		r := needs(cpisBase+path, cpisHeaders, h, action)
		r.setting = true
		return r
	}
	theirs := func(method, path string, h func(*call) (*answer, error), audited string, cost int) route {
		return route{Route: Route{Method: method, Path: path, Authority: audited, Cost: cost}, headers: cpisHeaders, answer: h}
	}
	search := traces("", a.searchPatients, audit.Search)
	search.searches, search.Cost = true, costSearch
	uploaded := theirs(http.MethodPost, uploadsBase, a.takeUpload, audit.UploadPlans, costUpload)
	uploaded.most = upload.MostBytes
	return []route{
		anyone(http.MethodPost, "/oauth2/challenge", "a nonce is worth nothing without a card", a.challenge),
		anyone(http.MethodPost, "/oauth2/token", "the card's assertion is the credential", a.token),
		anyone(http.MethodPost, "/oauth2/revoke", "the token is the credential", a.revoke),
		anyone(http.MethodGet, "/livez", "says only that the process runs", a.live),
		anyone(http.MethodGet, "/readyz", "says only whether the store answers, as it was found within the last second", a.readyForAll),
		anyone(http.MethodGet, "/openapi.json", "says only what docs/api.md says", a.openAPI),

		uploaded,
		theirs(http.MethodGet, uploadsBase+"/{id}", a.readUpload, audit.ReadUpload, costLookUp),
		theirs(http.MethodGet, notificationsPath, a.notifications, audit.ReadNotifications, costPage),

		search,
		traces("/{number}", a.retrievePatient, audit.Retrieve),
		traces("/{number}/RelatedPerson", a.relatedPersons, audit.ListRelated),

		alerts("/Flag", a.lamp, rbac.SeeLamp),
		alerts("/AuditEvent", a.accesses, rbac.ReadAccessList),
		{
			Route: Route{
				Method: http.MethodGet, Path: cpisBase + "/CareTeam",
				Actions: []rbac.Action{rbac.OpenAlert, rbac.OpenSilently}, Cost: costLookUp,
			},
			headers: cpisHeaders, choose: openingAsked, answer: a.open,
		},
	}
}

// name returns what the audit calls a request. The action is 0 where it is not established.
func (rt route) name(action rbac.Action) string {
	switch {
	case rt.Authority != "":
		return rt.Authority
	case rt.Audited != "":
		return rt.Audited
	case action == 0 && len(rt.Actions) > 0:
		action = rt.Actions[0]
	}
	return action.String()
}

// Routes lists what is served.
func (a *API) Routes() []Route {
	var all []Route
	for _, r := range a.routes() {
		all = append(all, r.Route)
	}
	return all
}
