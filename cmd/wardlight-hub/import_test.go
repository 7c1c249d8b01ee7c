package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/intake"
	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/labtest"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
)

// importFolder returns a data folder with one authority.
func importFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the data was committed
	if err := s.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL"}); err != nil {
		t.Fatal(err)
	}
	return folder
}

// numbers returns valid NHS numbers of the range for tests.
func numbers(n int) []string {
	var all []string
	for i := 0; len(all) < n; i++ {
		for check := range 10 {
			if number, err := nhs.ParseNumber(fmt.Sprintf("999%06d%d", i, check)); err == nil {
				all = append(all, number.Digits())
			}
		}
	}
	return all
}

// ndjson writes a file of n patients, some with related persons and plans, and some invalid lines.
func ndjson(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	for i, number := range numbers(n) {
		fmt.Fprintf(&b,
			`{"resourceType":"Patient","id":%q,"gender":"female","birthDate":"20%02d-03-04","name":[{"use":"usual","family":"Family%d","given":["Tess"]}]}`+"\n", number, i%20, i%977)
		subject := fmt.Sprintf(`{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q}}`, number)
		if i%3 == 0 {
			fmt.Fprintf(&b, `{"resourceType":"RelatedPerson","id":"R%d","patient":%s,"relationship":[{"text":"aunt"}]}`+
				"\n", i, subject)
		}

		if i%50 == 0 {
			fmt.Fprintf(&b,
				`{"resourceType":"CareTeam","id":"plan-%d","category":[{"coding":[{"system":"http://snomed.info/sct","code":"818901000000100"}]}],`+
					`"name":"V999 - EXAMPLESHIRE COUNCIL","subject":%s,"period":{"start":"2026-02-03","end":"2099-01-01"},`+
					`"extension":[{"url":"urn:wardlight:due-date","valueDate":"2099-01-01"}]}`+"\n", i, subject)
		}

		if i%500 == 499 {
			fmt.Fprintf(&b, "Family%d %s\n", i, number)
		}
	}

	name := filepath.Join(t.TempDir(), "people.ndjson")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	return name
}

// runImport runs the command in this process and returns its messages and its error.
func runImport(t *testing.T, stdin io.Reader, args ...string) (string, error) {
	t.Helper()
	var told bytes.Buffer
	root := newRoot(io.Discard, &told)
	root.SetIn(stdin)
	root.SetArgs(append([]string{"import"}, args...))
	err := root.ExecuteContext(t.Context())
	return told.String(), err
}

// ledgerRows returns the contents of the ledger, row by row. It leaves out the audit's tree, whose hashes depend on the
// time and whose rows are those of commits.
func ledgerRows(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"people.db", "ledger.db"} {
		db, err := sql.Open("sqlite", filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}

		for _, table := range column(t, db,
			`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migration', 'tree') ORDER BY name`) {
			query := `SELECT * FROM "` + table + `"`
			if table == "audit" {
				query = `SELECT org_ods, action, outcome, reason, patients FROM audit` // others depend on the time
			}
			rows := column(t, db, query)
			slices.Sort(rows)
			fmt.Fprintf(&b, "%s %d\n%s\n", table, len(rows), strings.Join(rows, "\n"))
		}

		_ = db.Close()
	}

	return b.String()
}

// column returns the rows of a query, each as one text.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below reports the error
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}

	var all []string
	for rows.Next() {
		values := make([]any, len(names))
		at := make([]any, len(names))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Trim(fmt.Sprint(values), "[]"))
	}

	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	return all
}

func TestAnImportThatWasKilledGoesOnToTheSameBooks(t *testing.T) {
	t.Parallel() // mostly waits
	file := ndjson(t, 3000)
	whole, cut := importFolder(t), importFolder(t)
	described, err := runImport(t, nil, "--data", whole, file)
	if err == nil || err.Error() != "6 lines were not imported" ||
		!strings.HasSuffix(described, ": 4066 lines: 4060 imported, 6 refused\n") {
		t.Fatalf("import: got error %v, want 6 lines rejected\n%s", err, described)
	}

	if strings.Contains(described, "Family") || strings.Contains(described, "9990") {
		t.Errorf("import prints patient data of the file: %s", described)
	}

	log := &labtest.Output{}
	killed := 0
	for !strings.Contains(log.String(), "4066 lines:") {
		cmd := exec.CommandContext(t.Context(), labtest.Program(t, "wardlight-hub"), "import", "--data", cut, file)
		cmd.Stderr = log
		p := labtest.Start(t, cmd)
		before := bookmarks(t, cut)
		for !gone(p) && bookmarks(t, cut) == before {
			select {
			case <-p.Done():
			case <-time.After(time.Millisecond):
			}
		}

		if killed < 3 {
			if !gone(p) {
				killed++
			}
			p.Kill()
		}
		<-p.Done()
	}

	if killed == 0 || !strings.Contains(log.String(), "continuing after line ") {
		t.Fatalf("imports: %d killed, want at least one that was continued:\n%s", killed, log)
	}

	if ledgerRows(t, cut) != ledgerRows(t, whole) {
		t.Error("the ledger of the interrupted imports differs from that of one import")
	}
}

func gone(p *labtest.Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// bookmarks returns the contents of the bookmark files.
func bookmarks(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "imports", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

func TestAnImportIsGoneOnWithOrBegunAgain(t *testing.T) {
	file, folder := ndjson(t, 20), importFolder(t)
	again := func(args ...string) string {
		t.Helper()
		described, err := runImport(t, nil, append(args, "--data", folder, file)...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(described, file, "F")
	}

	if got := again(); got != "F: 28 lines: 28 imported, 0 refused\n" {
		t.Error(got)
	}

	if got := again(); got != "F: continuing after line 28\nF: 28 lines: 28 imported, 0 refused\n" {
		t.Error(got)
	}

	if got := again("--restart"); got != "F: 28 lines: 28 imported, 0 refused\n" {
		t.Error(got)
	}

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(file, text[1:], 0o600); err != nil {
		t.Fatal(err)
	}

	described, err := runImport(t, nil, "--data", folder, file)
	if err == nil ||
		strings.ReplaceAll(described, file, "F") != "F: the file has changed: starting from the first line\n"+
			"F:1: this is not JSON: error at byte 15\nF:2: it is not directly after its patient\nF: 28 lines: 26 "+
			"imported, 2 refused\n" {
		t.Errorf("import of a changed file: got error %v\n%s", err, described)
	}
}

// A bookmark of another ledger is not used.
func TestAnImportIntoOtherBooksBeginsAtTheBeginning(t *testing.T) {
	file, folder := ndjson(t, 20), importFolder(t)
	imported := func(why string) {
		t.Helper()
		described, err := runImport(t, nil, "--data", folder, file)
		if described = strings.ReplaceAll(described, file, "F"); err != nil ||
			described != "F: 28 lines: 28 imported, 0 refused\n" {
			t.Errorf("import after %s: got error %v, want all 28 lines imported\n%s", why, err, described)
		}
	}

	imported("new books")
	for _, name := range []string{"people.db", "people.db-wal", "people.db-shm"} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}

	imported("the book of patients is made anew")
	backup := filepath.Join(t.TempDir(), "backup")
	if out, err := command(t, "backup", "--data", folder, backup); err != nil {
		t.Fatal(out, err)
	}

	for _, name := range []string{
		"people.db", "people.db-wal", "people.db-shm", "ledger.db", "ledger.db-wal",
		"ledger.db-shm",
	} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}

	if out, err := command(t, "restore", "--data", folder, backup); err != nil {
		t.Fatal(out, err)
	}

	imported("a backup is restored")

	server := postgrestest.Start(t, labpg.Options{Durable: true})
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")

	for _, what := range []string{"another engine", "another database"} {
		dsn := postgrestest.Schema(t, server)
		t.Setenv("WARDLIGHT_SERVER_STORE_DSN", dsn)
		s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL"}),
			s.Close()); err != nil {
			t.Fatal(err)
		}
		imported(what)
	}

	if described, err := runImport(t, nil, "--data", folder, file); err != nil ||
		!strings.Contains(described, "continuing after line 28\n") {
		t.Errorf("import into the same ledger: got error %v, want it continued after line 28\n%s", err, described)
	}
}

// TestImport_PlansWithANote imports plans that are no alert today, or that the hub will end. Each is shown with its
// line.
func TestImport_PlansWithANote(t *testing.T) {
	plan := func(id, number, period string) string {
		return fmt.Sprintf(
			`{"resourceType":"CareTeam","id":%q,"category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],`+
				`"name":"V999 - EXAMPLESHIRE COUNCIL","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q}},"period":{%s}}`+"\n", id, number, period)
	}
	some := numbers(2)
	text := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"birthDate":"2090-03-04"}`+"\n", some[0]) +
		plan("a", some[0], `"start":"2091-02-03"`) + plan("b", some[0], `"start":"2001-01-01","end":"2002-01-01"`) +
		plan("c", some[1], `"start":"2001-01-01"`)
	want := "standard input:2: It becomes an alert on 3 February 2091. The hub ends this plan on 4 March 2108, the " +
		"18th birthday.\n" +
		"standard input:3: No alert is shown: this plan ended on 1 January 2002.\n" +
		"standard input:4: No current patient record has this NHS number.\n" +
		"-: 4 lines: 4 imported, 0 refused\n"
	if described, err := runImport(t, strings.NewReader(text), "--data", importFolder(t), "-"); err != nil ||
		described != want {
		t.Errorf("import: got error %v and\n%s\nwant\n%s", err, described, want)
	}
}

func TestStandardInputIsImported(t *testing.T) {
	text, err := os.ReadFile(ndjson(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	folder := importFolder(t)
	if described, err := runImport(t, bytes.NewReader(text), "--data", folder, "-"); err != nil ||
		described != "-: 5 lines: 5 imported, 0 refused\n" {
		t.Errorf("import of standard input: got error %v, want 5 lines imported\n%s", err, described)
	}
	if marks := bookmarks(t, folder); marks != "" {
		t.Errorf("bookmark of standard input: got %s, want none", marks)
	}
	for _, name := range []string{filepath.Join(folder, "none"), folder} {
		if _, err := runImport(t, nil, "--data", folder, name); err == nil {
			t.Errorf("import of %s succeeded, want an error", name)
		}
	}
}

func TestAnInterruptedImportSaysHowToGoOn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	root := newRoot(io.Discard, io.Discard)
	root.SetArgs([]string{"import", "--data", importFolder(t), ndjson(t, 1)})
	m := importing{name: "f", shown: newProgress(io.Discard, "f", time.Now)}
	if _, err := m.finish(intake.Position{Lines: 7}, ctx.Err()); err == nil ||
		err.Error() != "f: interrupted after line 7; run the command again to continue" {
		t.Error(err)
	}
	if err := root.ExecuteContext(ctx); err == nil {
		t.Error("an interrupted import returned no error")
	}
}

func TestProgressIsABarOnATerminalAndLinesElsewhere(t *testing.T) {
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	p := newProgress(&out, "f", func() time.Time { return now })
	p.begin(intake.Position{Lines: 1000, Offset: 1}, 1000)
	now = now.Add(10 * time.Second)
	for _, lines := range []int64{50_000, 101_000, 102_000} {
		if err := p.stored(intake.Position{Lines: lines, Offset: 500, Refused: 2}); err != nil {
			t.Fatal(err)
		}
	}

	if got := out.String(); got != "f: 50 %, 101000 lines, 10000 a second, 2 refused\n" {
		t.Errorf("progress without a terminal: got %q", got)
	}

	out.Reset()
	p.terminal = true
	for _, after := range []time.Duration{0, time.Millisecond, time.Second} {
		now = now.Add(after)
		_ = p.stored(intake.Position{Lines: 101_000, Offset: 500})
	}

	p.printLine("f:7: bad")
	const bar = "\rf  [###############...............]  50 %, 101000 lines, 10000 a second\x1b[K"
	if got := out.String(); got != bar+strings.Replace(bar, "10000 a", "9090 a", 1)+"\r\x1b[Kf:7: bad\n" {
		t.Errorf("progress on a terminal: got %q", got)
	}
}
