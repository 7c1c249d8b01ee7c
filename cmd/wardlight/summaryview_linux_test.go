//go:build linux

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/authority"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/internal/secretstore/secretstoretest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
	"wardlight/rbac"
)

// emergencyWords is the reason of views in an emergency.
const emergencyWords = "unconscious, nobody with her"

// summarySite is a test site whose hub is a process of its own behind a proxy, so that it can be killed while it
// answers a view. Its terminals have a keyring.
type summarySite struct {
	*testSite
	data    string // the hub's folder
	command []string
	said    *labtest.Output
	state   string   // folder of the terminals' encrypted files
	env     []string // environment of the terminals

	forward http.Handler
	mu      sync.Mutex
	process *labtest.Process // the hub's
	onView  http.HandlerFunc // answers views instead of the hub; nil to forward them
	ids     []string         // request ids of views
}

func newSummarySite(t *testing.T) *summarySite {
	t.Helper()
	pcscdtest.Need(t)
	at := labtest.Address(t) // a restarted hub listens on the same address
	s := &summarySite{
		said: new(labtest.Output),
		forward: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: at})
		}},
		state: t.TempDir(),
	}
	s.env = append(secretstoretest.Start(t).Env, "XDG_STATE_HOME="+s.state)
	proxy := httptest.NewServer(s)
	t.Cleanup(proxy.Close)

	// The demo makes the cards and the hub's data.
	s.testSite, _ = newTestSiteOf(t, demo.Options{PublicURL: proxy.URL})
	if err := s.hub.StopHub(); err != nil {
		t.Fatal(err)
	}
	s.data = filepath.Join(s.hub.Folder(), "hub")
	secrets := filepath.Join(s.hub.Folder(), "secrets")
	key := "V991 " + authority.FormatSecret(make([]byte, 32)) + "\n"
	if err := os.WriteFile(secrets, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	s.command = []string{
		labtest.Program(t, "wardlight-hub"), "serve", "--listen", at, "--public-url", proxy.URL, "--operator-listen",
		"off", "--stop-notice", "0s", "--data", s.data, "--ca", s.hub.CAFile() + "=uuid", "--webhook-secrets", secrets,
	}
	s.startHub()
	return s
}

// startHub starts the hub's process and waits until it listens.
func (s *summarySite) startHub() {
	s.t.Helper()
	const listens = "The hub is listening."
	before := strings.Count(s.said.String(), listens)
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Stderr = s.said
	process := labtest.Start(s.t, cmd)
	s.mu.Lock()
	s.process = process
	s.mu.Unlock()
	process.Until(s.t, "its listening", func() bool { return strings.Count(s.said.String(), listens) > before })
}

// killHub kills the hub's process.
func (s *summarySite) killHub() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process.Kill()
}

// ServeHTTP passes a request on, as a proxy does.
func (s *summarySite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/summary-care-record/FHIR/R4/Bundle") {
		s.forward.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.ids = append(s.ids, r.Header.Get("X-Request-ID"))
	answer := s.onView
	s.mu.Unlock()
	if answer == nil {
		answer = s.forward.ServeHTTP
	}
	answer(w, r)
}

// views makes f answer views instead of the hub, or the hub again with nil.
func (s *summarySite) views(f http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onView = f
}

// viewed returns the request ids of the views.
func (s *summarySite) viewed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}

// toLamp starts a terminal, signs in with the card in the reader, and shows the lamp of the child with an alert.
func (s *summarySite) toLamp() *Terminal {
	s.t.Helper()
	term := s.startTerminal(s.env...)
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	return term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"), Contains("s summary"))
}

// inEmergency answers the question about the permission: an emergency, with a reason. Then it waits for what must be
// shown.
func inEmergency(term *Terminal, shown Matcher) {
	term.PressUntil("s", Contains("Permission to view"))
	term.Expect(Not(Contains("penicillin")))
	term.PressUntil("2", Contains("Reason ►")).Press("ctrl+u").Type(emergencyWords)
	term.Expect(Contains("► " + emergencyWords))
	term.PressUntil("enter", shown)
}

// awaitStoredID waits until a terminal has stored a request id, which it does in the background.
func (s *summarySite) awaitStoredID() {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for stored := []string(nil); len(stored) == 0; stored, _ = filepath.Glob(filepath.Join(s.state, "wardlight",
		"openings-*.age")) {
		if time.Now().After(deadline) {
			s.t.Fatal("the request id was not stored within a minute")
		}
	}
}

// leave removes the card and ends the program.
func (s *summarySite) leave(term *Terminal) {
	s.t.Helper()
	s.card.Pull()
	term.Expect(Contains("Card removed. Session ended."), Not(Contains("penicillin")), Not(Contains("Tess")))
	term.Press("q").Wait()
}

// alerts returns the privacy alerts as the privacy officer's card lists them.
func (s *summarySite) alerts() []privacyAlertPart {
	s.t.Helper()
	s.insertAndSee("privacy")
	code, out, errs := s.testSite.command("report", "alerts", "--json")
	var d alertsDocument
	if err := json.Unmarshal([]byte(out), &d); code != exitDone || err != nil {
		s.t.Fatalf("report alerts: exit code %d, want %d: %v %s%s", code, exitDone, err, out, errs)
	}
	if len(d.NotShown) != 0 {
		s.t.Errorf("report alerts: the kinds %v are not shown, want all", d.NotShown)
	}
	return d.Alerts
}

// records returns the hub's audit records of granted views, without those of repeated requests.
func (s *summarySite) records() []store.AuditRecord {
	s.t.Helper()
	ledger, err := sqlite.Open(s.t.Context(), s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	defer ledger.Close() //nolint:errcheck // nothing was written
	var all []store.AuditRecord
	viewing := []string{
		rbac.ReadSummary.String(), rbac.ReadSummaryInEmergency.String(), rbac.ReadSummaryByLaw.String(),
	}
	err = ledger.AuditTrail(s.t.Context(), 1, func(r store.AuditRecord) error {
		if slices.Contains(viewing, r.Action) && r.Outcome == audit.Granted &&
			!strings.HasPrefix(r.Reason, "again") {
			all = append(all, r)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// checkOneView checks that the hub has one record of a view by the nurse, with its permission.
func (s *summarySite) checkOneView(action rbac.Action, permission string) {
	s.t.Helper()
	all := s.records()
	if len(all) != 1 {
		s.t.Fatalf("audit records of views: got %+v, want one", all)
	}
	r := all[0]
	if r.Action != action.String() || r.Person != "999000000101" || !slices.Equal(r.Patients,
		[]nhs.Number{people.OnPlan}) || !strings.Contains(r.Reason, permission) {
		s.t.Errorf("audit record of the view: got %+v, want one to %s by the nurse with %q", r, action, permission)
	}
}

// checkOneAlert checks that several views had one request id, and that there is one privacy alert and one record of
// them.
func (s *summarySite) checkOneAlert() {
	s.t.Helper()
	ids := s.viewed()
	if same := slices.Compact(slices.Clone(ids)); len(ids) < 2 || len(same) != 1 {
		s.t.Fatalf("request ids of the views: got %v, want the same id several times", ids)
	}
	s.checkOneView(rbac.ReadSummaryInEmergency, "permission emergency")
	all := s.alerts()
	if len(all) != 1 {
		s.t.Fatalf("privacy alerts: got %+v, want one", all)
	}
	if a := all[0]; a.RequestID != ids[0] || a.Words != emergencyWords || a.Number != people.OnPlan.Digits() ||
		a.Person.UUID != "999000000101" || a.Closed != nil {
		s.t.Errorf("privacy alert: got %+v, want that of request %s by the nurse, open", a, ids[0])
	}
}

// A view with the patient's permission is one record in the hub's audit, and alerts nobody.
func TestSummaryView_PatientAgreed(t *testing.T) {
	t.Parallel() // each test starts its own services
	s := newSummarySite(t)
	s.insert("nurse")
	term := s.toLamp()
	term.PressUntil("s", Contains("Permission to view"))
	if n := len(s.viewed()); n != 0 {
		t.Fatalf("views before the answer: got %d, want 0", n)
	}
	term.Expect(Contains("The patient (or their decision maker) agreed"), Not(Contains("penicillin")))
	term.PressUntil("1", Contains("Allergy to penicillin"))
	term.Expect(Contains("EXAMPLE, Tess"), Contains("Allergies and Adverse Reactions: 2 entries"),
		Contains("Dr Ann Sample, PRETEND SURGERY"), Contains("It may not include"))
	s.leave(term)

	if ids := s.viewed(); len(ids) != 1 {
		t.Errorf("views: got %v, want one", ids)
	}
	s.checkOneView(rbac.ReadSummary, "permission patient")
	if all := s.alerts(); len(all) != 0 {
		t.Errorf("privacy alerts: got %+v, want none", all)
	}
}

// A hub that is killed while it answers a view in an emergency, and started again, makes one alert of both views.
func TestSummaryView_HubKilled(t *testing.T) {
	t.Parallel() // each test starts its own services
	for name, recorded := range map[string]bool{
		"before it has the request": false, "after it has recorded the view": true,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each test starts its own services
			s := newSummarySite(t)
			s.insert("nurse")
			term := s.toLamp()
			s.views(func(_ http.ResponseWriter, r *http.Request) {
				if recorded {
					s.forward.ServeHTTP(httptest.NewRecorder(), r)
				}
				s.killHub()
				panic(http.ErrAbortHandler)
			})
			inEmergency(term, Contains("could not be checked"))
			term.Expect(Contains("not known from it"), Not(Contains("penicillin")), Contains("Code for support"))
			if n := len(s.records()); (n == 1) != recorded {
				t.Fatalf("audit records of views by the killed hub: got %d, want one: %v", n, recorded)
			}

			s.views(nil)
			s.startHub()
			term.Press("esc").Expect(Contains("o open the alert"))
			inEmergency(term, Contains("Allergy to penicillin"))
			s.leave(term)
			s.checkOneAlert()
		})
	}
}

// A terminal that is killed while it waits for a view in an emergency sends the same request id after its restart.
func TestSummaryView_TerminalKilled(t *testing.T) {
	t.Parallel() // each test starts its own services
	s := newSummarySite(t)
	s.insert("nurse")
	term := s.toLamp()
	arrived := make(chan struct{})
	s.views(func(_ http.ResponseWriter, r *http.Request) {
		s.forward.ServeHTTP(httptest.NewRecorder(), r)
		close(arrived)
		<-r.Context().Done() // the terminal is gone
	})
	inEmergency(term, Contains("Getting the Summary Care Record."))
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatal("the hub has not answered the view within a minute")
	}
	s.awaitStoredID()
	term.Signal(syscall.SIGKILL).Wait()

	s.views(nil)
	again := s.toLamp()
	inEmergency(again, Contains("Allergy to penicillin"))
	s.leave(again)
	s.checkOneAlert()
}
