package main

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/schematest"
	"wardlight/internal/secretstore/secretstoretest"
	"wardlight/tui"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const passcode = "246813"

// fixture is a test environment: a virtual card, a stand-in hub, and a passcode on descriptor 3.
type fixture struct {
	hub         *hubtest.Hub
	reader      *virtual.Reader
	card        *virtual.Card
	world       environment
	memory      *secretstoretest.Memory // contents of the keyring
	certificate *x509.Certificate       // certificate of the card

	out, err bytes.Buffer
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	clock := func() time.Time { return noon }
	b := &fixture{hub: hubtest.New(t, clock), reader: virtual.NewReader("Virtual Reader")}
	who := hubtest.EC(t, elliptic.P256(), noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
	var err error
	b.certificate = who.Certificate
	if b.card, err = virtual.New(virtual.Config{
		Key: who.Key, Certificate: who.Certificate.Raw,
		Passcode: []byte(passcode),
	}); err != nil {
		t.Fatal(err)
	}

	b.reader.Insert(b.card)
	roots := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.hub.Certificate().Raw})
	if err := os.WriteFile(roots, block, 0o600); err != nil {
		t.Fatal(err)
	}

	secrets, memory := secretstoretest.Keyring()
	b.memory = memory
	b.world = environment{
		keyring: secrets, sealedFolder: filepath.Join(t.TempDir(), "sealed"),
		out: &b.out, err: &b.err, clock: clock, newID: uuid.NewString,
		environ: []string{
			"WARDLIGHT_HUB_URL=" + b.hub.URL, "WARDLIGHT_HUB_CA_FILE=" + roots,
			"WARDLIGHT_HUB_TIMEOUT=20s",
		},
		settings:   filepath.Join(t.TempDir(), "config.toml"),
		system:     func() cardreader.System { return uncloseable{b.reader} },
		open:       piv.Open,
		terminal:   func() (terminal, error) { return nil, errors.New("no terminal") },
		inherited:  func(int) error { return nil },
		file:       func(int) io.ReadCloser { return io.NopCloser(strings.NewReader(passcode + "\n")) },
		onTerminal: func() bool { return true },
		show:       func(context.Context, tui.Config) error { t.Error("the screens were shown"); return nil },
	}

	return b
}

// uncloseable is a reader system whose Close does nothing, so that several commands can use it.
type uncloseable struct{ *virtual.Reader }

func (uncloseable) Close() error { return nil }

// run runs one command line, checks its exit code, and checks that no session is left open.
func (b *fixture) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	b.out.Reset()
	b.err.Reset()
	if got := run(t.Context(), append(args, "--passcode-fd", "3"), b.world); got != want {
		t.Fatalf("%q: exit code %d, want %d\n%s%s", args, got, want, b.out.String(), b.err.String())
	}
	if n := b.hub.LiveSessions(); n != 0 {
		t.Errorf("%q: got %d live sessions at the hub, want 0", args, n)
	}
	if b.card.Verified() {
		t.Errorf("%q: the card is still verified", args)
	}
	return b.out.String()
}

// json runs one command line and returns the JSON document that it wrote.
func (b *fixture) json(t *testing.T, want int, args ...string) map[string]any {
	t.Helper()
	out := b.run(t, want, append(args, "--json")...)
	var d map[string]any
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%q: the output is not one JSON document: %v\n%s", args, err, out)
	}
	schematest.Output(t, []byte(out))
	if b.err.Len() != 0 {
		t.Errorf("%q: standard error: got %q, want nothing", args, b.err.String())
	}
	return d
}

// at returns the member of a document at a path such as "error.kind" or "patients.0.name".
func at(t *testing.T, d any, path string) any {
	t.Helper()

	for _, step := range strings.Split(path, ".") {
		switch x := d.(type) {
		case map[string]any:
			member, there := x[step]
			if !there {
				t.Fatalf("path %q: no member %q in %v", path, step, x)
			}
			d = member
		case []any:
			i := int(step[0] - '0')
			if i >= len(x) {
				t.Fatalf("path %q: no element %q in %v", path, step, x)
			}
			d = x[i]
		default:
			t.Fatalf("path %q: %q of %v, which is no object or list", path, step, d)
		}
	}

	return d
}

// checkMembers checks the values of a document's members by their paths.
func checkMembers(t *testing.T, d any, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := at(t, d, path); got != value {
			t.Errorf("%s = %v, want %v", path, got, value)
		}
	}
}

// checkContains checks that out contains each text.
func checkContains(t *testing.T, out string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("output does not contain %q:\n%s", w, out)
		}
	}
}

func TestAlertSaysThatThereIsOneAndNotifiesNobody(t *testing.T) {
	b := setUp(t)
	out := b.run(t, exitDone, "alert", "999", "000", "0018")
	checkContains(t, out, "EXAMPLE, Tess   Born 04-Mar-2016 (10y 8m)   Gender Female   NHS No. 999 000 0018",
		"ALERT   child protection alert, as of 22-Nov-2026 12:00", "nobody was notified")
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert), map[string]any{
		"schema": "wardlight.alert/1", "state": "alert", "as_of": "2026-11-22T12:00:00Z", "opened": nil, "error": nil,
		"patient.nhs_number": hubtest.WithAlert, "patient.name": "EXAMPLE, Tess", "role.urid": "999000000222",
		"role.care_setting": "unscheduled",
	})
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("alerts opened: got %d, want 0", n)
	}
}

func TestNoneRecordedSaysSinceWhenAndThatItProvesNothing(t *testing.T) {
	b := setUp(t)
	out := b.run(t, exitDone, "alert", hubtest.NoAlert, "--open")
	checkContains(t, out, "none recorded   as of 22-Nov-2026 12:00", "does not prove that there is no plan")
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.NoAlert), map[string]any{
		"state": "none_recorded",
		"as_of": "2026-11-22T12:00:00Z",
	})
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("openings of a patient without an alert: got %d, want 0", n)
	}
}

func TestOpeningShowsWhomToRingAndWhoHasLooked(t *testing.T) {
	b := setUp(t)
	out := b.run(t, exitDone, "alert", hubtest.WithAlert, "--open")
	checkContains(t, out, "the local authority will be notified", "Child Protection Plan   from 03-Feb-2026 until now",
		"V999 - EXAMPLESHIRE COUNCIL", "Office hours         01632960101", "Emergency duty team  01632960102",
		"22-Nov-2026 12:00  Ms Ada Sample, Nurse Access Role, EXAMPLE GENERAL HOSPITAL")
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert, "--open"), map[string]any{
		"state": "alert", "opened.notifies": true, "opened.plans.0.kind": "CPP", "opened.plans.0.start": "2026-02-03",
		"opened.plans.0.end": "", "opened.plans.0.emergency_phone": "01632960102",
		"opened.accesses.0.who": "Ms Ada Sample",
		"opened.accesses_error": nil,
	})
}

func TestASupersededNumberIsCheckedUnderTheOneThatHolds(t *testing.T) {
	b := setUp(t)
	checkContains(t, b.run(t, exitDone, "alert", hubtest.Superseded),
		"The number asked for, 999 000 0034, was superseded")
	if asked := b.hub.Requests(hubtest.Flag)[0].URL; !strings.Contains(asked, hubtest.NoAlert) {
		t.Errorf("lamp of a superseded number: requested %s, want the current number, %s", asked, hubtest.NoAlert)
	}
}

func TestAlert_PatientWithoutARecord(t *testing.T) {
	const missing = "The patient's record is missing: no current record has this NHS number."
	b := setUp(t)
	checkContains(t, b.run(t, exitDone, "alert", hubtest.NoRecord), "NHS No. 999 000 0085",
		"ALERT   child protection alert", missing, "nobody was notified")
	checkContains(t, b.run(t, exitDone, "alert", hubtest.NoRecord, "--open"), missing,
		"the local authority will be notified", "Emergency duty team  01632960102")
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.NoRecord, "--open"), map[string]any{
		"state": "alert", "record_missing": true, "patient.nhs_number": hubtest.NoRecord, "opened.plans.0.kind": "CPP",
		"error": nil,
	})

	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert),
		map[string]any{"state": "alert", "record_missing": false})

	out := b.run(t, exitNotFound, "alert", unknownChild, "--open")
	checkContains(t, b.err.String(), "No patient has this NHS number. (H21-404-RESOURCE_NOT_FOUND)")
	if out != "" {
		t.Errorf("alert of an unknown patient: got output %q, want none", out)
	}

	checkMembers(t, b.json(t, exitNotFound, "alert", unknownChild), map[string]any{
		"schema":     "wardlight.error/1",
		"error.kind": "not_found",
	})

	// If the record is missing and the lamp fails, the state is "could not check".
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 503, "UNABLE_TO_CALL_SERVICE", "")
	})

	checkMembers(t, b.json(t, exitHub, "alert", unknownChild), map[string]any{
		"state":      "could_not_check",
		"error.kind": "failing",
	})

	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, b.hub.Searchset())
	})

	checkMembers(t, b.json(t, exitNotFound, "alert", unknownChild), map[string]any{
		"schema":     "wardlight.error/1",
		"error.kind": "not_found",
	})

	b.hub.Answer(hubtest.Record, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 404, "INVALIDATED_RESOURCE", "")
	})

	b.run(t, exitNotFound, "alert", unknownChild)
	checkContains(t, b.err.String(), "This patient record was marked invalid. (H22-404-INVALIDATED_RESOURCE)")
}

func TestACheckThatFailsIsNeverNoneRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   string
		exit   int
	}{
		"failing": {func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 503, "UNABLE_TO_CALL_SERVICE", "")
		}, "failing", exitHub},
		"hang up": {func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, "unreachable", exitHub},
		"rubbish": {func(w http.ResponseWriter, r *http.Request) {
			hubtest.Reply(w, r, 200, "none")
		}, "rubbish", exitHub},
		"no such": {func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 404, "RESOURCE_NOT_FOUND", "")
		}, "not_found", exitHub},
		"not allowed": {func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "B0107")
		}, "not_allowed", exitSignIn},
		"signed out": {func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
		}, "signed_out", exitSignIn},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t)
			b.hub.Answer(hubtest.Flag, c.answer)
			checkContains(t, b.run(t, c.exit, "alert", hubtest.WithAlert, "--open"),
				"could not check   Whether there is an alert is not known.")
			checkContains(t, b.err.String(), "wardlight: ", "wardlight: hint: ")
			checkMembers(t, b.json(t, c.exit, "alert", hubtest.WithAlert), map[string]any{
				"schema": "wardlight.alert/1", "state": "could_not_check", "as_of": nil, "error.kind": c.kind,
				"opened": nil,
			})
			if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
				t.Errorf("alerts opened: got %d, want 0", n)
			}
		})
	}
}

func TestAnOpeningThatFailsKeepsTheAlertAndSaysWhatMayHaveHappened(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 500, "X", "") })
	checkContains(t, b.run(t, exitHub, "alert", hubtest.WithAlert, "--open"), "ALERT",
		"It could not be opened. The opening may have been recorded")
	checkMembers(t, b.json(t, exitHub, "alert", hubtest.WithAlert, "--open"),
		map[string]any{"state": "alert", "opened": nil, "error.kind": "failing"})
}

func TestAMissingActivityCodeIsNamedWithoutAskingTheHub(t *testing.T) {
	b := setUp(t)
	b.hub.Person.Roles[0].Codes = []string{"B0264"}
	b.run(t, exitSignIn, "alert", hubtest.WithAlert)
	checkContains(t, b.err.String(), "lacks B0107 (View Child Protection Plan)", "(H31)")
	d := b.json(t, exitSignIn, "alert", hubtest.WithAlert)
	checkMembers(t, d, map[string]any{
		"schema": "wardlight.error/1", "error.kind": "not_allowed",
		"error.missing.0": "B0107", "error.code": "H31",
	})
	if n := len(b.hub.Requests(hubtest.Record)) + len(b.hub.Requests(hubtest.Flag)); n != 0 {
		t.Errorf("requests to the hub: got %d, want 0", n)
	}
	checkContains(t, b.run(t, exitDone, "trace", hubtest.WithAlert), "EXAMPLE, Tess") // the role may trace
	checkContains(t, b.run(t, exitSignIn, "role", "check"), "may trace a patient",
		"may not open an alert: lacks B0107 (View Child Protection Plan)")
	checkMembers(t, b.json(t, exitSignIn, "role", "check"), map[string]any{
		"roles.0.usable": false, "roles.0.actions.0.allowed": true, "roles.0.actions.2.missing.0": "B0107",
		"error.missing.0": "B0107",
	})
}

func TestAPersonWithoutARoleIsToldSo(t *testing.T) {
	b := setUp(t)
	b.hub.Person.Roles = nil
	b.run(t, exitSignIn, "alert", hubtest.WithAlert)
	checkContains(t, b.err.String(), "You have no role at all.")
	checkContains(t, b.run(t, exitSignIn, "role", "check"), "SAMPLE, Ada (Ms)   UUID 999000000111")
}

func TestSeveralRolesWantOneNamed(t *testing.T) {
	b := setUp(t)
	second := hubtest.Nurse("999000000333")
	second.Codes = []string{"B0170", "B0264"}
	b.hub.Person.Roles = append(b.hub.Person.Roles, second)
	b.run(t, exitSignIn, "trace", hubtest.WithAlert)
	checkContains(t, b.err.String(), "Several roles fit: name one with --role: 999000000222 Nurse Access Role at "+
		"EXAMPLE GENERAL HOSPITAL; 999000000333")
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert, "--open", "--role", "999000000333"), map[string]any{
		"role.urid": "999000000333", "role.care_setting": "scheduled", "opened.notifies": false,
	})
	b.run(t, exitSignIn, "trace", hubtest.WithAlert, "--role", "1")
	checkContains(t, b.err.String(), "You do not have the role that --role names.")
	b.run(t, exitDone, "role", "check")
}

func TestTraceFindsByNumberAndByDescription(t *testing.T) {
	b := setUp(t)
	checkMembers(t, b.json(t, exitDone, "trace", hubtest.WithAlert), map[string]any{
		"schema": "wardlight.trace/1", "too_many": false, "patients.0.name": "EXAMPLE, Tess",
		"patients.0.born": "2016-03-04", "patients.0.postcode": "LS1 4AP",
	})

	out := b.run(t, exitDone, "trace", "--family", "Example", "--born", "4/3/2016")
	checkContains(t, out, "EXAMPLE, Tess", "EXAMPLE, Tom", "Usual address 4 Made Up Row, Leeds, LS1 4AP")
	b.run(t, exitNotFound, "trace", "9990000042")
	checkContains(t, b.err.String(), "No patient has this NHS number.")
	b.run(t, exitNotFound, "trace", "--family", "Nobody", "--born", "4/3/2016")
	checkContains(t, b.err.String(), "no patient fits")
	d := b.json(t, exitNotFound, "trace", "--family", "Nobody", "--born", "4/3/2016")
	if n := len(at(t, d, "patients").([]any)); n != 0 {
		t.Errorf("patients found: got %d, want 0", n)
	}

	b.hub.Answer(hubtest.Search, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, fhir.NewOutcome("information", "multiple-matches", "TOO_MANY_MATCHES",
			"Too Many Matches", ""))
	})

	checkMembers(t, b.json(t, exitNotFound, "trace", "--family", "Sm*", "--born", "4/3/2016"),
		map[string]any{"too_many": true})
}

func TestTraceAsksForWhatTheAdvancedSearchHas(t *testing.T) {
	b := setUp(t)
	for _, c := range []struct {
		args []string
		want url.Values
	}{
		{[]string{"--born", "2016"}, url.Values{"birthdate": {"ge2016-01-01", "le2016-12-31"}}},
		{[]string{"--born", "Mar 2016"}, url.Values{"birthdate": {"ge2016-03-01", "le2016-03-31"}}},
		{[]string{"--born", "3-5y"}, url.Values{"birthdate": {"ge2020-11-23", "le2023-11-22"}}},
		{
			[]string{"--born", "4/3/2016", "--born-to", "9/3/2016"},
			url.Values{"birthdate": {"ge2016-03-04", "le2016-03-09"}},
		},
		{[]string{"--born", "4/3/2016", "--gender", "any"}, url.Values{"birthdate": {"eq2016-03-04"}}},
		{
			[]string{"--born", "4/3/2016", "--gender", "female", "--died", "5/3/2016"},
			url.Values{"birthdate": {"eq2016-03-04"}, "gender": {"female"}, "death-date": {"eq2016-03-05"}},
		},
		{[]string{"--born", "4/3/2016", "--died", "2020"}, url.Values{
			"birthdate":  {"eq2016-03-04"},
			"death-date": {"ge2020-01-01", "le2020-12-31"},
		}},
	} {
		b.run(t, exitNotFound, append([]string{"trace", "--family", "Nobody"}, c.args...)...)
		sent := b.hub.Requests(hubtest.Search)
		u, err := url.Parse(sent[len(sent)-1].URL)
		if err != nil {
			t.Fatal(err)
		}
		c.want.Set("family", "Nobody")
		if got := u.Query(); !maps.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("trace %v: query %v, want %v", c.args, got, c.want)
		}
	}
}

func TestTraceSaysWhichRowsAreOnlyLikely(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.Search, func(w http.ResponseWriter, r *http.Request) {
		set := fhir.NewSearchset("2026-07-15T12:00:00Z")
		for _, x := range [][]fhir.Extension{nil, {{URL: fhir.ExtensionSearchOther, ValueCode: fhir.OtherFamily}}} {
			if err := set.Match("", nil, fhir.Patient{ResourceType: "Patient", ID: "9990000018"}); err != nil {
				t.Error(err)
			}
			set.Entry[len(set.Entry)-1].Search.Extension = x
		}
		hubtest.Reply(w, r, 200, set)
	})

	query := []string{"trace", "--wider", "--family", "Example", "--given", "Tess", "--born", "4/3/2016"}
	out := b.run(t, exitDone, query...)
	if strings.Count(out, "Only likely: same first name and birth date, other family name.") != 1 {
		t.Error(out)
	}

	d := b.json(t, exitDone, query...)
	checkMembers(t, d, map[string]any{"patients.1.other": "family"})
	if _, there := at(t, d, "patients.0").(map[string]any)["other"]; there {
		t.Error("an exact match has the member \"other\", want it only on likely matches")
	}
}

func TestAWrongPasscodeIsNotTriedAgain(t *testing.T) {
	b := setUp(t)
	b.world.file = func(int) io.ReadCloser { return io.NopCloser(strings.NewReader("000000")) }
	checkMembers(t, b.json(t, exitCard, "alert", hubtest.WithAlert), map[string]any{
		"error.kind":       "passcode_wrong",
		"error.tries_left": float64(2),
	})
	if n := b.card.TriesLeft(); n != 2 {
		t.Errorf("tries left after one wrong passcode: got %d, want 2", n)
	}
	b.world.file = func(int) io.ReadCloser {
		return io.NopCloser(strings.NewReader(strings.Repeat("1", 100)))
	}
	checkMembers(t, b.json(t, exitCard, "alert", hubtest.WithAlert), map[string]any{"error.kind": "passcode_form"})
	if n := b.card.TriesLeft(); n != 2 {
		t.Errorf("tries left after a passcode that is too long: got %d, want 2", n)
	}
}

func TestAHubOutOfReachIsToldAndCostsNoTry(t *testing.T) {
	b := setUp(t)
	b.hub.Stop()
	b.world.file = func(int) io.ReadCloser { return io.NopCloser(strings.NewReader("000000")) }
	b.run(t, exitHub, "alert", hubtest.WithAlert)
	checkContains(t, b.err.String(), "wardlight: The hub cannot be reached. (H10)")
	if n := b.card.TriesLeft(); n != 3 {
		t.Errorf("tries left when the hub is down: got %d, want 3", n)
	}
}

func TestCardShowAsksNobody(t *testing.T) {
	b := setUp(t)
	checkContains(t, b.run(t, exitDone, "card", "show"), "Holder's UUID        999000000111",
		"Certificate ends     23-Nov-2026 12:00", "Passcode tries left  3", "Key                  P-256")
	checkMembers(t, b.json(t, exitDone, "card", "show"), map[string]any{
		"uuid": hubtest.UUID, "tries_left": float64(3),
		"error": nil, "driver": "PIV",
	})

	cert := b.certificate
	sum := fmt.Sprintf("%x", sha256.Sum256(cert.Raw))
	serial, issuer := cert.SerialNumber.Text(16), cert.Issuer.String()
	checkContains(t, b.run(t, exitDone, "card", "show"), "Issuer               "+issuer+"\n", "Serial number        "+
		serial+"\n", "SHA-256              "+sum+"\n")
	checkMembers(t, b.json(t, exitDone, "card", "show"), map[string]any{
		"certificate_issuer": issuer,
		"certificate_serial": serial, "certificate_sha256": sum,
	})

	b.world.clock = func() time.Time { return noon.AddDate(0, 0, 7) }
	checkMembers(t, b.json(t, exitCard, "card", "show"), map[string]any{
		"uuid":       hubtest.UUID,
		"error.kind": "card_certificate_ended",
	})

	checkContains(t, b.run(t, exitCard, "card", "show"), hubtest.UUID)
	checkContains(t, b.err.String(), "Your certificate ended on 23-Nov-2026.")
	b.world.open = func(context.Context, cardreader.System, string) (cardreader.Card, error) {
		return nil, &cardreader.Error{Kind: cardreader.NotPIV, SW: 0x6A82}
	}

	checkMembers(t, b.json(t, exitCard, "card", "show"), map[string]any{
		"schema": "wardlight.card/1", "atr": "3B87018031C073C021C0A5", "error.kind": "card_not_piv",
		"error.code": "C30-6A82", "tries_left": nil,
	})

	b.reader.Eject()
	checkMembers(t, b.json(t, exitCard, "card", "show"), map[string]any{"error.kind": "no_card"})
	checkMembers(t, b.json(t, exitCard, "card", "show", "--reader", "Other"), map[string]any{"error.kind": "no_reader"})
	if n := len(b.hub.Requests("")); n != 0 {
		t.Errorf("requests to the hub: got %d, want 0", n)
	}
}

func TestAnInterruptedCommandEndsItsSession(t *testing.T) {
	b := setUp(t)
	ctx, interrupt := context.WithCancel(t.Context())
	b.hub.Answer(hubtest.Flag, func(_ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
	})
	if got := run(ctx, []string{"alert", hubtest.WithAlert, "--passcode-fd", "3", "--json"},
		b.world); got != exitInterrupted {
		t.Errorf("exit code: got %d, want %d\n%s", got, exitInterrupted, b.out.String())
	}
	checkContains(t, b.out.String(), `"kind": "interrupted"`)
	if n := b.hub.LiveSessions(); n != 0 {
		t.Errorf("live sessions at the hub: got %d, want 0", n)
	}
}

func TestWithoutArgumentsTheScreensAreShown(t *testing.T) {
	b := setUp(t)
	shown := false
	b.world.show = func(ctx context.Context, cfg tui.Config) error {
		shown = true
		if cfg.Sessions == nil || cfg.IdleLock != 15*time.Minute || cfg.Location.String() != "Europe/London" {
			t.Errorf("tui.Config = %+v, want a desk, an idle lock after 15m and Europe/London", cfg)
		}
		if e := <-cfg.Events; e.Reader != "Virtual Reader" && e.Kind != cardreader.ReadersChanged {
			t.Errorf("first event = %+v, want one of the virtual reader", e)
		}
		return nil
	}
	if got := run(t.Context(), nil, b.world); got != exitDone || !shown {
		t.Errorf("run without arguments: exit code %d, screens shown: %v\n%s", got, shown, b.err.String())
	}
}

func TestTheTriesOfACardThatDoesNotSayAreNull(t *testing.T) {
	for tries, want := range map[int]string{-1: `{"kind":"passcode_wrong","sentence":"`, 2: `"tries_left":2`} {
		b, err := json.Marshal(errorOf(&cardreader.Error{Kind: cardreader.WrongPasscode, Tries: tries}))
		if err != nil || !strings.Contains(string(b), want) || strings.Contains(string(b), "-1") {
			t.Errorf("document of %d tries left: got %s, %v, want %s and no -1", tries, b, err, want)
		}
	}
}
