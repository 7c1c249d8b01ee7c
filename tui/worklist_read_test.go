package tui

import (
	"testing"

	"wardlight/client"
	"wardlight/internal/worklist"
)

func TestWorklist_SaysWhatWasLeftOutOfItsFile(t *testing.T) {
	for _, c := range []struct {
		list worklist.List
		says string
	}{
		{worklist.List{Skipped: 1}, "1 line above the headings was left out."},
		{worklist.List{Skipped: 3}, "3 lines above the headings were left out."},
		{worklist.List{NoHeadings: true}, "No headings were found: the NHS numbers alone were read."},
	} {
		b := newFixture(t)
		b.savedLists.list = c.list
		b.toList().deliver().expect(c.says)

		h := hear(t)
		h.savedLists.list = c.list
		h.card().types(code, "/worklist", "x").expectSaid(c.says)
	}
	newFixture(t).toList().deliver().expectNot("above the headings", "No headings")
}

// Both panes and linear mode show that an answer's record was not compared with the list.
func TestWorklist_SaysThatARecordWasNotCompared(t *testing.T) {
	const unread = "The record could not be read"
	result := worklist.Result{
		Lamp:      client.Lamp{Number: tess, State: client.Alert, AsOf: start()},
		RecordErr: &client.Error{Kind: client.TimedOut},
	}
	b := newFixture(t)
	b.sessions.results = map[string]worklist.Result{tess.Digits(): result}
	b.toList().deliver().expect("ALERT", unread)

	h := hear(t)
	h.sessions.results = b.sessions.results
	h.card().types(code, "/worklist", "x").expectSaid("ALERT", unread)
}
