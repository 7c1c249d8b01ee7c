package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/browser"
	"wardlight/internal/cups"
	"wardlight/internal/doctor"
	"wardlight/internal/handover"
	"wardlight/internal/receiptfile"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/testterm"
	"wardlight/internal/worklist"
)

// The runbook's tables are generated from the program's error tables. UPDATE_PICTURES=1 writes them again, as it does
// the pictures.
func TestTheRunbookNamesEverySupportCode(t *testing.T) {
	const path = "../../docs/support.md"
	saved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	page := string(saved)
	var cards, hub, keyring, files, records, own []errorTexts
	for _, k := range cardreader.Kinds() {
		cards = append(cards, &cardreader.Error{Kind: k})
	}

	for _, k := range client.Kinds() {
		hub = append(hub, &client.Error{Kind: k})
	}

	for _, k := range secretstore.Kinds() {
		keyring = append(keyring, &secretstore.Error{Kind: k})
	}

	for _, k := range sealed.Kinds() {
		files = append(files, &sealed.Error{Kind: k})
	}

	for _, k := range recordsystem.Kinds() {
		records = append(records, &recordsystem.Error{Kind: k})
	}

	for _, w := range doctor.Entries() {
		own = append(own, w)
	}

	var printing []errorTexts
	for _, k := range cups.Kinds() {
		printing = append(printing, &cups.Error{Kind: k})
	}

	var show []errorTexts
	for _, k := range handover.Kinds() {
		show = append(show, &handover.Error{Kind: k})
	}

	var receipts []errorTexts
	for _, k := range receiptfile.Kinds() {
		receipts = append(receipts, &receiptfile.Error{Kind: k})
	}

	var inBrowser []errorTexts
	for _, k := range browser.Kinds() {
		inBrowser = append(inBrowser, &browser.Error{Kind: k})
	}

	page = between(t, page, "browser", inBrowser)
	page = between(t, page, "doctor", own)
	page = between(t, page, "cards", cards)
	page = between(t, page, "keyring", keyring)
	page = between(t, page, "sealed", files)
	page = between(t, page, "record", records)
	page = between(t, page, "hub", hub)
	page = between(t, page, "print", printing)
	page = between(t, page, "show", show)
	page = between(t, page, "receipts", receipts)
	if os.Getenv(testterm.UpdateScreenshots) != "" {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}

	if page != string(saved) {
		t.Errorf("%s differs from the error tables; run `make docs` and review the change", path)
	}
}

// errorTexts is an error with texts for the user.
type errorTexts interface {
	Sentence() string
	Advice() string
	Code() string
}

// between returns page with the text between the markers of that name replaced by the table of errors.
func between(t *testing.T, page, name string, errs []errorTexts) string {
	t.Helper()
	start, end := fmt.Sprintf("<!-- %s: from the error table -->\n", name), fmt.Sprintf("<!-- /%s -->", name)
	head, rest, found := strings.Cut(page, start)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("the runbook has no markers for %s", name)
	}
	saved := supportDoes(rest)
	var b strings.Builder
	b.WriteString(
		"| code | what the user sees | what the user is told to do | what support does |\n|---|---|---|---|\n",
	)
	for _, e := range errs {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.Code(), e.Sentence(), e.Advice(), saved[e.Code()])
	}
	return head + start + b.String() + end + tail
}

// aCode matches the beginning of a row with a code.
var aCode = regexp.MustCompile(`^\| ([A-Z][0-9]{2}) \|`)

// supportDoes returns the last column of each row, by code. That column is written by hand.
func supportDoes(page string) map[string]string {
	does := make(map[string]string)
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), " |"), " | ")
		if code := aCode.FindStringSubmatch(line); code != nil && len(cells) == 4 {
			does[code[1]] = strings.TrimSpace(cells[3])
		}
	}
	return does
}

// The runbook is for support staff, who have nobody else to ask. For each code it must name what to check or whom to
// contact.
func TestTheRunbookSaysWhatSupportDoesAboutEveryCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/support.md")
	if err != nil {
		t.Fatal(err)
	}

	does := supportDoes(string(page))
	codes := 0
	for line := range strings.Lines(string(page)) {
		code := aCode.FindStringSubmatch(line)
		if code == nil {
			continue
		}
		codes++
		said := does[code[1]]
		if lower := strings.ToLower(said); len(said) < 20 || strings.Contains(lower, "tell support") ||
			strings.Contains(lower, "ask support") {
			t.Errorf("runbook row %s: action %q is too short or refers to support", code[1], said)
		}
	}

	for _, code := range []string{
		"T01", "T02", "T99", worklist.FaultCode, (&worklist.ParseError{}).Code(),
		(&worklist.OtherPatientError{}).Code(),
	} {
		if does[code] == "" {
			t.Errorf("runbook: no row for %s", code)
		}
	}

	if codes < 100 {
		t.Errorf("rows with codes: got %d, want at least 100", codes)
	}
}
