package tui

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/receiptfile"
	"wardlight/internal/session"
	"wardlight/tui/ask"
	"wardlight/tui/patient"
)

// receiptFolder is the folder of the saved receipts in the tests.
const receiptFolder = "/home/ada/wardlight-receipts/"

// fakeReceipts records which receipts are saved.
type fakeReceipts struct {
	saved []string // request ids
	err   error
}

func (f *fakeReceipts) save(r client.Receipt) (string, error) {
	if f.err != nil {
		return "", f.err
	}
	f.saved = append(f.saved, r.RequestID)
	return receiptFolder + r.RequestID + ".json", nil
}

// expectSaved fails the test unless the receipts of these requests were saved.
func (b *modelTest) expectSaved(want ...string) *modelTest {
	b.t.Helper()
	if !slices.Equal(b.receipts.saved, want) {
		b.t.Errorf("saved receipts: got %q, want %q", b.receipts.saved, want)
	}
	return b
}

func receiptStates() []state {
	failed := func(b *modelTest, err error) {
		b.sessions.receiptErr = err
		b.noneRecorded().Press("c").wait(time.Second).Press("e").deliver()
	}
	return []state{
		{"receipt-saving", func(b *modelTest) { b.noneRecorded().Press("c").wait(time.Second).Press("e") }},
		{"receipt-saved", func(b *modelTest) { b.noneRecorded().Press("c").wait(time.Second).Press("e").deliver() }},
		{"receipt-none-made", func(b *modelTest) {
			failed(b, &client.Error{Kind: client.Unexpected, Status: http.StatusNotFound})
		}},
		{"receipt-timed-out", func(b *modelTest) { failed(b, &client.Error{Kind: client.TimedOut}) }},
		{"receipt-exists", func(b *modelTest) {
			b.receipts.err = &receiptfile.Error{
				Kind: receiptfile.Exists, RequestID: request, File: receiptFolder + request + ".json",
			}
			failed(b, nil)
		}},
	}
}

// The receipt that is saved is the one on the screen: of the check, and after an opening that of the opening.
func TestReceipt_Save(t *testing.T) {
	b := newFixture(t).noneRecorded().Press("c").wait(time.Second).expect("e save with its proof").Press("e").
		expect("Asking the hub for the receipt.").Press("e").deliver()
	b.expect("The receipt is saved, with the proof, in this file:", receiptFolder+request+".json", "names the patient").
		expectNot("e save").Press("e").deliver().expectSaved(request).expectCalls("receipt "+request, 1)

	b = newFixture(t).toOpened().Press("c").wait(time.Second).Press("e").deliver()
	b.expect(receiptFolder+"r-1.json").expectSaved("r-1").expectCalls("open "+tess.Digits(), 1)
	b.Press("esc").expect("RING NOW")
}

// Without an answer of the hub there is nothing to save, and without a folder no key.
func TestReceipt_SaveIsNotOffered(t *testing.T) {
	newFixture(t).couldNotCheck().Press("c").wait(time.Second).expectNot("e save").Press("e").deliver().
		expectNoCall("receipt").expectSaved()
	newFixture(t).signIn().Typed(tess.Digits()).Press("enter", "c").wait(time.Second).expectNot("e save").Press("e").
		expectNoCall("receipt")
	b := newFixture(t)
	b.m.Saves, b.m.Cfg.SaveReceipt = false, nil
	b.noneRecorded().Press("c").wait(time.Second).expectNot("e save").Press("e").expectNoCall("receipt")
}

// A failure is not one of the check: the receipt's line stays, and saving can be tried again.
func TestReceipt_SaveFails(t *testing.T) {
	for want, err := range map[string]error{
		"This hub makes no receipts.":           &client.Error{Kind: client.Unexpected, Status: http.StatusNotFound},
		"The hub has no receipt for this":       &client.Error{Kind: client.NotFound, Status: http.StatusNotFound},
		"The hub did not answer in time.":       &client.Error{Kind: client.TimedOut},
		"This role may not do that.":            &client.Error{Kind: client.NotAllowed},
		"The session has ended. Sign in again.": session.ErrNoSession,
	} {
		b := newFixture(t)
		b.sessions.receiptErr = err
		b.noneRecorded().Press("c").wait(time.Second).Press("e").deliver()
		b.expect("The receipt was not saved. That changes nothing about the check.", want, "Code for support: ",
			"CP-IS: none recorded", request).expectNot("No patient has", "could not check").expectSaved()
		b.sessions.receiptErr = nil
		b.wait(time.Second).Press("e").deliver().expect(request + ".json").expectNot("not saved").expectSaved(request)
	}
}

// Nothing of a saved receipt is left on the screen, and no receipt is saved, after a session has ended.
func TestReceipt_NothingStaysAfterASession(t *testing.T) {
	for name, end := range map[string]func(*modelTest){
		"lock":         func(b *modelTest) { b.Press("ctrl+l").expect("Locked.") },
		"idle":         func(b *modelTest) { b.wait(16 * time.Minute).tick().expect("Locked") },
		"card out":     func(b *modelTest) { b.cardOut().expect("Card removed.") },
		"service lost": func(b *modelTest) { b.event(cardreader.Event{Kind: cardreader.ServiceLost}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t).noneRecorded().Press("c").wait(time.Second).Press("e").deliver().expect(".json")
			end(b)
			b.expectNot(request, "json", "receipt")

			b = newFixture(t).noneRecorded().Press("c").wait(time.Second).Press("e")
			late := takeQueued[ask.Answer[patient.SavedReceipt]](b)
			end(b)
			b.send(late).expectNot(request, "json", "receipt")
		})
	}
}

// A receipt that arrives after the screen was left, or the session has ended, is not saved.
func TestReceipt_LateIsNotSaved(t *testing.T) {
	for name, leave := range map[string]func(*modelTest){
		"left":   func(b *modelTest) { b.Press("esc") },
		"locked": func(b *modelTest) { b.Press("ctrl+l") },
	} {
		b := newFixture(t).noneRecorded().Press("c").wait(time.Second)
		b.sessions.onReceipt = func() { leave(b) }
		b.Press("e").deliver().expectNot("json")
		if len(b.receipts.saved) != 0 {
			t.Errorf("%s: got the receipts %q saved, want none", name, b.receipts.saved)
		}
	}
}
