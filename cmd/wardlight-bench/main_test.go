package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/cli"
)

// call runs a command line and returns its exit code and output.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, environment{out: &stdout, err: &stderr, now: time.Now})
	return code, stdout.String(), stderr.String()
}

func TestMistakesOnTheCommandLineAreNamed(t *testing.T) {
	for _, c := range []struct{ line, says string }{
		{"cards", `there is no command "wardlight-bench cards"`},
		{"tui --runs 0", "--runs must be a number from 1 to 1000"},
		{"hub --people 0", "--people is a number from 1 to"},
		{"card --fast", "unknown flag: --fast"},
	} {
		if code, out, errs := call(t, strings.Fields(c.line)...); code != cli.ExitUsage || out != "" ||
			!strings.Contains(errs, c.says) {
			t.Errorf("%s: exit code %d, want %d and %q: %s%s", c.line, code, cli.ExitUsage, c.says, out, errs)
		}
	}
}

func TestTrace_FilesOfCSV(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}

	people := write("people.csv",
		"id,f,g,b,p\nrec-1-org,Warkworth,Petronella,20120309,2745\nrec-2-org,Belsay,Quentin,20120310,2000\n")
	copies := write("copies.csv",
		"id,f,g,b,p\nrec-1-dup-0,Elsewhere,Petronella,20120309,2745\nrec-2-dup-0,Belsey,Quentin,20120310,2000\n"+
			"rec-2-dup-1,Belsey,Quentin,20121310,2000\n")
	base := []string{"trace", "--people", people, "--queries", copies, "--same", "id", "--among", "50", "--json"}
	code, out, errs := call(t, append(base, "--map", "family=f,given=g,born=b:yyyymmdd,postcode=p", "--misses")...)
	var report struct {
		People, Among int
		Skipped       struct{ Queries map[string]int }
		Passes        []struct {
			Name string
			All  struct{ Queries, First, FirstFive, OthersOnly, Nobody, FalseFirst int }
		}
	}

	if err := json.Unmarshal([]byte(out), &report); code != 0 || err != nil {
		t.Fatalf("trace --json: exit code %d, error %v: %s %s", code, err, out, errs)
	}

	if report.People != 2 || report.Among != 50 || len(report.Passes) != 2 || report.Passes[1].All.Queries != 2 ||
		report.Passes[1].All.First != 2 ||
		report.Skipped.Queries["the birth date does not parse"] != 1 {
		t.Errorf("report: got %s", out)
	}

	for _, c := range []struct {
		more []string
		code int
		says string
	}{
		{nil, cli.ExitUsage, "files require --map and --same"},
		{[]string{"--map", "family=f,given=g,born=b:yymmdd"}, cli.ExitUsage, "no form of a date"},
		{[]string{"--map", "family=f,given=nobody,born=b:yyyymmdd"}, cli.ExitFailed, `there is no column "nobody"`},
		{[]string{"--map", "family=f,given=g,born=b"}, cli.ExitFailed, "no birth date in column"},
		{
			[]string{"--map", "family=f,given=g,born=b:yyyymmdd", "--queries", "5"},
			cli.ExitUsage,
			"two numbers or two files",
		},
	} {
		if code, _, errs := call(t, append(base, c.more...)...); code != c.code || !strings.Contains(errs, c.says) ||
			strings.Contains(errs, "Warkworth") {
			t.Errorf("trace %v: exit code %d, want %d and %q: %s", c.more, code, c.code, c.says, errs)
		}
	}
}
