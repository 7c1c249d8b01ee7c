package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/authority"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pki"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Number of kills and of clients, and maximum number of answered openings before a kill.
const (
	kills     = 50
	openers   = 8
	maxBefore = 40
)

const (
	openersUUID = "999000000111"
	openersURID = "999000000222"
	openedChild = nhs.Number("9990000018")
	exitCode    = "V999"
)

// TestWhatWasAnsweredSurvivesFiftyKills kills the hub at random moments under load. Each answered opening must have
// one access and one notification. A client without an answer retries with the same id, as the terminal does. The
// retry must not add a second access.
func TestWhatWasAnsweredSurvivesFiftyKills(t *testing.T) {
	t.Parallel() // mostly waits
	w := newHubProcess(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hub := w.start(t)
	session := w.signIn(t)

	var answered sync.Map // request ids
	var answers atomic.Int64
	more := make(chan struct{}, 1)
	var all sync.WaitGroup
	for range openers {
		all.Go(func() {
			for ctx.Err() == nil {
				id := w.open(ctx, t, session)
				if id == "" {
					continue
				}
				answered.Store(id, true)
				answers.Add(1)
				select {
				case more <- struct{}{}:
				default:
				}
			}
		})
	}

	random := mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // random moments, not secrets
	for range kills {
		until := answers.Load() + 1 + random.Int64N(maxBefore)
		for answers.Load() < until {
			select {
			case <-more:
			case <-hub.Done():
				t.Fatalf("the hub exited unexpectedly:\n%s", w.log.String())
			}
		}
		<-time.After(time.Duration(random.IntN(3000)) * time.Microsecond) // at any stage of the openings in progress
		hub.Kill()
		hub = w.start(t)
	}

	cancel()
	all.Wait()
	hub.Stop()
	w.check(t, &answered, answers.Load())
}

// hubProcess is the environment of a hub, such as its folder and address, which each of its processes shares.
type hubProcess struct {
	program, folder, address string
	ca                       *pki.CA
	authority                *authority.Receiver
	log                      *labtest.Output
	args                     []string
	environ                  []string // additional environment of its processes
}

// newHubProcess returns a hub whose ledger has one child with a plan and one person who may open it.
func newHubProcess(t *testing.T) *hubProcess {
	t.Helper()
	w := emptyHubProcess(t, exitCode)
	s := w.ledger(t)
	defer s.Close() //nolint:errcheck // the data was committed
	w.fill(t, s)
	return w
}

// emptyHubProcess returns a hub without a ledger. The receiver of notifications accepts those of the authorities with
// these codes.
func emptyHubProcess(t *testing.T, codes ...string) *hubProcess {
	t.Helper()
	ca, err := pki.New("Sub CA", time.Now)
	if err != nil {
		t.Fatal(err)
	}

	keys, lines := make(map[string][]byte), ""
	for _, code := range codes {
		keys[code] = make([]byte, 32)
		_, _ = rand.Read(keys[code])
		lines += code + " " + authority.FormatSecret(keys[code]) + "\n"
	}

	receiver, err := authority.Start(t.Context(), authority.Options{
		Keys: keys, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = receiver.Close() })
	w := &hubProcess{
		program: labtest.Program(t, "wardlight-hub"), folder: filepath.Join(t.TempDir(), "data"),
		address: labtest.Address(t), ca: ca, authority: receiver,
		log: &labtest.Output{},
	}

	files := newFiles(t)
	files.write(t, files.ca, string(ca.PEM()))
	files.write(t, files.secrets, lines)
	w.args = []string{
		"serve", "--listen", w.address, "--operator-listen", "off", "--stop-notice", "0s", "--data",
		w.folder, "--ca", files.ca + "=uuid", "--webhook-secrets", files.secrets,
	}

	return w
}

// fill stores what an opening needs.
func (w *hubProcess) fill(t *testing.T, s store.Store) {
	t.Helper()
	child, err := trace.Record(&fhir.Patient{
		ResourceType: "Patient", ID: openedChild.Digits(), Gender: "female", BirthDate: "2016-03-04",
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: openedChild.Digits()}},
		Name:       []fhir.HumanName{{Use: "usual", Family: "Example", Given: []string{"Tess"}}},
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, err := range []error{
		s.PutPatients(t.Context(), []store.Patient{child}),
		s.PutAuthority(t.Context(), store.Authority{
			Code: exitCode, Name: "EXAMPLESHIRE COUNCIL",
			DutyPhone: "01632960102", Endpoint: w.authority.URL(exitCode),
		}),
		s.PutPlan(t.Context(), store.Plan{
			ID: uuid.NewString(), Number: openedChild, Kind: store.ChildProtection,
			Start: nhs.DateOf(time.Now().AddDate(0, -1, 0)), Authority: exitCode,
		}),
		s.PutPerson(t.Context(), store.Person{
			UUID: openersUUID, Given: "Ada", Family: "Sample",
			Roles: []store.Role{{RoleProfile: rbac.RoleProfile{
				URID: openersURID, JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
				OrgName:    "EXAMPLE GENERAL HOSPITAL",
				Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert, rbac.ViewSummary},
			}}},
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *hubProcess) ledger(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), w.folder)
	if err != nil {
		t.Fatalf("sqlite.Open(%s): %v", w.folder, err)
	}
	return s
}

// start starts a hub and waits until it listens.
func (w *hubProcess) start(t *testing.T) *labtest.Process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.program, w.args...)
	cmd.Stderr = w.log
	cmd.Env = append(append(os.Environ(), "GORACE=halt_on_error=1", "WARDLIGHT_SERVER_LIMITS_REQUEST_PERSON=60000"),
		w.environ...)
	listening := strings.Count(w.log.String(), "The hub is listening.")
	p := labtest.Start(t, cmd)
	p.Until(t, "its listening", func() bool {
		return strings.Count(w.log.String(), "The hub is listening.") > listening
	})
	return p
}

func (w *hubProcess) signIn(t *testing.T) *client.Acting {
	t.Helper()
	now := time.Now()
	card, err := w.ca.IssueCard(pki.CardRequest{
		UUID: openersUUID, Serial: 7, Key: pki.P256,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w.signInWith(t, card)
}

func (w *hubProcess) signInWith(t *testing.T, card pki.Issued) *client.Acting {
	t.Helper()
	session, err := signInAt(t, w.address, card)
	if err != nil {
		t.Fatal(err)
	}
	acting, err := session.As(openersURID)
	if err != nil {
		t.Fatal(err)
	}
	return acting
}

// signInAt signs in at the hub with the address. above are CA certificates that the card sends along. The error is the
// hub's refusal.
func signInAt(t *testing.T, address string, card pki.Issued, above ...*x509.Certificate) (*client.Session, error) {
	t.Helper()
	return signInTo(t, client.Config{BaseURL: "http://" + address}, card, above...)
}

// signInTo is like signInAt for a hub given by a client configuration.
func signInTo(t *testing.T, to client.Config, card pki.Issued, above ...*x509.Certificate) (*client.Session, error) {
	t.Helper()
	to.Clock, to.NewID, to.Timeout = time.Now, uuid.NewString, time.Minute // long enough for a busy machine
	hub, err := client.New(to)
	if err != nil {
		t.Fatal(err)
	}

	challenge, err := hub.Challenge(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	key, err := client.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}

	sign := func(message []byte, hash crypto.Hash) ([]byte, error) {
		h := hash.New()
		h.Write(message)
		return card.Key.Sign(rand.Reader, h.Sum(nil), hash)
	}

	assertion, err := challenge.Assert(append([]*x509.Certificate{card.Certificate}, above...), key, time.Now(),
		uuid.NewString(), sign)
	if err != nil {
		t.Fatal(err)
	}

	return hub.SignIn(t.Context(), challenge, assertion)
}

// open opens the alert. It retries with the same id until the hub answers, and returns that id, or "" when ctx is done
// first.
func (w *hubProcess) open(ctx context.Context, t *testing.T, session *client.Acting) string {
	again := ""
	for ctx.Err() == nil {
		opened, err := session.Open(ctx, openedChild, again)
		var failed *client.Error
		switch {
		case err == nil:
			if len(opened.Plans) != 1 || !opened.Notifies {
				t.Errorf("opening: got %d plans, notifies %v, want 1 and true", len(opened.Plans), opened.Notifies)
			}
			return opened.RequestID
		case !errors.As(err, &failed):
			t.Errorf("opening: got error %v, want a *client.Error", err)
			return ""
		case failed.OutcomeUnknown:
			again = failed.RequestID
		case failed.Kind != client.Unreachable && failed.Kind != client.TimedOut && failed.Kind != client.Cancelled &&
			failed.Kind != client.Failing:
			t.Errorf("opening: got error %v, want one of a killed hub", err)
			return ""
		}

		select { // the hub may still be starting
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}

	return ""
}

// check checks the ledger and compares it with the answers, and starts a last hub to deliver the remaining
// notifications.
func (w *hubProcess) check(t *testing.T, answered *sync.Map, answers int64) {
	t.Helper()
	s := w.ledger(t)
	defer s.Close() //nolint:errcheck // it is only read
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("check of the database: %v", err)
	}
	notified := checkOpenings(t, s, answered, answers)
	hub := w.start(t)
	defer hub.Stop()
	w.checkDelivered(t, notified)
}

// checkOpenings verifies the audit, compares the answers with the accesses and notifications in the ledger, and returns
// the notifications.
func checkOpenings(t *testing.T, s store.Store, answered *sync.Map, answers int64) []store.Notification {
	t.Helper()
	head, err := audit.Verify(t.Context(), s)
	if err != nil {
		t.Errorf("audit.Verify: %v", err)
	}

	accesses, err := s.Accesses(t.Context(), []nhs.Number{openedChild}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}

	notified, err := s.Notifications(t.Context(), store.NotificationQuery{})
	if err != nil {
		t.Fatal(err)
	}

	of := make(map[string]int) // accesses by request id
	for _, a := range accesses {
		of[a.RequestID]++
		if of[a.RequestID] > 1 {
			t.Errorf("request %s: got %d accesses, want 1", a.RequestID, of[a.RequestID])
		}
	}

	answered.Range(func(id, _ any) bool {
		if of[id.(string)] != 1 {
			t.Errorf("answered request %s: got %d accesses, want 1", id, of[id.(string)])
		}
		return true
	})

	if len(notified) != len(accesses) || int64(len(accesses)) < answers {
		t.Errorf("%d answers: got %d accesses and %d notifications, want as many of each",
			answers, len(accesses), len(notified))
	}

	t.Logf("%d answers, %d accesses, %d audit records", answers, len(accesses), head.Records)
	return notified
}

// checkDelivered waits until a running hub has delivered all notifications, and compares what the authority received
// with the outbox.
func (w *hubProcess) checkDelivered(t *testing.T, notified []store.Notification) {
	t.Helper()
	for came := -1; ; { // fails if no further one arrives within a minute
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := w.authority.Await(ctx, len(notified))
		cancel()
		if err == nil {
			break
		}
		if now := len(w.authority.Received()); now > came {
			came = now
			continue
		}
		t.Fatal(err)
	}

	ids := make(map[string]bool)
	for _, n := range w.authority.Received() {
		ids[n.ID] = true
	}

	for _, n := range notified {
		if !ids[n.ID] {
			t.Errorf("notification %s was not received", n.ID)
		}
	}

	if len(ids) != len(notified) {
		t.Errorf("notifications received: got %d, want %d", len(ids), len(notified))
	}

	if refused := w.authority.Refused(); len(refused) > 0 {
		t.Errorf("notifications rejected by the authority: got %s, want none", fmt.Sprint(refused[0].Err))
	}
}
