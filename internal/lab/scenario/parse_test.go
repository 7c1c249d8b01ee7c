package scenario_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/scenario"
)

func TestParse_EachLineIsAStep(t *testing.T) {
	const text = `# A nurse
date 2026-12-01
window 120x40
insert nurse
type 246813
press tab enter
press o until RING NOW
hold o 2s
paste "999\u200b 000 0018"
bytes 1b5b 337e
pause 100ms
see ▲ ALERT
not see Tess
told 1
told V991 0
accesses 999 000 0018 1
hub stop
hub answers 403 html
hub answers normally
import people.ndjson
upload V991 "my plans.csv" code CPF04
row 3 CPR01 "No record"
row 4 CPR06
run wardlight worklist list.csv --role "a b" exits 5
out could not check
not out none recorded
picture alert "An open alert"
quit
`

	s, err := scenario.Parse("cases/a.txt", text)
	if err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, step := range s.Steps {
		got = append(got, step.Source)
	}

	if want := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool {
		return l == "" || l[0] == '#'
	}); !slices.Equal(got, want) {
		t.Errorf("steps =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	at := func(line int) scenario.Step { return s.Steps[line-2] }
	for _, c := range []struct{ what, got, want string }{
		{"position", at(7).String(), "cases/a.txt:7: press o until RING NOW"},
		{"date", at(2).At.Format(time.RFC3339), "2026-12-01T12:00:00Z"},
		{"window", fmt.Sprint(at(3).Cols, at(3).Rows), "120 40"},
		{"keys", fmt.Sprint(at(6).Keys), "[tab enter]"},
		{"text of a press", at(7).Text, "RING NOW"},
		{"hold", fmt.Sprint(at(8).Keys, at(8).Duration), "[o] 2s"},
		{"paste", at(9).Text, "999\u200b 000 0018"},
		{"bytes", string(at(10).Bytes), "\x1b[3~"},
		{"pause", at(11).Duration.String(), "100ms"},
		{"told", fmt.Sprint(at(14).Authority, at(14).N), "1"},
		{"told one authority", fmt.Sprint(at(15).Authority, at(15).N), "V9910"},
		{"accesses", fmt.Sprint(at(16).Patient.Digits(), at(16).N), "99900000181"},
		{"status", fmt.Sprint(at(18).Text, at(18).N), "answers403"},
		{"no status", fmt.Sprint(at(19).Text, at(19).N), "answers0"},
		{"upload", fmt.Sprint(at(21).Authority, "|", at(21).Path, "|", at(21).Code), "V991|my plans.csv|CPF04"},
		{"row", fmt.Sprint(at(22).N, at(22).Code, at(22).Text), "3CPR01No record"},
		{"run", fmt.Sprintf("%q %d", at(24).Command, at(24).N), `["wardlight" "worklist" "list.csv" "--role" "a b"] 5`},
		{"picture", fmt.Sprint(s.Screenshots(), at(27).Text), "[alert]An open alert"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestScenario_BeginsAtItsFirstDate(t *testing.T) {
	for text, want := range map[string]string{
		"date 2026-07-01 14:05\nsee x":            "2026-07-01T14:05:00+01:00",
		"window 80x24\ndate 2026-12-01\nsee x":    "2026-12-01T12:00:00Z",
		"see x\ndate 2026-12-01":                  "0001-01-01T00:00:00Z",
		"date 2026-12-01\nsee x\ndate 2026-12-02": "2026-12-01T12:00:00Z",
	} {
		s, err := scenario.Parse("a.txt", text)
		if got := s.StartTime().Format(time.RFC3339); err != nil || got != want {
			t.Errorf("Begins of %q = %s, error %v, want %s", text, got, err, want)
		}
	}
}

func TestParseDocument_TheBlocksAreOneScenario(t *testing.T) {
	const document = "# Training\n\nInsert:\n\n```scenario\ninsert nurse\n```\n\n    see code that is " +
		"none\n\n```sh\nmake demo\n```\n```scenario\nsee Passcode\n```\n"
	s, err := scenario.ParseDocument("t.md", document)
	if err != nil || len(s.Steps) != 2 || s.Steps[0].Position() != "t.md:6" || s.Steps[1].Position() != "t.md:15" {
		t.Errorf("ParseDocument = %+v, %v, want steps at lines 6 and 15", s.Steps, err)
	}
	for document, want := range map[string]string{
		"```scenario\nsee x":       "t.md:2: the last code block does not end",
		"# Nothing\n\n    see x\n": "t.md:1: there is no code block that begins with ```scenario",
	} {
		if _, err := scenario.ParseDocument("t.md", document); err == nil || err.Error() != want {
			t.Errorf("ParseDocument error = %v, want %q", err, want)
		}
	}
}

func TestParse_ErrorsSayWhatWasFoundWhereAndWhatWasExpected(t *testing.T) {
	for line, expected := range map[string]string{
		"look at it": "a step that begins with accesses, bytes, copied, date, eject, flagged, hold, hub, import, " +
			"insert, not out",
		"seen x": "a step that begins with", "screen 80x24": "upload, window", "resize 80x24": "upload, window",
		"see": "see TEXT", "not see": "not see TEXT", "insert": "insert CARD", "set": "set SETTING",
		"set site.procedure Ask": "set SETTING", "set procedure \"x\"": "set SETTING", "type": "type TEXT",
		"printed":   "printed TEXT",
		"window 80": "window 120x20", "window 0x24": "window 120x20", "window 80x501": "at most 500x500",
		"window 80x24x2": "window 120x20",
		"press":          "press KEY", "press o p until x": "press KEY until TEXT", "press o until ": "press KEY",
		"press any": "keys are letters, enter",
		"hold":      "hold o 2s", "hold o": "hold o 2s", "hold o 11s": "at most 10s", "hold any 2s": "hold o 2s",
		"hold o 2s and run": "and run wardlight ARGUMENTS", "hold o 2s and run ls -l": "and run wardlight ARGUMENTS",
		"hold o -1s": "hold o 2s",
		"pause":      "pause 100ms", "pause 2": "pause 100ms", "pause 61s": "at most 1m0s", "pause 0s": "pause 100ms",
		"bytes": "bytes 1b5b337e", "bytes 1b5": "hexadecimal", "bytes xx": "hexadecimal",
		"paste 999": `paste "999 000 0018"`, `paste ""`: "paste", "paste 'x'": "paste",
		"date": "date 2026-12-01 14:05", "date 01-12-2026": "date 2026-12-01", "date 2026-02-30": "date 2026-12-01",
		"date 2026-12-01 25:00": "14:05",
		"told many":             "told V991 1", "told V991": "told V991 1", "told V991 -1": "told V991 1",
		"flagged": "flagged 1", "copied a lot": "copied 0", "copied +1": "copied 0",
		"accesses 1": "accesses 9990000018 1", "accesses 9990000019 1": "accesses 9990000018 1",
		"hub kill": "hub answers 403 html", "hub answers": "hub answers normally",
		"hub answers 403": "hub answers 403 html", "hub answers 42 html": "200 to 599",
		"records stop": "records cut", "import": "import people.ndjson", "import a b": "import people.ndjson",
		"upload V991 a.csv": "upload V991 plans.csv code CPF02", "upload V991 a.csv code CPR01": "code FILECODE",
		`upload V991 "a.csv code CPF02`: "upload V991",
		"row 1 CPR01":                   `a step "upload" before it`, "out x": `a step "run" before it`,
		"not out x":    `a step "run" before it`,
		"run rm -rf x": "run wardlight ARGUMENTS", "run wardlight": "run wardlight ARGUMENTS",
		"run wardlight status exits 256": "exits NUMBER",
		"quit now":                       "quit and nothing behind it", "eject it": "eject and nothing",
		`picture Alert "x"`: "picture NAME", "picture alert": "picture NAME",
	} {
		_, err := scenario.Parse("a.txt", "\n"+line)
		var wrong *scenario.SyntaxError
		if !errors.As(err, &wrong) || wrong.Line != 2 ||
			!strings.HasPrefix(err.Error(), fmt.Sprintf("a.txt:2: found %q, expected ", strings.TrimSpace(line))) ||
			!strings.Contains(err.Error(), expected) {
			t.Errorf("Parse(%q) error = %v, want one that contains %q", line, err, expected)
		}
	}

	if _, err := scenario.Parse("a.txt", "x"+strings.Repeat("9990000018 ", 40)); err == nil ||
		strings.Count(err.Error(), "9990000018") > 6 {
		t.Errorf("Parse of a long line: error = %v, want the line truncated", err)
	}

	for _, more := range []string{"row 1 CPF01", "row 0 CPR01", "row CPR01", `row 1 CPR01 a b`} {
		if _, err := scenario.Parse("a.txt", "upload V991 a.csv code CPF02\n"+more); err == nil ||
			!strings.Contains(err.Error(), "row 3 CPR01") {
			t.Errorf("Parse(%q) error = %v, want an example of row", more, err)
		}
	}
}
