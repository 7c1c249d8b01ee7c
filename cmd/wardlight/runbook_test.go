package main

import (
	"fmt"
	"os"
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
	var b strings.Builder
	b.WriteString("| code | what the user sees | what the user is told to do |\n|---|---|---|\n")
	for _, e := range errs {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", e.Code(), e.Sentence(), e.Advice())
	}
	return head + start + b.String() + end + tail
}
