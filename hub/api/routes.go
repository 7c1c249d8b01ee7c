package api

import (
	"net/http"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/privacy"
	"wardlight/hub/upload"
	"wardlight/rbac"
)

// Base paths of the FHIR services. flagsBase is the newer shape of the alerts, and of the other flags (Patient Flags
// FHIR R4 API).
const (
	pdsBase   = "/personal-demographics/FHIR/R4"
	cpisBase  = "/cpis/FHIR/R4"
	flagsBase = "/patient-flags/FHIR/R4"
)

// uploadsBase is the path to which authorities send their files.
const uploadsBase = "/la/uploads"

// Route is an entry of the table of routes, which is also the authorisation. Each route has exactly one of Open, for
// anyone; Authority, for local authorities; and Actions, for persons whose role permits them. All but open routes have
// a cost.
type Route struct {
	Method    string
	Path      string        // a pattern of http.ServeMux
	Open      string        // why it needs no authentication; "" if it does
	Authority string        // the audit's name of an authority's action; "" if it isn't for authorities
	Actions   []rbac.Action // the actions that a request may need, depending on its headers
	Audited   string        // the audit's name, if the action's name doesn't distinguish it from another route
	Cost      int           // how much of the caller's budget a request uses; 0 for open routes
}

// Costs of requests, in look-ups of one patient.
const (
	costLookUp = 1
	costSearch = 2  // compares many patients
	costPage   = 2  // up to maxPage notifications
	costReport = 10 // up to maxReport audit records
	costUpload = 10 // each row is a look-up, and an authority should send most rows in few files
)

// route is a Route with its handler: open if anyone may call it, otherwise answer.
type route struct {
	Route
	maxBody  int64             // maximum size of the body in bytes; 0 means maxBodyBytes
	headers  headerWords       // errors for invalid headers
	searches bool              // counts towards the person's budget of searches
	setting  bool              // the request has a care setting, which the role must permit
	fgmCode  rbac.ActivityCode // the code for rbac.ReadFGM
	open     http.HandlerFunc
	// choose chooses one of Actions for a person's request in a role.
	choose func(*http.Request, rbac.RoleProfile) (rbac.Action, error)
	answer func(*call) (*answer, error)
}

// routes returns the table of routes.
func (a *API) routes() []route {
	anyone := func(method, path, why string, h http.HandlerFunc) route {
		return route{Route: Route{Method: method, Path: path, Open: why}, open: h}
	}

	needs := func(path string, headers headerWords, h func(*call) (*answer, error), action rbac.Action) route {
		return route{
			Route:   Route{Method: http.MethodGet, Path: path, Actions: []rbac.Action{action}, Cost: costLookUp},
			headers: headers,
			choose:  func(*http.Request, rbac.RoleProfile) (rbac.Action, error) { return action, nil },
			answer:  h,
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

	flags := func(path string, h func(*call) (*answer, error),
		choose func(*http.Request, rbac.RoleProfile) (rbac.Action, error), actions ...rbac.Action,
	) route {
		r := needs(flagsBase+path, cpisHeaders, h, actions[0])
		r.Actions, r.choose, r.fgmCode = actions, choose, a.FGMCode
		return r
	}

	reports := func(kind privacy.Kind, audited string) route {
		r := needs(privacyBase+"/"+string(kind), cpisHeaders, a.report(kind), rbac.MakePrivacyReport)
		r.Audited, r.Cost = audited, costReport
		return r
	}

	// Who may see who has looked at a patient may have a receipt of having looked.
	receipts := needs(receiptsPath, cpisHeaders, a.receipt, rbac.ReadAccessList)
	receipts.Audited, receipts.setting = audit.ReadReceipt, true

	theirs := func(method, path string, h func(*call) (*answer, error), audited string, cost int) route {
		return route{
			Route: Route{Method: method, Path: path, Authority: audited, Cost: cost}, headers: cpisHeaders,
			answer: h,
		}
	}

	// The permission to view is in headers, and chooses the action.
	view := needs(summariesBase+"/Bundle", cpisHeaders, a.viewSummary, rbac.ReadSummary)
	view.Actions = []rbac.Action{rbac.ReadSummary, rbac.ReadSummaryInEmergency, rbac.ReadSummaryByLaw}
	view.choose = viewAsked
	finds := needs(summariesBase+"/DocumentReference", cpisHeaders, a.findSummary, rbac.ReadSummary)
	finds.Audited = audit.FindSummary
	raises := needs(summariesBase+"/AuditEvent", cpisHeaders, a.postAuditEvent, rbac.ReadSummary)
	raises.Method, raises.Audited = http.MethodPost, audit.RaiseAlert

	listed := needs(alertsPath, cpisHeaders, a.privacyAlerts, rbac.ReadPrivacyAlerts)
	listed.Cost = costReport
	closes := needs(alertsPath+"/{id}/close", cpisHeaders, a.closeAlert, rbac.ReadPrivacyAlerts)
	closes.Method, closes.Audited = http.MethodPost, audit.CloseAlert

	search := traces("", a.searchPatients, audit.Search)
	search.searches, search.Cost = true, costSearch
	uploaded := theirs(http.MethodPost, uploadsBase, a.postUpload, audit.UploadPlans, costUpload)
	uploaded.maxBody = upload.MaxBytes
	return []route{
		anyone(http.MethodPost, "/oauth2/challenge", "a nonce is of no use without a card", a.challenge),
		anyone(http.MethodPost, "/oauth2/token", "the card's assertion, or the provider's code, is the credential",
			a.token),
		anyone(http.MethodPost, identity.BrowserPath, "an address to sign in at is of no use without a person",
			a.browser),
		anyone(http.MethodPost, identity.LogoutPath, "the provider's logout token is the credential",
			a.backchannelLogout),
		anyone(http.MethodPost, "/oauth2/revoke", "the token is the credential", a.revoke),
		anyone(http.MethodGet, "/livez", "reports only that the process is running", a.live),
		anyone(http.MethodGet, "/readyz", "reports only whether the store answered within the last second",
			a.readyForAll),
		anyone(http.MethodGet, "/openapi.json", "returns only what docs/api.md lists", a.openAPI),

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

		flags("/Flag", a.flags, flagsAsked, rbac.SeeLamp, rbac.SeeFlags),
		flags("/PatientFlag", a.patientFlag, flagAsked, rbac.OpenSilently, rbac.ReadAdjustments, rbac.ReadFGM),
		anyone(http.MethodGet, flagsBase+"/metadata", "returns only what docs/api.md lists", a.flagMetadata),

		finds, view, raises,

		receipts,

		reports(privacy.PatientAccess, audit.ReportPatientAccess),
		reports(privacy.UserAccess, audit.ReportUserAccess),
		reports(privacy.PatientEnquiries, audit.ReportPatientEnquiries),
		listed, closes,
	}
}

// name returns the audit's name of a request. action is 0 if it isn't known.
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

// Routes returns the routes that are served.
func (a *API) Routes() []Route {
	var all []Route
	for _, r := range a.routes() {
		all = append(all, r.Route)
	}
	return all
}
