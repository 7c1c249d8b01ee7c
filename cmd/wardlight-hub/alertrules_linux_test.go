package main

import (
	"context"
	"crypto/x509"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/client"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/summary"
	"wardlight/hub/witness"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/pki"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/lab/witnesstest"
	"wardlight/internal/nhs"
	"wardlight/internal/translog"
)

const (
	alertRules = packaging + "prometheus/wardlight-hub.rules.yaml"
	monitoring = "../../docs/monitoring.md"
)

// otherChild is a patient without a plan.
const otherChild = nhs.Number("9990000026")

// alertRule is a rule of the package.
type alertRule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

// readAlertRules returns the rules of the package.
func readAlertRules(t *testing.T) []alertRule {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alertRule }
	}
	must(t, yaml.Unmarshal([]byte(readFile(t, alertRules)), &file))
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatalf("got %d groups in %s, want one with rules", len(file.Groups), alertRules)
	}
	return file.Groups[0].Rules
}

// watchedHub is a hub that has everything that the rules watch: metrics, checkpoints, a folder of backups, and an
// authority that is notified.
type watchedHub struct {
	*hubProcess
	timeline
	checkpoints, backups, secrets, cards string
	witnesses                            string // file; "" for none
	process                              *labtest.Process
}

// newWatchedHub makes the books and settings of a hub with a backup. Nothing runs yet.
func newWatchedHub(t *testing.T) *watchedHub {
	t.Helper()
	w := newHubProcess(t)
	folder := t.TempDir()
	h := &watchedHub{
		hubProcess: w, timeline: timeline{t: t, operator: labtest.Address(t)},
		checkpoints: filepath.Join(folder, "checkpoints"), backups: filepath.Join(folder, "backups"),
		secrets: w.args[slices.Index(w.args, "--webhook-secrets")+1],
		cards:   strings.TrimSuffix(w.args[slices.Index(w.args, "--ca")+1], "=uuid"),
	}

	must(t, os.Mkdir(h.checkpoints, 0o700))
	must(t, os.Mkdir(h.backups, 0o700))
	key := filepath.Join(folder, "audit.key")
	h.command("audit", "key", key, "--name", logName)
	h.command("backup", filepath.Join(h.backups, "one"), "--data", w.folder)

	people := `{"resourceType":"Patient","id":"9990000026","birthDate":"2017-01-02",` +
		`"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"}],` +
		`"name":[{"use":"usual","family":"Example","given":["Tom"]}]}`

	h.command("import", writeTemp(t, people+"\n"), "--data", w.folder)

	w.args = append(w.args, "--operator-listen", h.operator)
	w.environ = []string{
		"WARDLIGHT_SERVER_AUDIT_CHECKPOINT_FOLDER=" + h.checkpoints,
		"WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE=" + key,
		"WARDLIGHT_SERVER_AUDIT_CHECKPOINT_EVERY=1",
		"WARDLIGHT_SERVER_BACKUP_FOLDER=" + h.backups, "WARDLIGHT_SERVER_BACKUP_MAX_AGE=1",
	}

	return h
}

// command runs a command of the operator.
func (h *watchedHub) command(args ...string) string {
	h.t.Helper()
	out, besides, err := runCommand(h.t, args...)
	if err != nil {
		h.t.Fatalf("%s: %v %s", args, err, besides)
	}
	return strings.TrimSpace(out)
}

// witness starts a witness that the hub asks, and returns the file of the checkpoints that it signs.
func (h *watchedHub) witness() (*witnesstest.Witness, *audit.TreeFile) {
	h.t.Helper()
	const key = "WARDLIGHT_SERVER_AUDIT_CHECKPOINT_KEY_FILE="
	i := slices.IndexFunc(h.environ, func(v string) bool { return strings.HasPrefix(v, key) })
	file, err := audit.OpenTreeFile(h.checkpoints, readFile(h.t, strings.TrimPrefix(h.environ[i], key)))
	must(h.t, err)
	running := witnesstest.Start(h.t, "witness.example", file.LogVerifier())
	h.witnesses = writeTemp(h.t, fmt.Sprintf("witness one %s %s\n", running.Key, running.URL))
	h.environ = append(h.environ, "WARDLIGHT_SERVER_AUDIT_WITNESSES_FILE="+h.witnesses)
	return running, file
}

// noCheckpoints makes the hub sign none.
func (h *watchedHub) noCheckpoints() {
	h.environ = slices.DeleteFunc(h.environ, func(v string) bool { return strings.Contains(v, "_CHECKPOINT_") })
}

// postgres makes the hub use new books in PostgreSQL, and returns the server.
func (h *watchedHub) postgres() *labpg.Server {
	h.t.Helper()
	must(h.t, os.RemoveAll(h.folder)) // the hub refuses an empty database beside a ledger
	server := postgrestest.Start(h.t, labpg.Options{Durable: true})
	dsn := writeTemp(h.t, postgrestest.Schema(h.t, server)+"\n")
	h.environ = append(h.environ, "WARDLIGHT_SERVER_STORE_ENGINE=postgres", "WARDLIGHT_SERVER_STORE_DSN_FILE="+dsn)
	return server
}

// run starts the hub and waits until it listens.
func (h *watchedHub) run() { h.t.Helper(); h.process = h.start(h.t) }

// logs waits until the hub has logged the words.
func (h *watchedHub) logs(words string) {
	h.t.Helper()
	h.process.Until(h.t, words, func() bool { return strings.Contains(h.log.String(), words) })
}

// inMetrics waits until the hub's metrics have the line.
func (h *watchedHub) inMetrics(line string) {
	h.t.Helper()
	h.process.Until(h.t, line, func() bool { return strings.Contains(scrape(h.t, h.operator), "\n"+line+"\n") })
}

// ledger changes the ledger's file behind the hub's back.
func (h *watchedHub) ledger(statements ...string) {
	h.t.Helper()
	ledger{t: h.t, data: h.folder}.tamper(statements...)
}

// certificate makes the hub serve with a certificate that ends after so many days, and returns its files.
func (h *watchedHub) certificate(days int) files {
	h.t.Helper()
	f := newFiles(h.t)
	f.renewUntil(h.t, 1, time.Now().Add(time.Duration(days)*24*time.Hour+time.Hour))
	h.args = append(h.args, "--tls-cert", f.certificate, "--tls-key", f.key)
	return f
}

// upload sends a table of plans as an authority, and returns the status of the answer.
func (h *watchedHub) upload(address, table string, client *http.Client) int {
	h.t.Helper()
	secret := h.command("authority", "credential", exitCode, "--label", "test", "--data", h.folder)
	address += "/la/uploads?file=" + uuid.NewString()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, address, strings.NewReader(table))
	must(h.t, err)
	req.SetBasicAuth(exitCode, secret)
	req.Header.Set("Content-Type", "text/csv")
	resp, err := client.Do(req)
	must(h.t, err)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// notification puts a notification into the outbox, for an authority with that endpoint, and calls then with its id.
func (h *watchedHub) notification(endpoint string, made time.Time, then func(ledger *sqlite.Store, id string) error) {
	h.t.Helper()
	ledger, id := h.hubProcess.ledger(h.t), uuid.NewString()
	defer ledger.Close() //nolint:errcheck // what was put is committed
	must(h.t, ledger.PutAuthority(h.t.Context(), store.Authority{
		Code: exitCode, Name: "EXAMPLESHIRE COUNCIL", DutyPhone: "01632960102", Endpoint: endpoint,
	}))
	_, err := ledger.Commit(h.t.Context(), []*store.Entry{{Audit: store.AuditRecord{At: made}, Opening: &store.Opening{
		Person: openersUUID, RequestID: uuid.NewString(), Answer: []byte("{}"), Expires: made.Add(24 * time.Hour),
		Notifications: []store.Notification{
			{ID: id, Authority: exitCode, Body: []byte("{}"), Created: made, NextAttempt: made},
		},
	}}})
	must(h.t, err)
	if then != nil {
		must(h.t, then(ledger, id))
	}
}

// privacyAlert puts a privacy alert that waits to be sent into the ledger.
func (h *watchedHub) privacyAlert(made time.Time) {
	h.t.Helper()
	ledger := h.hubProcess.ledger(h.t)
	defer ledger.Close() //nolint:errcheck // what was put is committed
	_, err := ledger.Commit(h.t.Context(), []*store.Entry{{
		Audit: store.AuditRecord{At: made}, Change: &store.Change{Alert: &summary.Alert{
			ID: uuid.NewString(), At: made, Number: otherChild, RequestID: uuid.NewString(), Session: "ended",
			Cause:   summary.Cause{Type: summary.AccessAlert, Reason: summary.Emergency},
			Who:     summary.Person{UUID: openersUUID, URID: openersURID, OrgODS: "RX1"},
			Sending: summary.Sending{Next: made},
		}},
	}})
	must(h.t, err)
}

// summaryFails makes the national service answer a search for a summary with h, and checks the state of the summary and
// the counted result.
func (h *watchedHub) summaryFails(access string, answer http.HandlerFunc, state client.SummaryState, result string) {
	h.t.Helper()
	platform := nationaltest.New(h.t, time.Now)
	h.environ = append(h.environ, scrEnviron(h.t, platform, platform.SCR(), access)...)
	platform.Replace(nationaltest.Reference, answer)
	h.run()
	session := h.signIn(h.t)
	h.scrape(0)

	view := session.ViewSummary(h.t.Context(), otherChild, client.SummaryView{Permission: client.ByPatient}, "")
	if view.State != state {
		h.t.Errorf("summary: got %+v, want %s", view, state.Name())
	}
	h.inMetrics(`wardlight_hub_national_requests_total{result="` + result + `",service="Summary Care Record"} 1`)
	h.scrape(5)
	h.end = 12
}

// answering starts an authority's system that answers each message with that status, and returns its address.
func answering(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(s.Close)
	return s.URL
}

// watchedStates are the states of a hub, and the rules that fire in each: those and no others.
var watchedStates = []struct {
	name  string
	fires []string
	bring func(h *watchedHub) // until the last scrape
}{
	{"healthy", nil, func(h *watchedHub) { healthy(h) }},
	{"healthy on PostgreSQL", nil, func(h *watchedHub) {
		h.postgres()
		h.run()
		h.scrape(0)
		h.end = 30
	}},
	{"a PostgreSQL that is stopped", []string{
		"WardlightHubNotReady", "WardlightHubCheckpointsFail",
	}, func(h *watchedHub) {
		server := h.postgres()
		h.run()
		h.scrape(0)
		server.Stop()
		h.logs("ALARM: an audit checkpoint could not be written")
		h.scrape(5)
		h.end = 7
	}},
	{"not running", []string{"WardlightHubDown"}, func(h *watchedHub) {
		h.run()
		h.scrape(0)
		h.process.Kill()
		h.scrape(5)
		h.end = 8
	}},
	{"not scraped", []string{"WardlightHubNotScraped"}, func(h *watchedHub) { h.operator, h.end = "", 15 }},
	{"a ledger that cannot be written", []string{
		"WardlightHubNotReady", "WardlightHubLedgerFails", "WardlightHubRequestsFail", "WardlightHubAlertsNotChecked",
		"WardlightHubSlow",
	}, func(h *watchedHub) {
		h.run()
		session := h.signIn(h.t)
		h.scrape(0)
		db, err := sql.Open("sqlite", filepath.Join(h.folder, "ledger.db"))
		must(h.t, err)
		defer db.Close() //nolint:errcheck // it only holds a lock
		conn, err := db.Conn(h.t.Context())
		must(h.t, err)
		_, err = conn.ExecContext(h.t.Context(), "BEGIN IMMEDIATE")
		must(h.t, err)
		for _, minute := range []int{10, 15} {
			if lamp := session.Lamp(h.t.Context(), openedChild); lamp.Err == nil {
				h.t.Error("an alert is answered though the ledger cannot be written")
			}
			h.scrape(minute)
		}
		must(h.t, conn.Close())
		h.end = 18
	}},
	{"no plan from any authority", []string{"WardlightHubAlertsNotChecked"}, func(h *watchedHub) {
		h.ledger("DELETE FROM plan")
		h.run()
		h.scrape(0)
		if lamp := h.signIn(h.t).Lamp(h.t.Context(), otherChild); lamp.Err == nil {
			h.t.Error("got an answer without any plan, want none")
		}
		h.scrape(5)
		h.end = 10
	}},
	{"a notification that waits for two hours", []string{"WardlightHubOutboxStuck"}, func(h *watchedHub) {
		h.notification("http://"+labtest.Address(h.t), time.Now().Add(-2*time.Hour), nil)
		h.run()
		h.scrape(0)
		h.end = 10
	}},
	{"a notification that was refused for good", []string{"WardlightHubNotificationsLost"}, func(h *watchedHub) {
		h.notification(answering(h.t, http.StatusGone), time.Now(), nil)
		h.run()
		h.inMetrics("wardlight_hub_outbox_dead 1")
		h.scrape(0)
	}},
	{"a notification that MESH did not deliver", []string{"WardlightHubNotificationsLost"}, func(h *watchedHub) {
		h.notification(h.authority.URL(exitCode), time.Now(), func(ledger *sqlite.Store, id string) error {
			if err := ledger.Delivered(h.t.Context(), id, "receipt", time.Now()); err != nil {
				return err
			}
			return ledger.Undelivered(h.t.Context(), id, "receipt", time.Now(), "nobody collected it")
		})
		h.run()
		h.scrape(0)
	}},
	{"a privacy alert that waits for two hours", []string{"WardlightHubPrivacyAlertsWait"}, func(h *watchedHub) {
		h.privacyAlert(time.Now().Add(-2 * time.Hour))
		h.run() // it sends no alerts
		h.scrape(0)
		h.end = 15
	}},
	{"a privacy alert of a person who has signed out", []string{
		"WardlightHubPrivacyAlertsAbandoned",
	}, func(h *watchedHub) {
		h.privacyAlert(time.Now().Add(-2 * time.Hour))
		platform := nationaltest.New(h.t, time.Now)
		h.environ = append(h.environ, scrEnviron(h.t, platform, platform.SCR(), accessUser)...)
		h.run()
		h.inMetrics("wardlight_hub_privacy_alerts_abandoned 1")
		h.scrape(0)
		h.end = 15
	}},
	{"an authority that refuses the signature", []string{"WardlightHubAuthorityRefuses"}, func(h *watchedHub) {
		h.notification(answering(h.t, http.StatusUnauthorized), time.Now(), nil)
		h.run()
		h.logs("ALARM: an authority cannot be notified")
		h.scrape(0)
	}},
	{"an upload that is no table", []string{"WardlightHubUploadsRefused"}, func(h *watchedHub) {
		h.run()
		h.scrape(0)
		if got := h.upload("http://"+h.address, "nonsense", http.DefaultClient); got != http.StatusBadRequest {
			h.t.Errorf("the upload: got %d, want 400", got)
		}
		h.scrape(5)
		h.end = 30
	}},
	{"a certificate with three days left", []string{"WardlightHubCertificateEnds"}, func(h *watchedHub) {
		h.certificate(3)
		h.run()
		h.scrape(0)
	}},
	{"a certificate with twenty days left", []string{"WardlightHubCertificateEndsSoon"}, func(h *watchedHub) {
		h.certificate(20)
		h.run()
		h.scrape(0)
		h.end = 15
	}},
	{"a renewed certificate that is malformed", []string{"WardlightHubFileUnusable"}, func(h *watchedHub) {
		f := h.certificate(40)
		h.run()
		h.scrape(0)
		f.write(h.t, f.certificate, "malformed")
		h.logs("ALARM: the renewed certificate cannot be used")
		h.scrape(5)
		h.end = 6
	}},
	{"webhook secrets that are malformed", []string{"WardlightHubFileUnusable"}, func(h *watchedHub) {
		h.run()
		h.scrape(0)
		files{}.write(h.t, h.secrets, "malformed\n")
		h.logs("ALARM: the file of webhook secrets cannot be used")
		h.scrape(5)
		h.end = 6
	}},
	{"CAs of cards that are malformed", []string{"WardlightHubFileUnusable"}, func(h *watchedHub) {
		h.run()
		h.scrape(0)
		files{}.write(h.t, h.cards, "malformed\n")
		h.logs("ALARM: a CA file or revocation list cannot be used")
		h.scrape(5)
		h.end = 6
	}},
	{"an audit that was cut off", []string{
		"WardlightHubAuditTampered", "WardlightHubAuditCut",
	}, func(h *watchedHub) {
		h.run()
		h.signIn(h.t)
		h.process.Until(h.t, "a checkpoint", func() bool { return len(listing(h.t, h.checkpoints)) > 0 })
		h.scrape(0)
		h.ledger("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
		h.logs("ALARM: the audit was tampered with")
		h.inMetrics("wardlight_hub_audit_cut 1")
		h.scrape(5)
		h.end = 6
	}},
	{"a folder of checkpoints that is gone", []string{"WardlightHubCheckpointsFail"}, func(h *watchedHub) {
		h.run()
		h.scrape(0)
		must(h.t, os.RemoveAll(h.checkpoints))
		h.signIn(h.t)
		h.logs("ALARM: an audit checkpoint could not be written")
		h.scrape(5)
		h.end = 6
	}},
	{"a witness of another audit", []string{"WardlightHubAuditTampered"}, func(h *watchedHub) {
		_, file := h.witness()
		forged, err := translog.Checkpoint{Origin: logName + "/tree", Tree: tlog.Tree{N: 1000}}.Sign(file.Signer())
		must(h.t, err)
		all, err := witness.Read(strings.NewReader(readFile(h.t, h.witnesses)), http.Client{})
		must(h.t, err)
		_, err = all[0].Add(h.t.Context(), translog.Addition{Checkpoint: forged})
		must(h.t, err)
		h.run()
		h.signIn(h.t)
		h.logs("ALARM: a witness has signed checkpoints of another audit")
		h.scrape(0)
	}},
	{"a witness that does not answer", []string{"WardlightHubWitnessFails"}, func(h *watchedHub) {
		running, file := h.witness()
		h.run()
		h.signIn(h.t)
		h.process.Until(h.t, "the signature of the witness", func() bool {
			last, _, err := file.Last()
			must(h.t, err)
			_, by, err := translog.OpenCheckpoint(last.Text, file.Verifier(), running.Key)
			return err == nil && len(by) == 1 && last.N == h.lastRecord("sqlite")
		})
		h.scrape(0)
		running.Stop()
		h.signIn(h.t)
		h.logs("A witness did not sign the checkpoint")
		h.scrape(5)
		h.end = 21
	}},
	{"a national service that does not answer", []string{
		"WardlightHubNationalServiceFails", "WardlightHubAlertsNotChecked",
	}, func(h *watchedHub) {
		platform := nationaltest.New(h.t, time.Now)
		h.environ = append(h.environ, pdsEnviron(h.t, platform)...)
		platform.Replace(nationaltest.Patient, nationaltest.Gateway(http.StatusServiceUnavailable))
		h.run()
		session := h.signIn(h.t)
		h.scrape(0)
		if lamp := session.Lamp(h.t.Context(), otherChild); lamp.State != client.CouldNotCheck {
			h.t.Errorf("lamp: got %v, want could not check", lamp.State)
		}
		h.logs("A request to a national service failed.")
		h.scrape(5)
		h.end = 12
	}},
	{"summaries that are not answered", []string{"WardlightHubNationalServiceFails"}, func(h *watchedHub) {
		h.summaryFails(accessApplication, nationaltest.Gateway(http.StatusServiceUnavailable),
			client.SummaryCouldNotCheck,
			"unavailable")
	}},
	{"a patient who does not allow a summary", nil, func(h *watchedHub) {
		h.summaryFails(accessApplication, nationaltest.SCROutcome(http.StatusForbidden, "forbidden", "no consent"),
			client.SummaryNotPermitted, "no-consent")
	}},
	{"a summary for a person who signed in by card", nil, func(h *watchedHub) {
		h.summaryFails(accessUser, nil, client.SummaryCouldNotCheck, "sign-in-needed")
	}},
	{"a backup that is older than a day", []string{"WardlightHubBackupOld"}, func(h *watchedHub) {
		manifest := filepath.Join(h.backups, "one", "manifest.json")
		old := `"begun": "` + time.Now().Add(-25*time.Hour).UTC().Format(time.RFC3339) + `"`
		text := regexp.MustCompile(`"begun": "[^"]+"`).ReplaceAllString(readFile(h.t, manifest), old)
		files{}.write(h.t, manifest, text)
		h.run()
		h.scrape(0)
		h.end = 15
	}},
	{"no backup", []string{"WardlightHubBackupOld"}, func(h *watchedHub) {
		must(h.t, os.RemoveAll(filepath.Join(h.backups, "one")))
		h.run()
		h.scrape(0)
		h.end = 15
	}},
	{"a folder of backups that is gone", []string{"WardlightHubBackupOld"}, func(h *watchedHub) {
		must(h.t, os.RemoveAll(h.backups))
		h.run()
		h.scrape(0)
		h.end = 15
	}},
	{"a clock that is ahead", []string{"WardlightHubClockWrong"}, func(h *watchedHub) {
		h.run()
		h.skew = 2 * time.Minute
		h.scrape(0)
		h.end = 10
	}},
	{"a person who asks about many patients", []string{"WardlightHubManyPatients"}, func(h *watchedHub) {
		h.environ = append(h.environ, "WARDLIGHT_SERVER_LIMITS_PATIENTS_PERSON=1")
		h.run()
		h.scrape(0)
		session := h.signIn(h.t)
		for _, n := range []nhs.Number{openedChild, otherChild} {
			_, err := session.Retrieve(h.t.Context(), n)
			must(h.t, err)
		}
		h.scrape(5)
		h.end = 30
	}},
	{"a hub that is started again and again", []string{"WardlightHubRestarts"}, func(h *watchedHub) {
		for i := range 4 {
			h.run()
			h.scrape(2 * i)
			h.process.Kill()
		}
		h.end = 10
	}},
	{"authorities that share a secret", []string{"WardlightHubAlarm"}, func(h *watchedHub) {
		line := strings.TrimSpace(strings.TrimPrefix(readFile(h.t, h.secrets), exitCode))
		files{}.write(h.t, h.secrets, exitCode+" "+line+"\nV998 "+line+"\n")
		h.run()
		h.scrape(0)
		h.end = 10
	}},
}

// healthy signs in, reads, opens and uploads over TLS, for three hours of the timeline.
func healthy(h *watchedHub) {
	t := h.t
	f := h.certificate(40)
	h.run()
	h.scrape(0)

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(readFile(t, f.ca)))
	overTLS := client.NewHTTP(roots)
	now := time.Now()
	card, err := h.ca.IssueCard(pki.CardRequest{
		UUID: openersUUID, Serial: 7, Key: pki.P256, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	must(t, err)
	signedIn, err := signInTo(t, client.Config{BaseURL: "https://" + h.address, HTTP: overTLS}, card)
	must(t, err)
	session, err := signedIn.As(openersURID)
	must(t, err)

	for i, minute := range []int{30, 90, 150} {
		_, err := session.Retrieve(t.Context(), openedChild)
		must(t, err)
		if lamp := session.Lamp(t.Context(), openedChild); lamp.Err != nil {
			t.Errorf("the alert: %v", lamp.Err)
		}

		if h.open(t.Context(), t, session) == "" {
			t.Fatal("the alert was not opened")
		}

		const table = "Action,Kind,NHS number,Birth date,Family name,Given name,Start,Reference\n" +
			"add,CPP,9990000026,02/01/2017,Example,Tom,03/02/2026,CP-1\n"
		if got := h.upload("https://"+h.address, table, overTLS); got != http.StatusOK {
			t.Errorf("the upload: got %d, want 200", got)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		must(t, h.authority.Await(ctx, i+1))
		cancel()
		h.inMetrics("wardlight_hub_outbox_waiting 0")
		h.scrape(minute)
	}

	h.end = 180
}

// TestAlertRules brings a running hub into each state, and has promtool evaluate the rules on what was scraped of it.
func TestAlertRules(t *testing.T) {
	rules := readAlertRules(t)
	var mu sync.Mutex
	fired, scraped, logged := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	label := regexp.MustCompile(`\$labels\.(\w+)`)
	t.Run("states", func(t *testing.T) {
		for _, state := range watchedStates {
			t.Run(state.name, func(t *testing.T) {
				t.Parallel()
				h := newWatchedHub(t)
				state.bring(h)
				var tests []exprTest
				for _, r := range rules {
					firing := fmt.Sprintf("ALERTS{alertname=%q,alertstate=\"firing\"", r.Alert)
					for _, label := range label.FindAllStringSubmatch(r.Annotations["summary"], -1) {
						firing += "," + label[1] + `!=""`
					}
					tests = append(tests, h.expect(firing+"}", slices.Contains(state.fires, r.Alert)))
				}

				checkWithPromtool(t, &h.timeline, tests...)

				mu.Lock()
				defer mu.Unlock()
				for _, name := range state.fires {
					fired[name] = true
				}

				for _, s := range h.series() {
					name, _, _ := strings.Cut(s.Series, "{")
					scraped[name] = true
				}

				for line := range strings.Lines(h.log.String()) {
					logged[line] = true
				}
			})
		}
	})

	for _, r := range rules {
		if !fired[r.Alert] {
			t.Errorf("%s fires in no state of this test", r.Alert)
		}
		for _, name := range metricsIn(r.Expr) {
			if !scraped[name] {
				t.Errorf("%s names the metric %s, which no hub has", r.Alert, name)
			}
		}
	}

	checkLogged(t, logged)
	checkMetricsDocumented(t, scraped)
}

// checkMetricsDocumented compares the metrics of running hubs with the handbook's table of them.
func checkMetricsDocumented(t *testing.T, scraped map[string]bool) {
	t.Helper()
	documented := make(map[string]bool)
	row := regexp.MustCompile("(?m)^\\| `(wardlight_hub_\\w+)` \\|")
	for _, row := range row.FindAllStringSubmatch(readFile(t, monitoring), -1) {
		documented[row[1]] = true
	}

	found := make(map[string]bool)
	for name := range scraped {
		if strings.HasPrefix(name, "wardlight_hub_") {
			found[regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")] = true
		}
	}

	for name := range found {
		if !documented[name] {
			t.Errorf("%s does not describe the metric %s", monitoring, name)
		}
	}

	for name := range documented {
		if !found[name] {
			t.Errorf("%s describes the metric %s, which no hub has", monitoring, name)
		}
	}
}

// TestAlertRules_Words checks what an operator reads of each rule.
func TestAlertRules_Words(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), promtool(t), "check", "rules", alertRules).CombinedOutput()
	if err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}

	described := make(map[string]string) // the severity, by rule
	section := regexp.MustCompile(`(?m)^### (WardlightHub\w+)\n\n(\w+)\. `)
	for _, s := range section.FindAllStringSubmatch(readFile(t, monitoring), -1) {
		described[s[1]] = strings.ToLower(s[2])
	}

	for _, r := range readAlertRules(t) {
		severity := r.Labels["severity"]
		if severity != "critical" && severity != "warning" {
			t.Errorf("%s: got the severity %q, want critical or warning", r.Alert, severity)
		}

		if s := r.Annotations["summary"]; !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "{{ $labels.alarm }}") {
			t.Errorf("%s: got the summary %q, want a sentence", r.Alert, s)
		}

		want := "file:///usr/share/doc/wardlight-hub/docs/monitoring.md#" + strings.ToLower(r.Alert)
		if got := r.Annotations["runbook_url"]; got != want {
			t.Errorf("%s: got the runbook %q, want %q", r.Alert, got, want)
		}

		if got := described[r.Alert]; got != severity {
			t.Errorf("%s: got the severity %q in its section of %s, want %q", r.Alert, got, monitoring, severity)
		}

		delete(described, r.Alert)
	}

	for name := range described {
		t.Errorf("%s describes %s, which is no rule", monitoring, name)
	}
}

// metricsIn returns the metrics that an expression names.
func metricsIn(expr string) []string {
	const grouping = `\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`
	for _, remove := range []string{`"[^"]*"`, `\{[^}]*\}`, `\[[^\]]*\]`, grouping} {
		expr = regexp.MustCompile(remove).ReplaceAllString(expr, " ")
	}
	var all []string
	for _, found := range regexp.MustCompile(`([a-zA-Z_]\w*)(\s*\()?`).FindAllStringSubmatch(expr, -1) {
		if found[2] == "" && !slices.Contains([]string{"and", "or", "unless", "bool"}, found[1]) {
			all = append(all, found[1])
		}
	}
	return all
}
