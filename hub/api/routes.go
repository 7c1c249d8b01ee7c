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
// must be allowed to do.
type Route struct {
	Method    string
	Path      string        // a pattern of http.ServeMux
	Open      string        // why it needs neither; "" when it needs one
	Authority string        // what an authority does by it, as the audit calls it; "" when it is not for authorities
	Actions   []rbac.Action // which of these the request asks for is the request's to say
	Audited   string        // what the audit calls it, where the name of the action does not tell it from another route
}

// route is a Route with what serves it: open when anyone may, theirs for authorities, answer when a session is needed.
type route struct {
	Route
	most     int64       // bytes of the body that are read; 0 is mostBody
	headers  headerWords // how a bad header is refused
	searches bool        // a person may ask only so often
	setting  bool        // the request says in which care setting it is made, and the role has to be of that one
	open     http.HandlerFunc
	theirs   func(*authorityCall) (*answer, error)
	choose   func(*http.Request) (rbac.Action, error) // which of Actions is asked for
	answer   func(*call) (*answer, error)
}

// routes returns the table.
func (a *API) routes() []route {
	anyone := func(method, path, why string, h http.HandlerFunc) route {
		return route{Route: Route{Method: method, Path: path, Open: why}, open: h}
	}
	needs := func(path string, headers headerWords, h func(*call) (*answer, error), action rbac.Action) route {
		return route{
			Route: Route{Method: http.MethodGet, Path: path, Actions: []rbac.Action{action}}, headers: headers,
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
	search := traces("", a.searchPatients, audit.Search)
	search.searches = true
	return []route{
		anyone(http.MethodPost, "/oauth2/challenge", "a nonce is worth nothing without a card", a.challenge),
		anyone(http.MethodPost, "/oauth2/token", "the card's assertion is the credential", a.token),
		anyone(http.MethodPost, "/oauth2/revoke", "the token is the credential", a.revoke),
		anyone(http.MethodGet, "/livez", "says only that the process runs", a.live),
		anyone(http.MethodGet, "/readyz", "says only whether the store answers, as it was found within the last second", a.readyForAll),
		anyone(http.MethodGet, "/openapi.json", "says only what docs/api.md says", a.openAPI),

		{
			Route: Route{Method: http.MethodPost, Path: uploadsBase, Authority: audit.UploadPlans},
			most:  upload.MostBytes, theirs: a.takeUpload,
		},
		{
			Route:  Route{Method: http.MethodGet, Path: uploadsBase + "/{id}", Authority: audit.ReadUpload},
			theirs: a.readUpload,
		},
		{
			Route:  Route{Method: http.MethodGet, Path: notificationsPath, Authority: audit.ReadNotifications},
			theirs: a.notifications,
		},

		search,
		traces("/{number}", a.retrievePatient, audit.Retrieve),
		traces("/{number}/RelatedPerson", a.relatedPersons, audit.ListRelated),

		alerts("/Flag", a.lamp, rbac.SeeLamp),
		alerts("/AuditEvent", a.accesses, rbac.ReadAccessList),
		{
			Route: Route{
				Method: http.MethodGet, Path: cpisBase + "/CareTeam",
				Actions: []rbac.Action{rbac.OpenAlert, rbac.OpenSilently},
			},
			headers: cpisHeaders, choose: openingAsked, answer: a.open,
		},
	}
}

// Routes lists what is served.
func (a *API) Routes() []Route {
	var all []Route
	for _, r := range a.routes() {
		all = append(all, r.Route)
	}
	return all
}
