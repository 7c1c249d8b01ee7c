package tui

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
	"wardlight/rbac"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// fakeSessions implements shell.Desk. It returns what the test has set, and records the calls.
type fakeSessions struct {
	results   map[string]worklist.Result // results of a worklist, by NHS number; they replace the lamp
	card      session.Card
	cardErr   error
	others    map[string]session.CardResult // results of reading the cards in other readers
	in        session.SignedIn
	signInErr error
	// browserErr is the error of a sign-in in the browser.
	browserErr error
	found      client.Found
	chooseErr  error
	findErr    error
	records    map[nhs.Number]client.Patient
	recordErr  error
	lamps      map[nhs.Number]client.Lamp // for numbers that aren't listed: none recorded, or lampErr
	lampErr    error
	opened     client.Opened
	openErr    error
	report     client.Report
	reportErr  error
	alerts     client.PrivacyAlerts
	alertsErr  error
	closeErr   error
	summary    client.Summary // without a number it is about the requested one

	receiptErr error
	onReceipt  func() // called while the receipt is requested; nil does nothing

	mu       sync.Mutex
	asked    []string
	passcode string               // the passcode of the last sign-in
	handed   *cardreader.Passcode // the value that the passcode was passed in
	query    client.Query
}

// note records a call. The program calls from several goroutines.
func (d *fakeSessions) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, what)
}

// ReadAhead returns the card that session.Choose chooses among readers. Readers in d.others have the card given there;
// all others that can be read have d.card.
func (d *fakeSessions) ReadAhead(_ context.Context, readers []cardreader.Reader) (session.Card, error) {
	var names []string
	var all []session.CardResult
	for _, r := range readers {
		s := session.Unread(r)
		if s.Err == nil {
			names = append(names, r.Name)
			reader := s.Card.Reader
			s.Card, s.Err = d.card, d.cardErr
			s.Card.Slot, s.Card.Reader = r.Name, reader
		}
		if other, known := d.others[r.Name]; known {
			s = other
		}
		all = append(all, s)
	}
	d.note("read ahead " + strings.Join(names, ", "))
	chosen, err := session.Choose(all)
	return chosen.Card, err
}

func (d *fakeSessions) SignIn(_ context.Context, p *cardreader.Passcode) (session.SignedIn, error) {
	d.note("sign in")
	d.passcode, d.handed = string(p.Bytes()), p
	return d.in, d.signInErr
}

// SignInByBrowser returns the person of d.in, who then has no card.
func (d *fakeSessions) SignInByBrowser(context.Context) (session.SignedIn, error) {
	d.note("sign in by browser")
	in := d.in
	in.ByBrowser = true
	return in, d.browserErr
}

func (d *fakeSessions) Choose(urid string) error {
	d.note("choose " + urid)
	return d.chooseErr
}

func (d *fakeSessions) Find(_ context.Context, q client.Query) (client.Found, error) {
	d.note("find")
	d.query = q
	return d.found, d.findErr
}

func (d *fakeSessions) Patient(_ context.Context, n nhs.Number) (client.Patient, error) {
	d.note("patient " + n.Digits())
	return d.records[n], d.recordErr
}

func (d *fakeSessions) Lamp(_ context.Context, n nhs.Number) client.Lamp {
	d.note("lamp " + n.Digits())
	lamp, known := d.lamps[n]
	switch {
	case d.recordErr != nil && step.AboutNumber(d.recordErr) && !lamp.RecordMissing: // no alert without a record
		return client.Lamp{Number: n, State: client.CouldNotCheck, Err: d.recordErr}
	case known:
		return lamp
	}
	if d.lampErr != nil {
		return client.Lamp{Number: n, State: client.CouldNotCheck, Err: d.lampErr}
	}
	return client.Lamp{Number: n, State: client.NoneRecorded, AsOf: start()}
}

// CheckPatient returns the lamp of p's number. It does not compare names: package session does.
func (d *fakeSessions) CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result {
	lamp := d.Lamp(ctx, p.Number)
	if r, known := d.results[p.Number.Digits()]; known {
		return r
	}
	return worklist.Result{Lamp: lamp}
}

func (d *fakeSessions) Open(_ context.Context, n nhs.Number) (client.Opened, error) {
	d.note("open " + n.Digits())
	return d.opened, d.openErr
}

func (d *fakeSessions) Report(_ context.Context, q client.ReportQuery) (client.Report, error) {
	d.note("report " + string(q.Kind))
	r := d.report
	r.Query = q
	return r, d.reportErr
}

// PrivacyAlerts returns d.alerts, without the closed ones unless q asks for them.
func (d *fakeSessions) PrivacyAlerts(_ context.Context, q client.AlertQuery) (client.PrivacyAlerts, error) {
	d.note(fmt.Sprintf("alerts, closed %v, from %q to %q", q.All, q.From.FHIR(), q.To.FHIR()))
	list := d.alerts
	list.Query, list.Alerts = q, nil
	for _, al := range d.alerts.Alerts {
		if q.All || al.Closed == nil {
			list.Alerts = append(list.Alerts, al)
		}
	}
	return list, d.alertsErr
}

// CloseAlert closes an alert of d.alerts.
func (d *fakeSessions) CloseAlert(_ context.Context, id, note string) (client.PrivacyAlert, error) {
	d.note("close " + id + ": " + note)
	if d.closeErr != nil {
		return client.PrivacyAlert{}, d.closeErr
	}
	for i, al := range d.alerts.Alerts {
		if al.ID == id {
			al.Closed = &client.AlertClosing{At: start(), By: d.in.Person, Note: note}
			d.alerts.Alerts[i] = al
			return al, nil
		}
	}
	return client.PrivacyAlert{}, &client.Error{Kind: client.AlertNotFound, Status: 404}
}

func (d *fakeSessions) ViewSummary(_ context.Context, n nhs.Number, v client.SummaryView) client.Summary {
	d.note("summary " + n.Digits() + " " + strings.ReplaceAll(v.Key(), "\n", " "))
	s := d.summary
	if s.Number == "" {
		s.Number = n
	}
	return s
}

func (d *fakeSessions) Receipt(_ context.Context, requestID string) (client.Receipt, error) {
	d.note("receipt " + requestID)
	if d.onReceipt != nil {
		d.onReceipt()
	}
	return client.Receipt{RequestID: requestID, JSON: []byte("receipt of " + requestID)}, d.receiptErr
}

func (d *fakeSessions) MarkUnseen(_ context.Context, requestID string) error {
	d.note("unseen " + requestID)
	return nil
}

func (d *fakeSessions) End(_ context.Context, why session.Reason) {
	d.note("end: " + string(why))
}

// count returns the number of calls equal to what.
func (d *fakeSessions) count(what string) int {
	n := 0
	for _, a := range d.asked {
		if a == what {
			n++
		}
	}
	return n
}

// The people and things of the tests. All are made up: NHS numbers that begin with 999 are never issued.
const (
	tess   = nhs.Number("9990000018")
	sam    = nhs.Number("9990000026")
	oldNum = nhs.Number("9990000034")
	reader = "Lab Reader 00 00"
	code   = "135790"
)

// start returns a Sunday afternoon, outside office hours.
func start() time.Time { return time.Date(2026, time.November, 22, 14, 5, 0, 0, time.UTC) }

func nurse() rbac.RoleProfile {
	return rbac.RoleProfile{
		URID: "555000000222", JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
		OrgName: "Example General Hospital", Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert},
	}
}

func midwife() rbac.RoleProfile {
	return rbac.RoleProfile{
		URID: "555000000333", JobRole: "S8000:G8000:R8003", JobName: "Health Professional Access Role", OrgODS: "RX2",
		OrgName: "Elsewhere Community Services", Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlertSilently},
	}
}

func clerk() rbac.RoleProfile {
	return rbac.RoleProfile{
		URID: "555000000444", JobRole: "S8001:G8002:R8010", JobName: "Clerical Access Role", OrgODS: "RX1",
		OrgName: "Example General Hospital", Activities: []rbac.ActivityCode{rbac.Trace},
	}
}

func tessRecord() client.Patient {
	return client.Patient{
		Number: tess, Family: "Example", Given: []string{"Tess", "Ann"}, Title: "Miss",
		Born: nhs.Date{Year: 2016, Month: time.March, Day: 4}, Gender: nhs.Female,
		Address: []string{"4 Made Up Row", "Leeds", "LS1 4AP"}, Postcode: "LS1 4AP", Phone: "01632960001",
	}
}

func samRecord() client.Patient {
	return client.Patient{
		Number: sam, Family: "Sample", Given: []string{"Sam"}, Born: nhs.Date{Year: 2024, Month: time.June, Day: 30},
		Gender: nhs.Male, Restricted: true,
	}
}

func tessOpened() client.Opened {
	o := client.Opened{
		Number: tess, AsOf: start().Add(time.Minute), Notifies: true, RequestID: "r-1",
		Plans: []client.Plan{
			{
				Kind: client.ChildProtection, Start: nhs.Date{Year: 2026, Month: time.February, Day: 3},
				Authority: "V999 - EXAMPLESHIRE COUNCIL", OfficePhone: "01632960101", EmergencyPhone: "01632960102",
			},
			{
				Kind: client.LookedAfter, Start: nhs.Date{Year: 2024, Month: time.July, Day: 1},
				End:       nhs.Date{Year: 2026, Month: time.May, Day: 7},
				Authority: "V998 - SAMPLETON BOROUGH COUNCIL", OfficePhone: "02079460101",
				EmergencyPhone: "02079460102",
			},
		},
	}

	who := []string{"Ms Ada Sample", "Dr Bo Example", "Mr Cai Placeholder"}
	for i := range 25 {
		o.Accesses = append(o.Accesses, client.Access{
			When: start().Add(-time.Duration(i) * 31 * time.Hour), Who: who[i%3],
			JobRole: "Nurse Access Role", Organisation: "EXAMPLE GENERAL HOSPITAL",
		})
	}

	return o
}

// newFakeSessions returns a fake whose calls all succeed: a nurse, a child with an alert, and a child without.
func newFakeSessions() *fakeSessions {
	return &fakeSessions{
		card: session.Card{
			Reader: reader, Driver: "PIV", ATR: []byte{0x3B, 0xDF, 0x18}, UUID: "555000000111", Issuer: "CN=Lab CA",
			NotAfter: time.Date(2028, time.March, 31, 23, 59, 59, 0, time.UTC), Tries: 3, KeyKind: "RSA 2048",
		},
		in: session.SignedIn{
			Person: client.Person{UUID: "555000000111", Name: "SAMPLE, Ada (Ms)"},
			Roles:  []rbac.RoleProfile{nurse()}, Usable: []rbac.RoleProfile{nurse()},
		},
		records: map[nhs.Number]client.Patient{tess: tessRecord(), sam: samRecord()},
		lamps: map[nhs.Number]client.Lamp{
			tess: {Number: tess, State: client.Alert, AsOf: start()},
			sam:  {Number: sam, State: client.NoneRecorded, AsOf: start()},
		},
		found:  client.Found{Rows: []client.Patient{tessRecord(), samRecord()}},
		opened: tessOpened(),
	}
}

// goodHub returns the probe result of a hub that answers and whose clock is right.
func goodHub() client.ProbeResult {
	return client.ProbeResult{
		Address: "https://hub.example", Host: "hub.example", Connected: true, HandshakeDone: true, TLS: "TLS 1.3",
		Answered: true, HasDate: true,
		Certificate: &x509.Certificate{NotAfter: time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC)},
	}
}

// modelTest drives a model without a terminal. It runs the commands that the model returns, and delivers their messages
// only when the test calls answer or take.
type modelTest struct {
	t          *testing.T
	sessions   *fakeSessions
	m          *shell.Model
	now        time.Time
	queued     []tea.Msg // messages not yet delivered, oldest first
	timers     []shell.TickMsg
	quit       bool
	hub        client.ProbeResult // what a probe of the hub, without sign-in, returns
	printout   *fakePrinting
	receipts   *fakeReceipts
	savedLists *fakeListStore

	readerName string // the reader that the test's card is put into
	drawn      map[string]drawn
	unchecked  bool // checkInvariants checks nothing
}

func newFixture(t *testing.T) *modelTest { return newFixtureSize(t, 80, 24) }

func newFixtureSize(t *testing.T, cols, rows int) *modelTest {
	t.Helper()
	return newFixtureWith(t, func(c *shell.Config) { c.Width, c.Height = cols, rows })
}

// newFixtureWith returns a bench whose configuration is changed by set.
func newFixtureWith(t *testing.T, set func(*shell.Config)) *modelTest {
	t.Helper()
	b := &modelTest{
		t: t, sessions: newFakeSessions(), now: start(), hub: goodHub(), readerName: reader,
		receipts: new(fakeReceipts),
		printout: newFakePrinting(), savedLists: new(fakeListStore), drawn: make(map[string]drawn),
	}

	given := shell.Config{
		Sessions: b.sessions, Clock: func() time.Time { return b.now }, Site: "Example General Hospital, ED",
		Version: "0.0.0-test", Printing: b.printout, SaveReceipt: b.receipts.save,
		Probe:    func(context.Context) client.ProbeResult { return b.hub },
		Worklist: shell.Worklist{Store: b.savedLists, MaxAnswerAge: time.Hour},
		Width:    80, Height: 24,
	}

	given.Shell = true
	set(&given)
	cfg, err := given.Complete()
	if err != nil {
		t.Fatal(err)
	}

	b.m = shell.New(t.Context(), cfg)
	b.m.After = func(_ time.Duration, msg shell.TickMsg) tea.Cmd {
		b.timers = append(b.timers, msg)
		return nil
	}

	b.send(tea.WindowSizeMsg{Width: cfg.Width, Height: cfg.Height})
	return b
}

// send passes msg to the model and runs the command that it returns. The messages of the command are queued.
func (b *modelTest) send(msg tea.Msg) *modelTest {
	b.t.Helper()
	_, cmd := b.m.Update(msg)
	b.run(cmd)
	b.checkInvariants()
	return b
}

func (b *modelTest) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			b.run(c)
		}
	case tea.QuitMsg:
		b.quit = true
	default:
		b.queued = append(b.queued, msg)
	}
}

// deliver delivers the queued messages, and those that result from them, in order.
func (b *modelTest) deliver() *modelTest {
	b.t.Helper()
	for len(b.queued) > 0 {
		next := b.queued[0]
		b.queued = b.queued[1:]
		b.send(next)
	}
	return b
}

// takeQueued removes the first queued message of type M and returns it, so that the test can deliver it later.
func takeQueued[M tea.Msg](b *modelTest) M {
	b.t.Helper()
	for i, a := range b.queued {
		if m, ok := a.(M); ok {
			b.queued = slices.Delete(b.queued, i, i+1)
			return m
		}
	}
	var none M
	b.t.Fatalf("no message of type %T is queued", none)
	return none
}

// Press sends keys, given by name: "enter", "o", "ctrl+l".
func (b *modelTest) Press(names ...string) *modelTest {
	b.t.Helper()
	for _, n := range names {
		b.send(keyNamed(n))
	}
	return b
}

// Typed sends a key press for each character of s.
func (b *modelTest) Typed(s string) *modelTest {
	b.t.Helper()
	for _, r := range s {
		_, cmd := b.m.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		b.run(cmd)
	}
	b.checkInvariants()
	return b
}

func keyNamed(name string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome},
		"end":  {Code: tea.KeyEnd},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "backspace": {Code: tea.KeyBackspace},
		"delete": {Code: tea.KeyDelete}, "f1": {Code: tea.KeyF1}, "ctrl+l": {Code: 'l', Mod: tea.ModCtrl},
		"ctrl+g": {Code: 'g', Mod: tea.ModCtrl}, "ctrl+e": {Code: 'e', Mod: tea.ModCtrl},
		"ctrl+f": {Code: 'f', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
		"ctrl+t": {Code: 't', Mod: tea.ModCtrl}, "ctrl+o": {Code: 'o', Mod: tea.ModCtrl},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
		"space": {Code: tea.KeySpace, Text: " "},
	}
	if k, ok := special[name]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// wait advances the clock by d.
func (b *modelTest) wait(d time.Duration) *modelTest {
	b.now = b.now.Add(d)
	return b
}

// event sends an event of the card watcher.
func (b *modelTest) event(e cardreader.Event) *modelTest {
	b.t.Helper()
	return b.send(shell.CardMsg{Event: e})
}

// cardIn inserts the card, after a second.
func (b *modelTest) cardIn() *modelTest {
	b.t.Helper()
	return b.wait(time.Second).inserted()
}

// inserted sends the watcher's events for an inserted card.
func (b *modelTest) inserted() *modelTest {
	b.t.Helper()
	b.event(cardreader.Event{
		Kind:    cardreader.ReadersChanged,
		Readers: []cardreader.Reader{{Name: b.readerName, Present: true}},
	})
	return b.event(cardreader.Event{Kind: cardreader.CardInserted, Reader: b.readerName, ATR: []byte{0x3B, 0xDF, 0x18}})
}

func (b *modelTest) cardOut() *modelTest {
	b.t.Helper()
	return b.event(cardreader.Event{Kind: cardreader.CardRemoved, Reader: b.readerName})
}

// cardBlocked sends the watcher's event for a card that another program is using.
func (b *modelTest) cardBlocked() *modelTest {
	b.t.Helper()
	return b.event(cardreader.Event{
		Kind: cardreader.CardWaiting, Reader: b.readerName,
		Err: cardreader.InUseError(cardreader.Busy, []string{"scdaemon"}),
	})
}

// signIn signs in, up to the search form or the list of roles.
func (b *modelTest) signIn() *modelTest {
	b.t.Helper()
	return b.cardIn().deliver().Typed(code).Press("enter").deliver()
}

// toPatient signs in and shows the patient with NHS number n.
func (b *modelTest) toPatient(n nhs.Number) *modelTest {
	b.t.Helper()
	return b.signIn().Typed(n.Digits()).Press("enter").deliver()
}

// toOpened signs in and opens tess's alert.
func (b *modelTest) toOpened() *modelTest {
	b.t.Helper()
	return b.toPatient(tess).wait(time.Second).Press("o").deliver()
}

// text returns the text on the screen.
func (b *modelTest) text() string { return ansi.Strip(b.m.View().Content) }

// resize changes the size of the terminal.
func (b *modelTest) resize(cols, rows int) *modelTest {
	b.t.Helper()
	return b.send(tea.WindowSizeMsg{Width: cols, Height: rows})
}
