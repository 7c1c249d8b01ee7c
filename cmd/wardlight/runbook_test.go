package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/doctor"
	"wardlight/internal/handover"
	"wardlight/internal/keep"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/testterm"
	"wardlight/internal/worklist"
)

// The runbook's tables are those that the program speaks from. UPDATE_PICTURES=1 writes them anew, as it does the
// pictures.
func TestTheRunbookNamesEverySupportCode(t *testing.T) {
	const path = "../../docs/support.md"
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(kept)
	var cards, hub, keyring, files, records, own []advised
	for _, k := range cardreader.Kinds() {
		cards = append(cards, &cardreader.Error{Kind: k})
	}
	for _, k := range client.Kinds() {
		hub = append(hub, &client.Error{Kind: k})
	}
	for _, k := range keep.Kinds() {
		keyring = append(keyring, &keep.Error{Kind: k})
	}
	for _, k := range sealed.Kinds() {
		files = append(files, &sealed.Error{Kind: k})
	}
	for _, k := range recordsystem.Kinds() {
		records = append(records, &recordsystem.Error{Kind: k})
	}
	for _, w := range doctor.Words() {
		own = append(own, w)
	}
	var printing []advised
	for _, k := range cups.Kinds() {
		printing = append(printing, &cups.Error{Kind: k})
	}
	var show []advised
	for _, k := range handover.Kinds() {
		show = append(show, &handover.Error{Kind: k})
	}
	page = between(t, page, "doctor", own)
	page = between(t, page, "cards", cards)
	page = between(t, page, "keyring", keyring)
	page = between(t, page, "sealed", files)
	page = between(t, page, "record", records)
	page = between(t, page, "hub", hub)
	page = between(t, page, "print", printing)
	page = between(t, page, "show", show)
	if os.Getenv(testterm.UpdatePictures) != "" {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != string(kept) {
		t.Errorf("%s does not say what the program says; run `make docs` and look at the change", path)
	}
}

// advised is an error with words for the user.
type advised interface {
	Sentence() string
	Advice() string
	Code() string
}

// between replaces what stands between the marks of the name by the table of errors.
func between(t *testing.T, page, name string, errs []advised) string {
	t.Helper()
	start, end := fmt.Sprintf("<!-- %s: from the error table -->\n", name), fmt.Sprintf("<!-- /%s -->", name)
	head, rest, found := strings.Cut(page, start)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("the runbook has lost its marks for %s", name)
	}
	kept := supportDoes(rest)
	var b strings.Builder
	b.WriteString("| code | what the user sees | what the user is told to do | what support does |\n|---|---|---|---|\n")
	for _, e := range errs {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.Code(), e.Sentence(), e.Advice(), kept[e.Code()])
	}
	return head + start + b.String() + end + tail
}

// aCode begins a row of a code.
var aCode = regexp.MustCompile(`^\| ([A-Z][0-9]{2}) \|`)

// supportDoes returns what stands in the last column, by code. That column is written by hand.
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

// Support reads the runbook, and nobody stands behind support: each code says what there is to look at, or to whom it
// is handed.
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
		if lower := strings.ToLower(said); len(said) < 20 || strings.Contains(lower, "tell support") || strings.Contains(lower, "ask support") {
			t.Errorf("%s: support does %q", code[1], said)
		}
	}
	for _, code := range []string{"T01", "T02", "T99", worklist.FaultCode, (&worklist.ParseError{}).Code(), (&worklist.OtherPatientError{}).Code()} {
		if does[code] == "" {
			t.Errorf("the runbook has no row for %s", code)
		}
	}
	if codes < 100 {
		t.Errorf("only %d rows of codes", codes)
	}
}
