package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/client/hubtest"
	"wardlight/internal/sealed"
)

// unknownChild is a valid NHS number that the stand-in hub has no record of.
const unknownChild = "9990000042"

// aFile writes a list file and returns its path.
func aFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sealedFiles returns the number of saved lists.
func (b *fixture) sealedFiles(t *testing.T) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(b.world.sealedFolder, "*.age"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestAWorklistSaysOfEachLineWhatIsKnownAndNotifiesNobody(t *testing.T) {
	b := setUp(t)
	file := aFile(t, "NHS No;Name;DOB", hubtest.NoAlert+";Example, Tom;4/3/2016", hubtest.WithAlert+";Example, Tess;",
		"9990000019;Sam;",
		unknownChild+";Uma;", "999 000 0018;Tessa;")

	out := b.run(t, exitHub, "worklist", file)
	want := []string{
		"5 patients: 1 ALERT, 1 none recorded, 2 could not check, 1 not checked",
		"ALERT            22-Nov-2026 12:00  999 000 0018  Example, Tess                   line 3  The same number " +
			"is on line 6 for somebody else.",
		"could not check                     999 000 0042  Uma                             line 5  No patient has " +
			"this NHS number. (H21-404-RESOURCE_NOT_FOUND)",
		"could not check                     999 000 0018  Tessa                           line 6  This NHS number " +
			"is another patient's: its record has another family name. (W11)",
		"not checked                         9990000019    Sam                             line 4  not a valid NHS " +
			"number: This is not a valid NHS number: one or more of its digits are wrong.",
		"none recorded    22-Nov-2026 12:00  999 000 0026  Example, Tom 04-Mar-2016        line 2",
		"'None recorded' does not prove that there is no plan",
	}

	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %d of %d expected: got %q", i, len(want), line)
		}
	}

	checkContains(t, b.err.String(), "wardlight: 2 patients could not be checked.")
	d := b.json(t, exitHub, "worklist", file, "--file-order")
	checkMembers(t, d, map[string]any{
		"schema": "wardlight.worklist/1", "complete": false, "kept": false, "error.kind": "incomplete",
		"counts.all": 5.0, "counts.alert": 1.0, "counts.none_recorded": 1.0, "counts.could_not_check": 2.0,
		"counts.not_checked": 1.0, "counts.not_a_number": 1.0,
		"patients.0.state": "none_recorded", "patients.0.as_of": "2026-11-22T12:00:00Z", "patients.0.line": 2.0,
		"patients.0.old":   false,
		"patients.1.state": "alert", "patients.1.same_number_on_lines.0": 6.0,
		"patients.1.same_number_other_name": true,
		"patients.2.state":                  "not_checked", "patients.2.nhs_number": "",
		"patients.2.given": "9990000019", "patients.2.error.kind": "not_a_number",
		"patients.3.state": "could_not_check", "patients.3.error.kind": "not_found", "patients.3.as_of": nil,
		"patients.4.state": "could_not_check", "patients.4.error.kind": "other_patient",
		"patients.4.same_number_on_lines.0": 3.0,
		"file.skipped_lines":                0.0, "file.headings": true,
	})

	checkMembers(t, b.json(t, exitDone, "worklist", aFile(t, "NHS No;Name", hubtest.NoAlert+";Zoë Example",
		hubtest.WithAlert+";Ren\xe9 Example"), "--file-order"), map[string]any{
		"patients.0.name": "Zoë Example", "patients.0.not_utf8": false, "patients.1.name": "René Example",
		"patients.1.not_utf8": true,
	})

	if n := len(b.hub.Requests(hubtest.CareTeam)) + len(b.hub.Requests(hubtest.Audit)); n != 0 {
		t.Errorf("openings and access history requests: got %d, want 0", n)
	}

	if b.sealedFiles(t) != 0 {
		t.Error("the list is still saved after it was finished")
	}
}

func TestWorklist_PatientWithoutARecord(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		if hubtest.NumberIn(r) == unknownChild {
			hubtest.Refuse(w, r, 404, "INVALIDATED_RESOURCE", "")
			return
		}
		b.hub.DefaultHandler(hubtest.Flag)(w, r)
	})

	b.hub.Answer(hubtest.Record, func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("number") == unknownChild {
			hubtest.Refuse(w, r, 404, "INVALIDATED_RESOURCE", "")
			return
		}
		b.hub.DefaultHandler(hubtest.Record)(w, r)
	})

	file := aFile(t, "NHS No;Name", hubtest.NoRecord+";Uma", unknownChild+";Una", "9990000069;Ulf")
	checkContains(t, b.run(t, exitHub, "worklist", file), "3 patients: 1 ALERT, 0 none recorded, 2 could not "+
		"check, 0 not checked",
		"line 2  The patient's record is missing: no current record has this NHS number. Make sure who this is.",
		"line 3  This patient record was marked invalid. (H22-404-INVALIDATED_RESOURCE)",
		"line 4  No patient has this NHS number. (H21-404-RESOURCE_NOT_FOUND)")

	checkMembers(t, b.json(t, exitHub, "worklist", file, "--file-order"), map[string]any{
		"patients.0.state": "alert", "patients.0.record_missing": true,
		"patients.1.state": "could_not_check", "patients.1.error.kind": "invalidated",
		"patients.1.record_missing": false,
		"patients.2.state":          "could_not_check", "patients.2.error.kind": "not_found",
	})

	checkMembers(t, b.json(t, exitDone, "worklist", aFile(t, hubtest.NoRecord)),
		map[string]any{"complete": true, "error": nil})
}

func TestWorklist_NumberOfAnotherPatient(t *testing.T) {
	b := setUp(t)
	file := aFile(t, "NHS No;Surname;Forename;DOB", hubtest.WithAlert+";Sample;Sam;4/3/2016", hubtest.NoAlert+
		";EXAMPLE;T;5/3/2016", hubtest.NoAlert+";Exämple;Tom;spring",
		hubtest.Superseded+";Example;Tom;2016-03-04T00:00:00")

	out := b.run(t, exitHub, "worklist", file, "--file-order")
	checkContains(t, out, "4 patients: 0 ALERT, 2 none recorded, 2 could not check, 0 not checked",
		"line 2  This NHS number is another patient's: its record has another family name. (W11)",
		"line 3  This NHS number is another patient's: its record has another birth date. (W11)",
		"line 4  The birth date was not compared: the list's or the record's cannot be read.",
		"line 5  The number was superseded by 999 000 0026.")

	for _, secret := range []string{"Tess", "ALERT  "} {
		if strings.Contains(out, secret) {
			t.Errorf("output contains %q of another patient:\n%s", secret, out)
		}
	}

	checkMembers(t, b.json(t, exitHub, "worklist", file, "--file-order"), map[string]any{
		"patients.0.state": "could_not_check", "patients.0.error.kind": "other_patient", "patients.0.error.code": "W11",
		"patients.0.as_of": nil,
		"patients.1.state": "could_not_check", "patients.1.error.kind": "other_patient",
		"patients.2.state": "none_recorded", "patients.2.name_compared": "same",
		"patients.2.birth_date_compared": "not_compared",
		"patients.3.state":               "none_recorded", "patients.3.birth_date_compared": "same",
		"patients.3.current_nhs_number": hubtest.NoAlert,
	})
}

// The file is as Excel saves it in the United Kingdom: headings, quotation marks, Windows line endings.
func TestWorklist_SpreadsheetWithTitles(t *testing.T) {
	b := setUp(t)
	file := aFile(t, "Waiting room;;;", ";;;", "NHS Number;NHS No;\"Name; as given\";DOB", hubtest.WithAlert+";"+
		hubtest.NoAlert+";Tess Example;", ";9,99E+09;Tom Example;",
		hubtest.NoAlert+";;\"Example,\nTom\";04/03/2016")

	out := b.run(t, exitUsage, "worklist", file, "--file-order")
	checkContains(t, out, "3 patients: 0 ALERT, 1 none recorded, 0 could not check, 2 not checked",
		"1 line was skipped above the headings.",
		"line 4  Two columns of this line have different NHS numbers. (W12)",
		"line 5  not a valid NHS number: A spreadsheet has made a power of ten of this number, and its last digits "+
			"are lost.")

	checkMembers(t, b.json(t, exitUsage, "worklist", file, "--file-order"), map[string]any{
		"file.skipped_lines": 1.0, "file.headings": true, "patients.0.state": "not_checked",
		"patients.0.error.kind": "two_numbers", "patients.0.error.code": "W12",
		"patients.1.error.kind": "power_of_ten", "patients.2.state": "none_recorded",
		"patients.2.birth_date_compared": "same",
	})

	checkContains(t, b.run(t, exitDone, "worklist", aFile(t, "3,"+hubtest.NoAlert)), "The file has no headings "+
		"that are known: the NHS numbers alone were read")
	b.run(t, exitUsage, "worklist", aFile(t, "Bay,Who", "3,Tess"))
	checkContains(t, b.err.String(), "The file has no headings that are known, and no NHS numbers.")
}

func TestExitCodes(t *testing.T) {
	b := setUp(t)
	b.world.in = strings.NewReader(hubtest.NoAlert + "\n" + hubtest.WithAlert)
	checkMembers(t, b.json(t, exitDone, "worklist", "-"), map[string]any{"complete": true, "error": nil})
	checkMembers(t, b.json(t, exitUsage, "worklist", aFile(t, hubtest.NoAlert, "x")),
		map[string]any{"complete": false, "error.kind": "incomplete"})
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"worklist", "nowhere.csv"}, "There is no such file."},
		{[]string{"worklist", aFile(t, "")}, "The list is empty."},
		{[]string{"worklist", "a", "b"}, "give one file"},
		{[]string{"worklist", "--afresh"}, "--afresh needs a file"},
		{[]string{"worklist", "a", "--wait", "soon"}, `--wait: "soon" is not a time`},
		{[]string{"worklist"}, "no list is kept"},
	} {
		b.run(t, exitUsage, c.args...)
		checkContains(t, b.err.String(), c.says)
	}
}

func TestAListIsReadBeforeThePasscodeIsAskedFor(t *testing.T) {
	b := setUp(t)
	b.run(t, exitUsage, "worklist", "nowhere.csv")
	if n := len(b.hub.Requests("")); n != 0 {
		t.Errorf("requests to the hub: got %d, want 0", n)
	}
}

func TestAnInterruptedListIsKeptAndGoneOnWith(t *testing.T) {
	b := setUp(t)
	ctx, interrupt := context.WithCancel(t.Context())
	file := aFile(t, "nhs,name", hubtest.WithAlert+",Tess", hubtest.NoAlert+",Tom", hubtest.Superseded+",Tom")
	answered := make(chan struct{})
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		if hubtest.NumberIn(r) == hubtest.WithAlert {
			b.hub.DefaultHandler(hubtest.Flag)(w, r)
			close(answered)
			return
		}
		<-answered
		if hubtest.NumberIn(r) == hubtest.Superseded { // interrupt after the first answer is saved
			eventually(t, func() bool { return b.savedListContains(t, `"state":"alert"`) })
			interrupt()
		}
		<-r.Context().Done()
	})

	if got := run(ctx, []string{"worklist", file, "--json", "--passcode-fd", "3"}, b.world); got != exitInterrupted {
		t.Fatalf("exit code: got %d, want %d\n%s%s", got, exitInterrupted, b.out.String(), b.err.String())
	}

	checkContains(t, b.out.String(), `"kept": true`, `"kind": "interrupted"`, `"alert": 1`, `"not_checked": 2`,
		`"none_recorded": 0`)
	if strings.Contains(b.err.String(), "until it is back") {
		t.Errorf("an interrupted request is reported as an unreachable hub:\n%s", b.err.String())
	}

	b.hub.Answer(hubtest.Flag, b.hub.DefaultHandler(hubtest.Flag))
	before := len(b.hub.Requests(hubtest.Flag))
	b.run(t, exitUsage, "worklist", aFile(t, hubtest.Superseded))
	checkContains(t, b.err.String(), "another list is kept, of 22-Nov-2026 12:00, which is not finished",
		"--afresh drops it")
	b.run(t, exitDone, "worklist") // continues the saved list
	checkContains(t, b.err.String(), "goes on with the list of 22-Nov-2026 12:00")
	checkContains(t, b.out.String(), "3 patients: 1 ALERT, 2 none recorded, 0 could not check, 0 not checked")
	if n := len(b.hub.Requests(hubtest.Flag)) - before; n != 3 {
		t.Errorf("lamp requests: got %d, want 3: two missing ones, and one for the superseding number",
			n)
	}

	if b.sealedFiles(t) != 0 {
		t.Error("the list is still saved after it was finished")
	}
}

// savedListContains reports whether the saved list contains want.
func (b *fixture) savedListContains(t *testing.T, want string) bool {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(b.world.sealedFolder, "*.age"))
	if err != nil || len(all) != 1 {
		return false
	}
	return strings.Contains(b.unsealed(t, strings.TrimSuffix(filepath.Base(all[0]), ".age")), want)
}

func TestWithoutAKeyringTheListIsOnlyInMemoryAndItIsSaid(t *testing.T) {
	b := setUp(t)
	b.memory.Fail(keyring.ErrUnsupportedPlatform)
	b.hub.Answer(hubtest.Flag, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	b.run(t, exitHub, "worklist", aFile(t, hubtest.NoAlert, hubtest.WithAlert), "--wait", "0s")
	checkContains(t, b.err.String(), "the list is only in memory: There is no keyring on this computer that opens",
		"did not come back")
	checkContains(t, b.out.String(), "2 patients: 0 ALERT, 0 none recorded, 0 could not check, 2 not checked")
	if strings.Contains(b.out.String(), "kept") || b.sealedFiles(t) != 0 {
		t.Errorf("output says that the list is kept, or a file was saved:\n%s", b.out.String())
	}
}

func TestAHubThatIsAwayLeavesTheRestNotCheckedAndIsWaitedFor(t *testing.T) {
	b := setUp(t)
	began := time.Now()
	b.world.clock = func() time.Time { return noon.Add(time.Since(began)) }
	b.world.environ = append(b.world.environ, "WARDLIGHT_WORKLIST_RATE=6000")
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		if len(b.hub.Requests(hubtest.Challenge)) < 2 { // the first is the sign-in's
			panic(http.ErrAbortHandler)
		}
		b.hub.DefaultHandler(hubtest.Flag)(w, r)
	})
	out := b.run(t, exitDone, "worklist", aFile(t, hubtest.NoAlert, hubtest.WithAlert))
	checkContains(t, out, "2 patients: 1 ALERT, 1 none recorded, 0 could not check, 0 not checked")
	checkContains(t, b.err.String(), "The rest is not checked until it is back.")
}

func TestASessionThatIsOverStopsTheListAndKeepsIt(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
	})
	checkMembers(t, b.json(t, exitSignIn, "worklist", aFile(t, hubtest.NoAlert)), map[string]any{
		"kept": true, "error.kind": "signed_out", "patients.0.state": "not_checked", "patients.0.error": nil,
	})
}

func TestAKeptSignInThatEndsMidwayIsReplacedAndTheListGoesOn(t *testing.T) {
	b := signedIn(t)
	var asked atomic.Int64
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 2 {
			hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
			return
		}
		b.hub.DefaultHandler(hubtest.Flag)(w, r)
	})
	out := b.run(t, exitDone, "worklist", aFile(t, hubtest.NoAlert, hubtest.WithAlert))
	checkContains(t, out, "2 patients: 1 ALERT, 1 none recorded")
	if n := asked.Load(); n != 3 {
		t.Errorf("lamp requests: got %d, want 3: one for each patient and one retry", n)
	}
}

// eventually waits until f returns true.
func eventually(t *testing.T, f func() bool) {
	deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Error("the condition was not met in time")
			return
		}
	}
}

// unsealed returns the decrypted content of a file, or "" while it cannot be read.
func (b *fixture) unsealed(t *testing.T, name string) string {
	t.Helper()
	stored, err := sealed.Open(b.world.keyring, b.world.sealedFolder, name).Load(t.Context())
	if err != nil {
		return ""
	}
	return string(stored)
}
