//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/cardreader/virtual"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/pki"
	"wardlight/internal/nhs"
	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
	"wardlight/rbac"
)

const (
	waitingPatients = 500
	everyNthOnPlan  = 37
	everyNthUnknown = 41 // every 41st patient's number has no record
	adaUUID         = "999000000111"
)

// worklistSite is an environment of real parts for testing long worklists: the program, a smartcard in a pcscd, the
// GNOME Keyring, and the hub's own program behind a counting proxy.
type worklistSite struct {
	t       *testing.T
	program string
	env     []string
	data    string
	hub     func() *labtest.Process
	proxy   *countingProxy
	numbers []nhs.Number
	onPlan  map[nhs.Number]bool
	unknown map[nhs.Number]bool
	born    time.Time // birth date of all patients
	file    string
	ring    *secretstore.Keyring
	state   string // folder of the encrypted files
}

func newWorklistSite(t *testing.T) *worklistSite {
	t.Helper()
	pcscdtest.Need(t)
	program, hubProgram := labtest.Program(t, "wardlight"), labtest.Program(t, "wardlight-hub") // before HOME changes
	secretstoretest.Start(t).Use(t)
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(remove)
	service := pcscdtest.Start(t, dir)
	folder := t.TempDir()
	ca, err := pki.New("Lab CA", time.Now)
	if err != nil {
		t.Fatal(err)
	}

	c := &worklistSite{
		t: t, data: filepath.Join(folder, "data"), program: program, onPlan: make(map[nhs.Number]bool),
		unknown: make(map[nhs.Number]bool), born: time.Now().AddDate(-8, 0, 0),
		ring: secretstore.SystemKeyring(os.Environ()),
		file: filepath.Join(folder, "waiting-room.csv"), state: filepath.Join(folder, "state", "wardlight"),
	}

	c.fill()
	c.write(c.file, c.csv())
	caFile := filepath.Join(folder, "ca.pem")
	c.write(caFile, string(ca.PEM()))
	secrets := filepath.Join(folder, "secrets")
	c.write(secrets, "V999 whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
	at := labtest.Address(t) // a restarted hub listens on the same address
	c.proxy = newCounting(t, at)
	c.hub = func() *labtest.Process {
		t.Helper()
		said := new(labtest.Output)
		cmd := exec.Command(hubProgram, "serve", "--listen", at, "--public-url", c.proxy.URL, "--operator-listen",
			"off", "--stop-notice", "0s",
			"--data", c.data, "--ca", caFile+"=uuid", "--webhook-secrets", secrets)
		cmd.Env = append(os.Environ(), "WARDLIGHT_SERVER_LIMITS_REQUEST_PERSON=60000") // no effective limit
		cmd.Stderr = said
		p := labtest.Start(t, cmd)
		p.Until(t, "its listening", func() bool { return strings.Contains(said.String(), "The hub is listening.") })
		return p
	}

	c.env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+service.Socket(), "XDG_STATE_HOME="+filepath.Dir(c.state),
		"WARDLIGHT_HUB_URL="+c.proxy.URL, "WARDLIGHT_HUB_TIMEOUT=1m", "WARDLIGHT_WORKLIST_RATE=6000")
	now := time.Now()
	issued, err := ca.IssueCard(pki.CardRequest{
		UUID: adaUUID, Serial: 7, Key: pki.P256, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}

	card, err := virtual.New(virtual.Config{
		Key: issued.Key, Certificate: issued.DER(),
		Passcode: []byte(cards.Passcode), Tries: cards.Tries,
	})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := service.Plug(t.Context(), 0, card); err != nil {
		t.Fatal(err)
	}

	for deadline := time.Now().Add(time.Minute); ; {
		show := exec.CommandContext(t.Context(), c.program, "card", "show")
		show.Env = c.env
		out, err := show.CombinedOutput()
		if err == nil {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatalf("pcscd did not report the card within a minute: %s", out)
		}
	}
}

func (c *worklistSite) write(path, content string) {
	c.t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// fill writes the hub's data: a nurse, the patients, some of them without a record, and plans for some of them. One
// patient has a plan and no record.
func (c *worklistSite) fill() {
	c.t.Helper()
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		c.t.Fatal(err)
	}

	ledger, err := sqlite.Open(c.t.Context(), c.data)
	if err != nil {
		c.t.Fatal(err)
	}
	defer ledger.Close()
	must := func(err error) {
		if err != nil {
			c.t.Fatal(err)
		}
	}

	must(ledger.PutAuthority(c.t.Context(), store.Authority{
		Code: "V999", Name: "EXAMPLESHIRE COUNCIL",
		DutyPhone: "01632960102",
	}))

	must(ledger.PutPerson(c.t.Context(), store.Person{
		UUID: adaUUID, Given: "Ada", Family: "Sample",
		Roles: []store.Role{{RoleProfile: rbac.RoleProfile{
			URID: "999000000222", JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
			OrgName:    "EXAMPLE GENERAL HOSPITAL",
			Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert},
		}}},
	}))

	var patients []store.Patient
	for nine := 998_000_001; len(c.numbers) < waitingPatients; nine++ {
		check, ok := nhs.CheckDigit(fmt.Sprint(nine))
		if !ok {
			continue
		}

		n := nhs.Number(fmt.Sprint(nine) + string(check))
		if len(c.numbers)%everyNthUnknown == 5 {
			c.unknown[n] = true
		} else {
			p, err := trace.Record(&fhir.Patient{
				ResourceType: "Patient", ID: n.Digits(), BirthDate: nhs.DateOf(c.born).FHIR(),
				Name: []fhir.HumanName{{Use: "usual", Family: "Example", Given: []string{"Child"}}},
			})
			must(err)
			patients = append(patients, p)
		}

		if len(c.numbers)%everyNthOnPlan == 0 {
			c.onPlan[n] = true
			must(ledger.PutPlan(c.t.Context(), store.Plan{
				ID: uuid.NewString(), Number: n, Kind: store.ChildProtection,
				Start: nhs.DateOf(time.Now().AddDate(0, -1, 0)), Authority: "V999",
			}))
		}

		c.numbers = append(c.numbers, n)
	}

	must(ledger.PutPatients(c.t.Context(), patients))
}

// known returns the final state of a patient, as in documents.
func (c *worklistSite) known(n nhs.Number) string {
	switch {
	case c.onPlan[n]:
		return "alert"
	case c.unknown[n]:
		return "could_not_check"
	default:
		return "none_recorded"
	}
}

// in returns the number of patients in a state.
func (c *worklistSite) in(state string) int {
	count := 0
	for _, n := range c.numbers {
		if c.known(n) == state {
			count++
		}
	}
	return count
}

// csv returns the list as a hospital department's system would save it.
func (c *worklistSite) csv() string {
	var b strings.Builder
	b.WriteString("\ufeffNHS Number;Name;DOB\r\n")
	for i, n := range c.numbers {
		fmt.Fprintf(&b, "%s;\"Example; Child %d\";%s\r\n", n, i, c.born.Format("02/01/2006"))
	}
	return b.String()
}

// countingProxy is a proxy in front of the hub. It counts the concurrent lamp requests and the answers to them.
type countingProxy struct {
	*httptest.Server

	gate sync.RWMutex // read-locked during each lamp request, locked to exclude them

	mu            sync.Mutex
	now           int
	maxInProgress int
	of            map[nhs.Number]int
	total         int
	more          chan struct{}
}

func newCounting(t *testing.T, hub string) *countingProxy {
	t.Helper()
	p := &countingProxy{of: make(map[nhs.Number]int), more: make(chan struct{}, 1)}
	to := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: hub}) },
		Transport:    &http.Transport{DisableKeepAlives: true},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ModifyResponse: func(r *http.Response) error {
			if lamp, of := lampOf(r.Request); lamp && r.StatusCode == http.StatusOK {
				p.count(of)
			}
			return nil
		},
	}

	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lamp, _ := lampOf(r); lamp {
			p.gate.RLock()
			defer p.gate.RUnlock()
			p.addInProgress(1)
			defer p.addInProgress(-1)
		}
		// The request to the hub continues when the program disconnects, so that its answer is counted. The context
		// must be cancellable: otherwise ReverseProxy watches the connection itself.
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		defer cancel()
		to.ServeHTTP(w, r.WithContext(ctx))
	}))

	t.Cleanup(p.Close)
	return p
}

func lampOf(r *http.Request) (bool, nhs.Number) {
	if !strings.HasSuffix(r.URL.Path, "/patient-flags/FHIR/R4/Flag") {
		return false, ""
	}
	return true, nhs.Number(r.URL.Query().Get("patient"))
}

func (p *countingProxy) addInProgress(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now += n
	p.maxInProgress = max(p.maxInProgress, p.now)
}

func (p *countingProxy) count(n nhs.Number) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[n]++
	p.total++
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// whileIdle runs f while no lamp request is in progress, so that the hub's records and the counted answers agree.
func (p *countingProxy) whileIdle(f func()) {
	p.gate.Lock()
	defer p.gate.Unlock()
	f()
}

// await waits until n lamp requests were answered.
func (p *countingProxy) await(t *testing.T, n int) {
	t.Helper()
	deadline := time.NewTimer(3 * time.Minute)
	defer deadline.Stop()
	for {
		if total, _ := p.counts(); total >= n {
			return
		}
		select {
		case <-p.more:
		case <-deadline.C:
			total, _ := p.counts()
			t.Fatalf("answered lamp requests after 3 minutes: got %d, want %d", total, n)
		}
	}
}

func (p *countingProxy) counts() (total, limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total, p.maxInProgress
}

func (p *countingProxy) answered(n nhs.Number) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[n] > 0
}
