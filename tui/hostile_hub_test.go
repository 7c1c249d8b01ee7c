package tui

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/certtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// hostileTexts is all the texts from outside that a screen may show, as they arrive from the network, a program or a
// file.
type hostileTexts struct {
	Family, Given, Title, Street, Town, Postcode, Phone string // of a patient
	PersonFamily, PersonGiven, PersonTitle              string // of the user
	Role, RoleCode, Org, OrgName, Activity              string
	Authority, Office, Emergency                        string // of a plan
	Looker, LookerJob, LookerOrg                        string // of an entry in the access history
	Spine, Reason, Diagnostics                          string // of an error response
	Reader, Driver, Serial, Holder, Issuer              string // of a card and its reader
	HubHost, HubIssuer                                  string // of the hub's address and certificate
	Queue, Job, Refusal                                 string // of the print service
	Outcome, FlagID                                     string // of the record system
	Path, Heading                                       string // of a worklist file
	RowNumber, RowName, RowFamily, RowGiven, RowBorn    string // of the rows of a worklist file
	Staff, StaffID, StaffRole, Did, DidOutcome, DidWhy  string // of an access in a privacy report
	From, DidID, Unusual, Typed                         string // of the same, and of the form of a report
	Adjustment, FlagNote, Impairment                    string // of a reasonable adjustments flag
	Cause, Words, Note, Closer, Session, SendingError   string // of a privacy alert
}

// inAll returns a wire with s in every field.
func inAll(s string) hostileTexts { return inFields(func(int) string { return s }) }

// inFields returns a wire whose field i is text(i).
func inFields(text func(i int) string) hostileTexts {
	var all hostileTexts
	v := reflect.ValueOf(&all).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString(text(i))
	}
	return all
}

// inField returns a wire with s in field i, and ordinary words in the others.
func inField(i int, s string) hostileTexts {
	return inFields(func(j int) string {
		if i == j {
			return s
		}
		return "Ordinary"
	})
}

// wireFields is the number of fields of wire.
var wireFields = reflect.TypeFor[hostileTexts]().NumField()

// answers is what the program's packages return for a wire.
type answers struct {
	card      session.Card
	in        session.SignedIn
	found     client.Found
	record    client.Patient
	opened    client.Opened
	report    client.Report
	reportErr error
	alerts    client.PrivacyAlerts
	alertsErr error
	typed     string // pasted into the form of a report
	findErr   error
	lamp      client.Lamp
	lampErr   error
	signInErr error
	hub       client.ProbeResult
	reader    string
	printing  printing
	flagging  flagging
	listing   listing
}

// hubFake is a real session with a test hub that returns the texts of a wire. Its answers have passed the client and
// the session, as in the program.
type hubFake struct {
	hub    *hubtest.Hub
	client *client.Hub
	holder hubtest.Holder
}

func newMouth(t testing.TB) *hubFake {
	t.Helper()
	hub := hubtest.New(t, start)
	hub.OfferFlags()
	c, err := client.New(client.Config{
		BaseURL: hub.URL, HTTP: client.NewHTTP(hub.Roots), Clock: start,
		NewID: uuid.NewString, Timeout: client.DefaultTimeout * 12,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &hubFake{hub, c, hubtest.EC(t, elliptic.P256(), start().AddDate(-1, 0, 0), start().AddDate(1, 0, 0))}
}

// signer is a card that signs with the holder's key.
type signer struct{ hubtest.Holder }

func (s signer) Info() cardreader.Info {
	return cardreader.Info{Reader: reader, Driver: "PIV", Tries: 3, Certificate: s.Certificate}
}

func (s signer) Sign(_ context.Context, p *cardreader.Passcode, digest []byte, hash crypto.Hash) ([]byte, error) {
	p.Wipe()
	return s.Key.Sign(rand.Reader, digest, hash)
}

// The URIDs of the first three roles in the hub's answer: two usable ones and one that isn't.
const uridOne, uridTwo, uridNone = "555000000222", "555000000333", "555000000444"

// uridOfficer is the URID of the role that makes privacy reports, which is the last role in the hub's answer.
const uridOfficer = "555000000666"

// answersFor returns what client and session return if the hub, the card, the printers, the record system and the
// files have the texts of s.
func (m *hubFake) answersFor(t testing.TB, s hostileTexts) answers {
	t.Helper()
	return m.answersAfter(t, answers{}, hostileTexts{}, s)
}

// answersAfter returns what answersFor returns for s. It makes again only what has other texts than was, for which the
// answers are a: a sign-in and eight programs of the print service are slower than drawing.
func (m *hubFake) answersAfter(t testing.TB, a answers, was, s hostileTexts) answers {
	t.Helper()
	if s.ofPrinting() != was.ofPrinting() {
		a.printing = sayPrinting(t, s)
	}
	if s.ofRecordSystem() != was.ofRecordSystem() {
		a.flagging = sayFlagging(t, s)
	}
	if s.ofList() != was.ofList() {
		a.listing = sayList(t, s)
	}
	if s.ofHub() != was.ofHub() {
		a = m.sayHub(t, a, s)
	}

	a.reader, a.hub, a.typed = s.Reader, probedOf(t, s), s.Typed
	var err error
	if a.card, err = session.Look(cardOf(t, s), start()); err != nil {
		t.Fatal(err)
	}

	return a
}

// ofPrinting, ofRecordSystem and ofList return the texts that sayPrinting, sayFlagging and sayList use.
func (s hostileTexts) ofPrinting() [3]string     { return [3]string{s.Queue, s.Job, s.Refusal} }
func (s hostileTexts) ofRecordSystem() [2]string { return [2]string{s.Outcome, s.FlagID} }
func (s hostileTexts) ofList() [7]string {
	return [7]string{s.Path, s.Heading, s.RowNumber, s.RowName, s.RowFamily, s.RowGiven, s.RowBorn}
}

// ofHub returns the texts that sayHub uses: all that are of no other source.
func (s hostileTexts) ofHub() hostileTexts {
	s.Reader, s.Driver, s.Serial, s.Holder, s.Issuer, s.HubHost, s.HubIssuer = "", "", "", "", "", "", ""
	s.Queue, s.Job, s.Refusal, s.Outcome, s.FlagID = "", "", "", "", ""
	s.Typed = ""
	s.Path, s.Heading, s.RowNumber, s.RowName, s.RowFamily, s.RowGiven, s.RowBorn = "", "", "", "", "", "", ""
	return s
}

// sayHub returns a with what client and session return if the hub has the texts of s.
func (m *hubFake) sayHub(t testing.TB, a answers, s hostileTexts) answers {
	t.Helper()
	ctx := t.Context()
	m.setTexts(s)
	manager := session.New(session.Config{
		Open: func(context.Context, string) (cardreader.Card, error) { return signer{m.holder}, nil },
		Hub:  m.client, Clock: start, NewID: uuid.NewString,
	})
	defer func() { manager.End(ctx, session.Quit); manager.Wait(ctx) }()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error %v: %v", err, reflect.ValueOf(err))
		}
	}

	passcode := func() *cardreader.Passcode {
		p := new(cardreader.Passcode)
		for _, b := range []byte(code) {
			p.Append(b)
		}
		return p
	}

	query := client.Query{Family: "Example", Born: nhs.Date{Year: 2016, Month: 3, Day: 4}}

	m.hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		hubtest.RefuseSignIn(w, r, http.StatusBadRequest, s.Spine, s.Reason)
	})

	_, err := manager.ReadAhead(ctx, []cardreader.Reader{{Name: reader, Present: true}})
	must(err)
	_, a.signInErr = manager.SignIn(ctx, passcode())
	m.hub.Answer(hubtest.Token, nil)
	_, err = manager.ReadAhead(ctx, []cardreader.Reader{{Name: reader, Present: true}})
	must(err)
	a.in, err = manager.SignIn(ctx, passcode())
	must(err)
	must(manager.Choose(uridOne))
	a.found, err = manager.Find(ctx, query)
	must(err)
	a.record, err = manager.Patient(ctx, tess)
	must(err)
	if a.lamp = manager.Lamp(ctx, tess); len(a.lamp.Flags) != 1 || a.lamp.Flags[0].State != client.Alert {
		t.Fatalf("Lamp = %+v, want a reasonable adjustments flag", a.lamp)
	}
	a.opened, err = manager.Open(ctx, tess)
	must(err)
	must(a.opened.ListErr)
	month := client.ReportQuery{
		Kind: client.PatientEnquiries, From: nhs.Date{Year: 2026, Month: 11, Day: 1}, To: nhs.DateOf(start()),
	}
	must(manager.Choose(uridOfficer))
	a.report, err = manager.Report(ctx, month)
	must(err)
	a.alerts, err = manager.PrivacyAlerts(ctx, client.AlertQuery{All: true})
	must(err)
	refuse := func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, http.StatusForbidden, s.Spine, s.Diagnostics)
	}

	m.hub.Answer(hubtest.Search, refuse)
	m.hub.Answer(hubtest.AllFlags, refuse)
	m.hub.Answer(hubtest.Report, refuse)
	m.hub.Answer(hubtest.Alerts, refuse)
	_, a.reportErr = manager.Report(ctx, month)
	_, a.alertsErr = manager.PrivacyAlerts(ctx, client.AlertQuery{All: true})
	must(manager.Choose(uridOne))
	_, a.findErr = manager.Find(ctx, query)
	a.lampErr = manager.Lamp(ctx, tess).Err
	return a
}

// setTexts sets the hub's answers to the texts of s.
func (m *hubFake) setTexts(s hostileTexts) {
	role := func(urid string, codes ...string) hubtest.Role {
		return hubtest.Role{
			URID: urid, Org: s.Org, Name: `"Clinical":"Clinical Provision":"` + s.Role + `"`,
			Code: s.RoleCode, Codes: append(codes, s.Activity),
		}
	}

	m.hub.Person = hubtest.Person{
		Given: s.PersonGiven, Family: s.PersonFamily, Title: s.PersonTitle,
		Roles: []hubtest.Role{
			role(uridOne, "B0107", "B0264"), role(uridTwo, "B0107", "B0264"),
			role(uridNone, "B0264"),
			{
				URID: uridOfficer, Org: "RX1", Code: "S8000:G8000:" + rbac.PrivacyOfficer,
				Codes: []string{"B0107", "B0264", "B0015"},
			},
		},
		Orgs: []hubtest.Org{{Code: s.Org, Name: s.OrgName}},
	}

	patient := func(number string) *fhir.Patient {
		p := hubtest.Patient(number, s.Given)
		p.Name[0].Family, p.Name[0].Prefix = s.Family, []string{s.Title}
		p.Address[0].Line, p.Address[0].PostalCode = []string{s.Street, s.Town}, s.Postcode
		p.Telecom = []fhir.ContactPoint{{System: "phone", Use: "home", Value: s.Phone}}
		return p
	}

	set := func(resources ...any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			hubtest.Reply(w, r, http.StatusOK, m.hub.Searchset(resources...))
		}
	}

	m.hub.Answer(hubtest.Search, set(patient(tess.Digits()), patient(sam.Digits())))
	m.hub.Answer(hubtest.Record, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, patient(tess.Digits()))
	})

	plan := func(start string) *fhir.CareTeam {
		c := hubtest.Team(tess.Digits())
		c.Name, c.Telecom[0].Value, c.Telecom[1].Value, c.Period.Start = s.Authority, s.Office, s.Emergency, start
		return c
	}

	m.hub.Answer(hubtest.CareTeam, set(plan("2026-02-03"), plan("2025-02-03")))

	m.hub.Answer(hubtest.Audit, func(w http.ResponseWriter, r *http.Request) {
		const who = "urn:uuid:c8d30000-0000-4000-8000-000000000002"
		b := m.hub.Searchset(&fhir.AuditEvent{
			ResourceType: "AuditEvent", Recorded: start().Format("2006-01-02T15:04:05Z07:00"),
			Agent:  []fhir.AuditAgent{{Who: &fhir.Reference{Reference: who}, Requestor: true}},
			Entity: []fhir.AuditEntity{{What: fhir.NHSNumberReference(tess.Digits())}},
		})
		err := b.Include(who, &fhir.PractitionerRole{
			ResourceType: "PractitionerRole", Practitioner: &fhir.Reference{Display: s.Looker},
			Organization: &fhir.Reference{Display: s.LookerOrg},
			Code:         []fhir.CodeableConcept{{Coding: []fhir.Coding{{Code: "R8001", Display: s.LookerJob}}}},
		})
		if err != nil {
			panic(err) // these structs can always be marshalled
		}
		hubtest.Reply(w, r, http.StatusOK, b)
	})

	m.hub.Answer(hubtest.AllFlags, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, m.hub.FlagsOf(tess.Digits(), s.flags()...))
	})
	m.hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
		hubtest.ReplyJSON(w, r, http.StatusOK, s.reportOf(r.URL.Query()))
	})
	m.hub.Answer(hubtest.Alerts, func(w http.ResponseWriter, r *http.Request) {
		hubtest.ReplyJSON(w, r, http.StatusOK, s.alerts(m.hub.PrivacyAlert))
	})
}

// flags returns a child protection flag, and a reasonable adjustments flag with the texts of s.
func (s hostileTexts) flags() []any {
	concept := func(system, code, display string) fhir.CodeableConcept {
		return fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: code, Display: display}}}
	}
	kind := concept(fhir.SystemFlagCategory, fhir.CodeAdjustmentsFlag, "")
	impairment := concept(fhir.SystemSNOMED, "1", s.Impairment)
	note := []fhir.Extension{{URL: fhir.ExtensionFlagNotes, ValueAnnotation: &fhir.Annotation{Text: s.FlagNote}}}
	return []any{
		hubtest.FlagOf(tess.Digits(), fhir.CodeCPISFlag), hubtest.FlagOf(tess.Digits(), fhir.CodeAdjustmentsFlag),
		&fhir.Flag{
			ResourceType: "Flag", Status: "active", Extension: note, Category: []fhir.CodeableConcept{kind},
			Code: concept(fhir.SystemSNOMED, "2", s.Adjustment), Subject: *fhir.NHSNumberReference(tess.Digits()),
		},
		&fhir.Condition{
			ResourceType: "Condition", Category: []fhir.CodeableConcept{kind}, Code: &impairment,
			Subject: *fhir.NHSNumberReference(tess.Digits()),
		},
	}
}

// reportOf returns a privacy report with the texts of s: two findings, and accesses of every outcome.
func (s hostileTexts) reportOf(asked url.Values) map[string]any {
	now := start().Format(time.RFC3339)
	staff := map[string]string{"uuid": s.StaffID, "name": s.Staff}
	finding := func(kind, patient string) map[string]any {
		return map[string]any{
			"kind": kind, "person": staff, "patient": patient, "count": 61, "first": now, "last": now,
		}
	}
	var accesses []any
	for _, outcome := range []string{client.OutcomeGranted, "refused", "failed", s.DidOutcome} {
		accesses = append(accesses, map[string]any{
			"at": now, "person": staff, "urid": s.StaffRole, "action": s.Did, "outcome": outcome, "reason": s.DidWhy,
			"patients": []string{tess.Digits()}, "listed": 1, "request_id": s.DidID, "source": s.From, "record": 7,
		})
	}
	return map[string]any{
		"report": client.PatientEnquiries, "organisation": "RX1", "from": asked.Get("from"), "to": asked.Get("to"),
		"made": now, "unusual": []any{finding("many_patients", ""), finding(s.Unusual, tess.Digits())},
		"accesses": accesses,
	}
}

// alerts returns a list of privacy alerts with the texts of s: an open one, and one that was closed. of returns an
// alert.
func (s hostileTexts) alerts(of func() map[string]any) map[string]any {
	open, closed := of(), of()
	for _, al := range []map[string]any{open, closed} {
		al["person"] = map[string]string{"uuid": s.StaffID, "name": s.Staff}
		al["reason"], al["kind"] = map[string]string{"display": s.Cause}, s.Unusual
		al["words"], al["urid"], al["role"], al["session"], al["request_id"] = s.Words, s.StaffRole, s.Role, s.Session,
			s.DidID
		al["national"] = map[string]string{"state": client.AlertWaiting, "error": s.SendingError}
	}
	closed["closed"] = map[string]any{
		"at": start(), "by": map[string]string{"uuid": s.StaffID, "name": s.Closer}, "note": s.Note,
	}
	return map[string]any{
		"organisation": "RX1", "state": "all", "made": start(), "kinds": []string{"access"},
		"not_shown": []string{s.Unusual}, "alerts": []any{open, closed},
	}
}

// certificate returns a certificate with the common names holder and issuer. Invalid UTF-8 is replaced, because a
// certificate can't contain it.
func certificate(t testing.TB, holder, issuer string) *x509.Certificate {
	t.Helper()
	name := func(s string) pkix.Name { return pkix.Name{CommonName: strings.ToValidUTF8(s, "?")} }
	subject := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: name(holder),
		NotBefore: start().AddDate(-1, 0, 0), NotAfter: start().AddDate(1, 0, 0),
	}
	key := certtest.P256(t)
	by := &certtest.Issuer{Cert: &x509.Certificate{Subject: name(issuer)}, Key: key}
	return by.Sign(t, subject, key)
}

// cardOf returns what a card driver reads of the card.
func cardOf(t testing.TB, s hostileTexts) cardreader.Info {
	return cardreader.Info{
		Reader: s.Reader, Driver: s.Driver, Serial: s.Serial, Tries: 3,
		Certificate: certificate(t, s.Holder, s.Issuer), ATR: []byte{0x3B},
	}
}

// probedOf returns the probe of a hub with an untrusted certificate: its names are shown in the diagnostics.
func probedOf(t testing.TB, s hostileTexts) client.ProbeResult {
	return client.ProbeResult{
		Address: "https://" + s.HubHost, Host: s.HubHost, Connected: true, Certificate: certificate(t, s.HubHost,
			s.HubIssuer),
		Err: &client.Error{Kind: client.Untrusted, Err: x509.UnknownAuthorityError{}},
	}
}

// into sets the answers of b's session, reader, printers and files. It leaves one role, so that most screens are
// reached without a question.
func (a answers) into(b *modelTest) {
	b.sessions.card, b.sessions.in, b.sessions.found, b.sessions.opened = a.card, a.in, a.found, a.opened
	b.sessions.in.Roles, b.sessions.in.Usable = a.in.Roles[:1], a.in.Usable[:1]
	b.sessions.records = map[nhs.Number]client.Patient{tess: a.record, sam: a.record, oldNum: a.record}
	b.sessions.lamps[tess] = lampOf(tess, client.Alert, a.lamp.Flags...)
	b.hub, b.readerName = a.hub, a.reader
	b.printout.queues, b.printout.job, b.savedLists.patients = a.printing.queues, a.printing.job, a.listing.patients
}

// hostileStates returns all screens, with those that show more of the answers in place of the ordinary ones of the
// same name.
func hostileStates(a answers) []state {
	all := []state{
		{"role-choose", func(b *modelTest) { roles(b, a.in.Usable, a.in.Roles).signIn().Press("down") }},
		{"role-none-usable", func(b *modelTest) { roles(b, nil, a.in.Roles[2:3]).signIn() }},
		{"role-none", func(b *modelTest) { roles(b, nil, []rbac.RoleProfile{}).signIn() }},
		{"find-refused", func(b *modelTest) { b.sessions.findErr = a.findErr; byName(b).deliver() }},
		{"lamp-refused", func(b *modelTest) {
			b.sessions.lamps[tess] = client.Lamp{
				Number: tess, State: client.CouldNotCheck, Err: a.lampErr,
				Flags: []client.FlagLamp{{
					Kind: client.ReasonableAdjustments, State: client.CouldNotCheck,
					Err: a.lampErr,
				}},
			}
			b.toPatient(tess)
		}},
		{"sign-in-refused", func(b *modelTest) {
			b.sessions.signInErr = a.signInErr
			b.cardIn().deliver().Typed(code).Press("enter").deliver()
		}},
		{"sign-in-refused-diagnostics", func(b *modelTest) {
			b.sessions.signInErr = a.signInErr
			b.cardIn().deliver().Typed(code).Press("enter").deliver().Press("esc", "d").deliver().Press("down")
		}},
		{"opened-lookers", func(b *modelTest) { b.toOpened().Press("tab") }},
	}

	all = slices.Concat(edgeStates(a), reportStates(a), all, states())
	seen := make(map[string]bool)
	return slices.DeleteFunc(all, func(s state) bool { // drops ordinary states that are listed here too
		twice := seen[s.name]
		seen[s.name] = true
		return twice
	})
}

// reportStates returns the screens of privacy reports with the answers of a.
func reportStates(a answers) []state {
	// to signs in as a privacy officer and asks for the report of all enquiries.
	to := func(b *modelTest) *modelTest {
		b.officer(0)
		b.sessions.report = a.report
		return b.signIn().Press("esc", "v", "3").Typed("1-11-2026").Press("enter").deliver()
	}
	return []state{
		{"privacy-hostile-typed", func(b *modelTest) {
			b.officer(0).signIn().Press("esc", "v", "2").send(tea.PasteMsg{Content: a.typed}).Press("enter")
		}},
		{"privacy-hostile-refused", func(b *modelTest) { b.sessions.reportErr = a.reportErr; to(b) }},
		{"privacy-hostile-many", func(b *modelTest) { to(b) }},
		{"privacy-hostile-unusual", func(b *modelTest) { to(b).Press("down") }},
		{"privacy-hostile-access", func(b *modelTest) { to(b).Press("down", "down") }},
		{"privacy-hostile-access-refused", func(b *modelTest) { to(b).Press("down", "down", "down") }},
		{"privacy-hostile-access-end", func(b *modelTest) { to(b).Press("end") }},
		{"privacy-hostile-alerts", func(b *modelTest) { a.toAlerts(b) }},
		{"privacy-hostile-alerts-closed", func(b *modelTest) { a.toAlerts(b).Press("l").deliver().Press("end") }},
		{"privacy-hostile-alerts-refused", func(b *modelTest) { b.sessions.alertsErr = a.alertsErr; a.toAlerts(b) }},
		{"privacy-hostile-alert", func(b *modelTest) { a.toAlerts(b).Press("enter") }},
		{"privacy-hostile-alert-end", func(b *modelTest) {
			a.toAlerts(b).Press("l").deliver().Press("end", "enter", "end")
		}},
		{"privacy-hostile-alert-close", func(b *modelTest) {
			a.toAlerts(b).Press("enter", "x").send(tea.PasteMsg{Content: typedOf(a.typed)})
		}},
	}
}

// toAlerts signs in as a privacy officer and lists the alerts of a.
func (a answers) toAlerts(b *modelTest) *modelTest {
	b.alertOfficer(0)
	b.sessions.alerts = a.alerts
	return b.signIn().Press("esc", "v", "4").deliver()
}
