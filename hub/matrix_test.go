package hub_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/docstest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// permission is who may make a call, as docs/security.md says. The zero permission is nobody's.
type permission struct {
	anyone, authority bool
	codes             []rbac.ActivityCode // a person's role needs all of them
	jobs              []string            // and is one of these job roles, if there are any
	cost              int                 // in the caller's budget; 0 for anyone
}

// What distinguishes the rows of one call in docs/security.md: the care setting, the flag, or the permission to view.
const (
	unscheduledCare   = "unscheduled"
	scheduledCare     = "scheduled"
	ofChildProtection = "child protection"
	ofAdjustments     = "reasonable adjustments"
	byPatient         = "patient"
	inEmergency       = "emergency"
	byLaw             = "legal"
)

// documented reads the table of docs/security.md. Its keys are a method and a path, and the care setting or the flag if
// the call has one. The table is written by hand, because a test that reads the table of routes would not find errors
// in it.
func documented(t *testing.T) map[string]permission {
	t.Helper()
	all := make(map[string]permission)
	for _, table := range docstest.Tables(t, "docs/security.md") {
		if !slices.Equal(table.Columns, []string{"call", "care setting, flag or permission", "who may", "cost"}) {
			continue
		}
		for _, row := range table.Rows {
			name := strings.TrimSpace(row.Cells[0].Text + " " + row.Cells[1].Text)
			if _, twice := all[name]; twice {
				t.Errorf("docs/security.md:%d: got a second row for %s, want one", row.Line, name)
			}

			var p permission
			switch who := row.Cells[2]; who.Text {
			case "anyone":
				p.anyone = true
			case "an authority":
				p.authority = true
			default:
				jobs := slices.IndexFunc(who.Code, func(code string) bool { return !strings.HasPrefix(code, "R") })
				if jobs < 0 {
					t.Errorf("docs/security.md:%d: got no activity code in %q, want one", row.Line, who.Text)
					continue
				}
				p.jobs = who.Code[:jobs]
				for _, code := range who.Code[jobs:] {
					p.codes = append(p.codes, rbac.ActivityCode(code))
				}

				want := strings.Join(who.Code[jobs:], " and ")
				if jobs > 0 {
					want = strings.Join(p.jobs, " or ") + " with " + want
				}
				if who.Text != want {
					t.Errorf("docs/security.md:%d: got %q, want anyone, an authority, or %q", row.Line, who.Text, want)
				}
			}

			if cost := row.Cells[3].Text; cost != "" {
				var err error
				if p.cost, err = strconv.Atoi(cost); err != nil {
					t.Errorf("docs/security.md:%d: got the cost %q, want a number", row.Line, cost)
				}
			}

			all[name] = p
		}
	}

	if len(all) == 0 {
		t.Error("got no table of calls in docs/security.md, want one")
	}
	return all
}

// statusAnswered are the statuses of the answers to the requests of the test, whose bodies are empty, if the caller may
// make them. The default is 200.
var statusAnswered = map[string]int{
	"POST /oauth2/token": 400, "POST /oauth2/revoke": 400, "POST /oauth2/browser": 400,
	"POST /oauth2/backchannel_logout": 400, "POST /la/uploads": 415, "GET /la/uploads/{id}": 404,
	"GET /audit/receipts/{id}":                     404,
	"POST /summary-care-record/FHIR/R4/AuditEvent": 415, "POST /privacy/alerts/{id}/close": 415,
}

// statusOfAnswer returns the status of the answer to a request of the test to that route.
func statusOfAnswer(rt api.Route) int {
	if status, ok := statusAnswered[rt.Method+" "+rt.Path]; ok {
		return status
	}
	return http.StatusOK
}

// rolesOfEveryKind returns a role for each combination of the codes that decide, with and without all other codes, and
// for the job roles of a nurse, a privacy officer and a Caldicott Guardian.
func rolesOfEveryKind() []store.Role {
	deciding := []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert, rbac.ViewAlertSilently, rbac.ViewAdjustments}
	others := []rbac.ActivityCode{"B9999"}
	for _, code := range rbac.Codes() {
		if !slices.Contains(deciding, code) {
			others = append(others, code)
		}
	}

	var all []store.Role
	for _, job := range []string{"R8001", rbac.PrivacyOfficer, rbac.CaldicottGuardian} {
		for _, more := range [][]rbac.ActivityCode{nil, others} {
			for combination := range 1 << len(deciding) {
				codes := slices.Clone(more)
				for i, code := range deciding {
					if combination&(1<<i) != 0 {
						codes = append(codes, code)
					}
				}
				all = append(all, store.Role{OrgID: "999000000999", RoleProfile: rbac.RoleProfile{
					URID: fmt.Sprintf("9990000%05d", 1000+len(all)), JobRole: "S8000:G8000:" + job, OrgODS: "RX1",
					OrgName: "EXAMPLE GENERAL HOSPITAL", Activities: codes,
				}})
			}
		}
	}

	return all
}

// matrixCaller is a kind of caller. Its request has what set adds.
type matrixCaller struct {
	name      string
	role      *store.Role // of a person with a session; nil for others
	another   bool        // a person with a session who names a role that is somebody else's
	authority bool        // a local authority with a credential
	set       func(r *http.Request, path string)
}

// status returns the status that a call gets from this caller.
func (c matrixCaller) status(p permission, whenAnswered int) int {
	switch {
	case p.anyone, p.authority && c.authority:
		return whenAnswered
	case p.authority || c.role == nil && !c.another:
		return http.StatusUnauthorized
	case c.another:
		return http.StatusBadRequest
	}

	if !p.allows(*c.role) {
		return http.StatusForbidden
	}
	return whenAnswered
}

// allows reports whether a role has what the permission asks of a person.
func (p permission) allows(role store.Role) bool {
	for _, code := range p.codes {
		if !role.HasCode(code) {
			return false
		}
	}
	return len(p.codes) > 0 && (len(p.jobs) == 0 || slices.Contains(p.jobs, jobOf(role)))
}

// jobOf returns the code of a role's job, such as R8001.
func jobOf(role store.Role) string { return role.JobRole[strings.LastIndex(role.JobRole, ":")+1:] }

// matrixCallers returns every kind of caller of a hub.
func matrixCallers(t *testing.T, b *fixture) []matrixCaller {
	t.Helper()
	const secret, ended = "wlla_V999-secret", "wlla_V999-ended"
	must(t, b.store.PutCredential(t.Context(), store.Credential{
		Authority: "V999", Hash: identity.HashSecret(secret), Created: start,
	}))
	must(t, b.store.PutCredential(t.Context(), store.Credential{
		Authority: "V999", Hash: identity.HashSecret(ended), Created: start,
	}))
	must(t, endCredential(t.Context(), b.store, identity.HashSecret(ended)))

	roles := rolesOfEveryKind()
	must(t, b.store.PutPerson(t.Context(), store.Person{UUID: nurseUUID, Family: "Sample", Roles: roles}))
	must(t, b.store.PutPerson(t.Context(), store.Person{
		UUID: otherUUID, Family: "Sample",
		Roles: []store.Role{{RoleProfile: rbac.RoleProfile{
			URID: otherURID, JobRole: "S8000:G8000:R8001", OrgODS: "RX1", Activities: roleKinds[both],
		}}},
	}))

	x, gone, thief := b.signIn(), b.signIn(), b.terminal()
	thief.token = x.token
	if r := b.post("/oauth2/revoke", url.Values{"token": {gone.token}},
		gone.proof(http.MethodPost, "/oauth2/revoke")); r.status != http.StatusOK {
		t.Fatalf("revoke: got status %d, body %s; want 200", r.status, r.body)
	}

	full := roles[7].URID
	as := func(x *terminal, urid string) func(*http.Request, string) {
		return func(r *http.Request, path string) {
			r.Header.Set("Authorization", "DPoP "+x.token)
			r.Header.Set("DPoP", x.proof(r.Method, path))
			r.Header.Set("NHSD-Session-URID", urid)
		}
	}
	basic := func(code, secret string) func(*http.Request, string) {
		return func(r *http.Request, _ string) { r.SetBasicAuth(code, secret) }
	}

	all := []matrixCaller{
		{name: "nobody", set: func(*http.Request, string) {}},
		{name: "a person whose session has ended", set: as(gone, full)},
		{name: "a person with the token of another terminal", set: as(thief, full)},
		{name: "a person without a proof", set: func(r *http.Request, path string) {
			as(x, full)(r, path)
			r.Header.Del("DPoP")
		}},
		{name: "a person with a bearer token", set: func(r *http.Request, path string) {
			as(x, full)(r, path)
			r.Header.Set("Authorization", "Bearer "+x.token)
		}},
		{name: "a person in the role of another person", another: true, set: as(x, otherURID)},
		{name: "an authority", authority: true, set: basic("V999", secret)},
		{name: "an authority with another's secret", set: basic("V998", secret)},
		{name: "an authority whose credential has ended", set: basic("V999", ended)},
	}
	for _, role := range roles {
		all = append(all, matrixCaller{
			name: fmt.Sprintf("a person in a role %s with %v", role.JobRole, role.Activities), role: &role,
			set: as(x, role.URID),
		})
	}

	return all
}

// TestMatrix_OpenAPIDocument compares docs/security.md with the hub's OpenAPI document: who may make each call, by each
// combination of codes and job roles. TestEveryRouteForEveryKindOfRole compares docs/security.md with a running hub,
// and TestTheDocumentHasEveryRouteAndNoOther the OpenAPI document with the table of routes. So all three say the same.
func TestMatrix_OpenAPIDocument(t *testing.T) {
	written := documented(t)
	calls := 0
	for path, operations := range described() {
		for method, op := range operations {
			calls++
			name := strings.ToUpper(method) + " " + path
			var rows []permission // of each care setting
			for _, setting := range []string{
				"", unscheduledCare, scheduledCare, ofChildProtection, ofAdjustments, byPatient, inEmergency, byLaw,
			} {
				if p, ok := written[strings.TrimSpace(name+" "+setting)]; ok {
					rows = append(rows, p)
				}
			}
			if len(rows) == 0 {
				t.Errorf("%s: got no row in docs/security.md, want one", name)
				continue
			}

			anyone, authority := op.callers()
			for _, p := range rows {
				if p.anyone != anyone || p.authority != authority {
					t.Errorf("%s: got anyone %v, an authority %v in the OpenAPI document, want %v, %v", name, anyone,
						authority, p.anyone, p.authority)
				}
			}

			for _, role := range rolesOfEveryKind() {
				want := slices.ContainsFunc(rows, func(p permission) bool { return p.allows(role) })
				if got := op.allows(role); got != want {
					t.Errorf("%s as %s with %v: allowed by the OpenAPI document %v, by docs/security.md %v", name,
						role.JobRole, role.Activities, got, want)
				}
			}
		}
	}

	if calls == 0 {
		t.Error("got no call in the OpenAPI document, want some")
	}
}

// callers reports whether anyone may make the call, and whether an authority may, by the document's security.
func (op operation) callers() (anyone, authority bool) {
	if op.Security == nil {
		return false, false // the document's default: a session
	}
	for _, scheme := range *op.Security {
		if object, ok := scheme.(map[string]any); ok && object["authority"] != nil {
			authority = true
		}
	}
	return len(*op.Security) == 0, authority
}

// allows reports whether a role may make the call by one of its x-needs.
func (op operation) allows(role store.Role) bool {
	for _, need := range op.Needs {
		may := len(need.Jobs) == 0 || slices.Contains(need.Jobs, jobOf(role))
		for _, group := range need.Codes {
			may = may && slices.ContainsFunc(group, func(code string) bool {
				return role.HasCode(rbac.ActivityCode(code))
			})
		}
		if may {
			return true
		}
	}
	return false
}

func TestEveryRouteForEveryKindOfRole(t *testing.T) {
	written := documented(t)
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		must(t, ledger.PutFlag(t.Context(), adjustments(tess)))
		must(t, ledger.PutSummary(t.Context(), summaryOf(tess, start)))
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		callers := matrixCallers(t, b)
		served := make(map[string]bool)
		openings := 0

		for _, rt := range b.hub.Routes() {
			checkRoute(t, rt)
			name := rt.Method + " " + rt.Path
			settings := []string{""}
			switch {
			case strings.HasPrefix(rt.Path, "/cpis"), strings.HasPrefix(rt.Path, "/audit"):
				settings = []string{unscheduledCare, scheduledCare}
			case rt.Path == patientFlag:
				settings = []string{ofChildProtection, ofAdjustments}
			case rt.Path == scrBundle:
				settings = []string{byPatient, inEmergency, byLaw}
			}

			for _, setting := range settings {
				key := strings.TrimSpace(name + " " + setting)
				p, ok := written[key]
				if served[key] = true; !ok {
					t.Errorf("%s: got no row in docs/security.md, want one", key)
				}
				if (rt.Open != "") != p.anyone || (rt.Authority != "") != p.authority {
					t.Errorf("%s: got open %q, authority %q; want them as docs/security.md says", key, rt.Open,
						rt.Authority)
				}

				if rt.Cost != p.cost {
					t.Errorf("%s: got cost %d, want %d as docs/security.md says", key, rt.Cost, p.cost)
				}

				for _, c := range callers {
					status := b.matrixCall(t, rt, setting, p, c)
					if rt.Path == careTeam && setting == unscheduledCare && status == http.StatusOK {
						openings++
					}
				}
			}
		}

		for key := range written {
			if !served[key] {
				t.Errorf("docs/security.md has %s, which is not served", key)
			}
		}

		accesses, err := ledger.Accesses(t.Context(), []nhs.Number{tess}, 1000)
		must(t, err)
		if len(accesses) != openings || openings == 0 {
			t.Errorf("got %d accesses, want one for each of %d allowed openings", len(accesses), openings)
		}
	})
}

// checkRoute checks that an entry of the table of routes has what its kind needs.
func checkRoute(t *testing.T, rt api.Route) {
	t.Helper()
	for _, action := range actionsOf(rt) {
		if _, known := audit.Actions[action]; !known {
			t.Errorf("%s %s: action %q isn't in audit.Actions", rt.Method, rt.Path, action)
		}
	}

	if (rt.Cost > 0) == (rt.Open != "") {
		t.Errorf("%s %s: got cost %d, want a cost for authenticated routes only", rt.Method, rt.Path, rt.Cost)
	}

	kinds := 0
	for _, is := range []bool{rt.Open != "", rt.Authority != "", len(rt.Actions) > 0} {
		if is {
			kinds++
		}
	}
	if kinds != 1 {
		t.Errorf("%s %s: got %d of Open, Authority and Actions, want one", rt.Method, rt.Path, kinds)
	}
}

// actionsOf returns the actions that an audit record of the route may have.
func actionsOf(rt api.Route) []string {
	switch {
	case rt.Authority != "":
		return []string{rt.Authority}
	case rt.Audited != "":
		return []string{rt.Audited}
	}
	var all []string
	for _, a := range rt.Actions {
		all = append(all, a.String())
	}
	return all
}

// matrixCall makes a call as a caller, compares the answer with the permission, and returns its status.
func (b *fixture) matrixCall(t *testing.T, rt api.Route, setting string, p permission, c matrixCaller) int {
	t.Helper()
	path := strings.NewReplacer("{number}", tess.Digits(), "{id}", uuid.NewString()).Replace(rt.Path)
	query := url.Values{}
	switch {
	case strings.HasPrefix(path, "/cpis"):
		query = about(tess)
	case path == allFlags:
		query = flagsOf(tess)
	case path == patientFlag && setting == ofChildProtection:
		query = flagOf(tess, fhir.CodeCPISFlag)
	case path == patientFlag:
		query = flagOf(tess, fhir.CodeAdjustmentsFlag)
	case path == patients:
		query = url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}
	case path == scrReference:
		query = scrOf(tess)
	case path == scrBundle:
		query = viewOf(tess, summaryOf(tess, start).ID)
	case strings.HasPrefix(path, privacyAlerts):
	case strings.HasPrefix(path, "/privacy"):
		query = period(path)
	}

	req, err := http.NewRequestWithContext(t.Context(), rt.Method, b.server.URL+path+"?"+query.Encode(), nil)
	must(t, err)
	req.Header.Set("X-Request-ID", uuid.NewString())
	if setting == scheduledCare {
		scheduled(req)
	}
	if basis := map[string]string{byLaw: "statute"}[setting]; path == scrBundle {
		permitted(setting, basis, "Words")(req)
	}
	c.set(req, path)

	r := b.do(req)
	want := c.status(p, statusOfAnswer(rt))
	if r.status != want {
		t.Errorf("%s %s %s as %s: got status %d, want %d; body: %s", rt.Method, rt.Path, setting, c.name, r.status,
			want, r.body)
	}

	if want == http.StatusForbidden && (!strings.Contains(r.body, "ACCESS_DENIED") ||
		!strings.Contains(r.body, " lacks B0") && !strings.Contains(r.body, " lacks the job role R0001 ")) {
		t.Errorf("%s %s %s as %s: the refusal lacks the missing activity code or job role: %s", rt.Method, rt.Path,
			setting, c.name, r.body)
	}

	return r.status
}

func TestMatrix_OtherMethodsAreNotServed(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	served := make(map[string]bool)
	for _, rt := range b.hub.Routes() {
		served[rt.Method+" "+rt.Path] = true
	}

	for _, rt := range b.hub.Routes() {
		for _, method := range []string{
			http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
			http.MethodOptions, http.MethodTrace,
		} {
			if served[method+" "+rt.Path] {
				continue
			}

			path := strings.NewReplacer("{number}", tess.Digits(), "{id}", uuid.NewString()).Replace(rt.Path)
			req := x.request(both, path, about(tess))
			req.Method = method
			req.Header.Set("DPoP", x.proof(method, path))
			if r := b.do(req); r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed ||
				strings.Contains(r.body, "Bundle") {
				t.Errorf("%s %s: got status %d, body %s; want 404 or 405", method, path, r.status, r.body)
			}
		}
	}

	if accesses, _ := b.left(tess); len(accesses) != 0 {
		t.Errorf("got %d accesses, want none", len(accesses))
	}
}
