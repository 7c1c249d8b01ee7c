package scenario

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/testterm"
)

// Limits of the values in a step.
const (
	maxPause   = time.Minute
	maxHold    = 10 * time.Second
	maxBytes   = 4096
	maxWindow  = 500 // columns or rows
	maxCount   = 65_535
	defaultDay = "12:00" // the time if a date step has none
)

// form defines the syntax of a verb.
type form struct {
	verb     Verb
	expected string // description of a valid step, for errors
	after    Verb   // verb that an earlier step must have; "" for none
	read     func(s *Step, rest string) bool
}

// forms lists the syntax of all verbs. No verb is a prefix of a later one.
var forms = []form{
	{verb: Date, expected: "date YEAR-MONTH-DAY, such as date 2026-12-01, or date 2026-12-01 14:05", read: readDate},
	{verb: Window, expected: fmt.Sprintf("window COLUMNSxROWS of at most %dx%d, such as window 120x20", maxWindow,
		maxWindow), read: readWindow},
	{
		verb:     Set,
		expected: `set SETTING "VALUE", such as set site.procedure "Ask the nurse in charge."; before the program is looked at`, read: readSet,
	},
	{verb: Insert, expected: "insert CARD, such as insert nurse", read: readText},
	{verb: Eject, expected: "eject and nothing behind it", read: readNothing},
	{verb: Type, expected: "type TEXT, such as type 9990000018", read: readText},
	{verb: Press, expected: "press KEY KEY..., or press KEY until TEXT; keys are letters, enter, esc, tab, up, " +
		"ctrl+l, f1 and so on", read: readPress},
	{verb: Hold, expected: fmt.Sprintf("hold KEY TIME, the time at most %v, such as hold o 2s; or hold KEY TIME "+
		"and run wardlight ARGUMENTS", maxHold), read: readHold},
	{
		verb:     Paste,
		expected: `paste "TEXT", such as paste "999 000 0018"; \u200b in it is a character by its code point`,
		read:     readQuoted,
	},
	{verb: Bytes, expected: fmt.Sprintf("bytes and at most %d bytes as hexadecimal digits, such as bytes 1b5b337e",
		maxBytes), read: readBytes},
	{verb: Pause, expected: fmt.Sprintf("pause TIME of at most %v, such as pause 100ms", maxPause), read: readPause},
	{verb: NotSee, expected: "not see TEXT", read: readText},
	{verb: See, expected: "see TEXT, such as see none recorded", read: readText},
	{verb: Screenshot, expected: `picture NAME "TITLE"; a name is small letters, digits and -`, read: readPicture},
	{verb: Copied, expected: "copied NUMBER, such as copied 0", read: readCount},
	{verb: Quit, expected: "quit and nothing behind it", read: readNothing},
	{verb: Run, expected: "run wardlight ARGUMENTS, and exits NUMBER where the exit code is not 0, such as run " +
		"wardlight status exits 5", read: readRun},
	{verb: NotOut, expected: "not out TEXT", after: Run, read: readText},
	{verb: Out, expected: "out TEXT, such as out could not check", after: Run, read: readText},
	{verb: Hub, expected: "hub stop, hub start, hub answers STATUS html (200 to 599), such as hub answers 403 " +
		"html, or hub answers normally", read: readHub},
	{verb: Import, expected: "import FILE, such as import people.ndjson", read: readImport},
	{
		verb: Upload, expected: "upload AUTHORITY FILE code FILECODE, such as upload V991 plans.csv code CPF02",
		read: readUpload,
	},
	{
		verb:     Row,
		expected: `row NUMBER ROWCODE "PART OF THE SENTENCE", such as row 3 CPR01 "No record"; the sentence may be left out`, after: Upload, read: readRow,
	},
	{verb: Notified, expected: "told NUMBER, or told AUTHORITY NUMBER, such as told V991 1", read: readNotified},
	{verb: Accesses, expected: "accesses NHSNUMBER NUMBER, such as accesses 9990000018 1", read: readAccesses},
	{verb: Records, expected: "records fail, or records cut", read: readRecords},
	{verb: Flagged, expected: "flagged NUMBER, such as flagged 1", read: readCount},
	{verb: Printed, expected: "printed TEXT", read: readText},
}

func readText(s *Step, rest string) bool {
	s.Text = rest
	return rest != ""
}

// settingForm matches a setting's name and its quoted value.
var settingForm = regexp.MustCompile(`^([a-z_]+\.[a-z_0-9]+) "([^"]*)"$`)

func readSet(s *Step, rest string) bool {
	m := settingForm.FindStringSubmatch(rest)
	if m == nil {
		return false
	}
	s.Name, s.Text = m[1], m[2]
	return true
}

func readNothing(_ *Step, rest string) bool { return rest == "" }

func readCount(s *Step, rest string) bool { return number(&s.N, rest, 0, maxCount) }

// number parses a whole number between low and high.
func number(into *int, text string, low, high int) bool {
	n, err := strconv.Atoi(text)
	*into = n
	return err == nil && n >= low && n <= high && text[0] != '+'
}

// span parses a duration greater than zero and at most longest.
func span(into *time.Duration, text string, longest time.Duration) bool {
	d, err := time.ParseDuration(text)
	*into = d
	return err == nil && d > 0 && d <= longest
}

// readDate parses a day and an optional time, in the time zone of the United Kingdom.
func readDate(s *Step, rest string) bool {
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return false
	}
	day, at, has := strings.Cut(rest, " ")
	if !has {
		at = defaultDay
	}
	s.At, err = time.ParseInLocation("2006-01-02 15:04", day+" "+strings.TrimSpace(at), uk)
	return err == nil
}

func readWindow(s *Step, rest string) bool {
	cols, rows, _ := strings.Cut(rest, "x")
	return number(&s.Cols, cols, 1, maxWindow) && number(&s.Rows, rows, 1, maxWindow)
}

func readPress(s *Step, rest string) bool {
	keys, text, has := strings.Cut(rest, " until ")
	s.Keys, s.Text = strings.Fields(keys), strings.TrimSpace(text)
	for _, k := range s.Keys {
		if !testterm.IsKey(k) {
			return false
		}
	}
	return len(s.Keys) > 0 && (!has || len(s.Keys) == 1 && s.Text != "")
}

func readHold(s *Step, rest string) bool {
	rest, command, has := strings.Cut(rest, " and run ")
	if has && !readRun(s, command) {
		return false
	}
	key, time, _ := strings.Cut(rest, " ")
	s.Keys = []string{key}
	return testterm.IsKey(key) && span(&s.Duration, strings.TrimSpace(time), maxHold)
}

func readPause(s *Step, rest string) bool { return span(&s.Duration, rest, maxPause) }

func readQuoted(s *Step, rest string) bool {
	text, err := strconv.Unquote(rest)
	s.Text = text
	return err == nil && rest[0] == '"' && text != ""
}

func readBytes(s *Step, rest string) bool {
	b, err := hex.DecodeString(strings.ReplaceAll(rest, " ", ""))
	s.Bytes = b
	return err == nil && len(b) > 0 && len(b) <= maxBytes
}

// pictureForm matches a file's name and a quoted title.
var pictureForm = regexp.MustCompile(`^([a-z0-9-]+) "([^"]+)"$`)

func readPicture(s *Step, rest string) bool {
	m := pictureForm.FindStringSubmatch(rest)
	if m == nil {
		return false
	}
	s.Name, s.Text = m[1], m[2]
	return true
}

// program is the only program that a step can run.
const program = "wardlight"

func readRun(s *Step, rest string) bool {
	words, ok := split(rest)
	if n := len(words); ok && n > 2 && words[n-2] == "exits" {
		if !number(&s.N, words[n-1], 0, 255) {
			return false
		}
		words = words[:n-2]
	}
	s.Command = words
	return ok && len(words) > 1 && words[0] == program
}

// split returns the words of a line. A quoted word may contain blanks.
func split(line string) ([]string, bool) {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		var word string
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, false
			}
			line = line[len(quoted):]
			word, _ = strconv.Unquote(quoted)
			if line != "" && line[0] != ' ' {
				return nil, false
			}
		} else {
			word, line, _ = strings.Cut(line, " ")
		}
		words = append(words, word)
	}
	return words, true
}

func readHub(s *Step, rest string) bool {
	words := strings.Fields(rest)
	switch {
	case slices.Equal(words, []string{"stop"}), slices.Equal(words, []string{"start"}):
		s.Text = words[0]
		return true
	case slices.Equal(words, []string{"answers", "normally"}):
		s.Text = "answers"
		return true
	}
	s.Text = "answers"
	return len(words) == 3 && words[0] == "answers" && words[2] == "html" && number(&s.N, words[1], 200, 599)
}

func readRecords(s *Step, rest string) bool {
	s.Text = rest
	return rest == "fail" || rest == "cut"
}

func readImport(s *Step, rest string) bool {
	words, ok := split(rest)
	if ok && len(words) == 1 {
		s.Path = words[0]
	}
	return s.Path != ""
}

func readUpload(s *Step, rest string) bool {
	words, ok := split(rest)
	if !ok || len(words) != 4 || words[2] != "code" {
		return false
	}
	s.Authority, s.Path, s.Code = words[0], words[1], words[3]
	return store.IsAuthorityCode(s.Authority) && s.Path != "" && codeForm.MatchString(s.Code) && s.Code[2] == 'F'
}

// codeForm matches an answer code of an upload: of the file or of a row.
var codeForm = regexp.MustCompile(`^CP[FR]0[0-9]$`)

func readRow(s *Step, rest string) bool {
	words, ok := split(rest)
	if !ok || len(words) < 2 || len(words) > 3 || !number(&s.N, words[0], 1, maxCount) {
		return false
	}
	if len(words) == 3 {
		s.Text = words[2]
	}
	s.Code = words[1]
	return codeForm.MatchString(s.Code) && s.Code[2] == 'R'
}

func readNotified(s *Step, rest string) bool {
	code, count, both := strings.Cut(rest, " ")
	if !both {
		return readCount(s, rest)
	}
	s.Authority = code
	return store.IsAuthorityCode(code) && readCount(s, strings.TrimSpace(count))
}

func readAccesses(s *Step, rest string) bool {
	at := strings.LastIndex(rest, " ")
	if at < 0 {
		return false
	}
	var err error
	s.Patient, err = nhs.ParseNumber(rest[:at])
	return err == nil && readCount(s, rest[at+1:])
}
