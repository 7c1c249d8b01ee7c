package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/internal/text"
)

// readersDocument is the JSON document wardlight.readers/1.
type readersDocument struct {
	Schema  string       `json:"schema"`
	Readers []readerPart `json:"readers"`
	Error   *errorPart   `json:"error"` // why no reader can be used; null when one can
}

// readerPart is a reader and its state.
type readerPart struct {
	Name   string `json:"name"`
	State  string `json:"state"` // empty, card, mute, taken
	Shared bool   `json:"shared"`
	ATR    string `json:"atr"` // hex
}

// States of a reader, as in documents and in text.
const (
	readerEmpty = "empty"
	readerCard  = "card"
	readerMute  = "mute"
	readerTaken = "taken"
)

var readerWords = map[string]string{
	readerEmpty: "no card", readerCard: "a card", readerMute: "a card that does not answer",
	readerTaken: "a card that another program holds for itself",
}

func stateOf(r cardreader.Reader) string {
	switch {
	case !r.Present:
		return readerEmpty
	case r.Mute:
		return readerMute
	case r.Exclusive:
		return readerTaken
	}
	return readerCard
}

func partOfReader(r cardreader.Reader) readerPart {
	return readerPart{
		Name: text.Clean(r.Name, 0), State: stateOf(r), Shared: r.Present &&
			r.Shared, ATR: strings.ToUpper(hex.EncodeToString(r.ATR)),
	}
}

func partsOfReaders(all []cardreader.Reader) []readerPart {
	out := []readerPart{}
	for _, r := range all {
		out = append(out, partOfReader(r))
	}
	return out
}

func newCardReaders(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "readers",
		Short: "List the readers and what is in each",
		Long: `List the readers and what is in each: no card, a card, a card that does not answer, or one that another program
holds. No card is touched. The exit code is 3 when there is no reader, or no smartcard service to ask.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.readers(cmd.Context()) },
	}
}

func (a *app) readers(ctx context.Context) error {
	c, err := a.load()
	if err != nil {
		return err
	}

	sys := session.FilterReaders(a.system(), c.Reader)
	defer func() { _ = sys.Close() }()
	all, err := sys.Wait(ctx, nil, session.ReadersTimeout)
	if err == nil && len(all) == 0 {
		err = session.NoReader(c.Reader)
	}

	if a.json {
		d := readersDocument{Schema: "wardlight.readers/1", Readers: partsOfReaders(all)}
		if err != nil {
			part := errorOf(err)
			d.Error = &part
		}
		if printed := a.print(d); printed != nil || err == nil {
			return printed
		}
		return shownError{err}
	}

	w := &lines{out: a.out}
	for _, r := range all {
		p := partOfReader(r)
		w.text("%s   %s%s", p.Name, readerWords[p.State], details(r))
	}

	if w.err != nil {
		return w.err
	}

	return err
}

func details(r cardreader.Reader) string {
	said := ""
	if len(r.ATR) > 0 {
		said = fmt.Sprintf(", ATR % X", r.ATR)
	}
	if r.Present && r.Shared {
		said += ", also used by another program"
	}
	return said
}

// eventDocument is the JSON document wardlight.card-event/1: one line of 'card watch --json'.
type eventDocument struct {
	Schema string  `json:"schema"`
	At     *string `json:"at"`
	// readers_changed, card_inserted, card_removed, card_unreadable, card_waiting, service_lost
	Event   string       `json:"event"`
	Reader  string       `json:"reader"`
	ATR     string       `json:"atr"`     // hex, of card_inserted
	Readers []readerPart `json:"readers"` // of readers_changed; else null
	Error   *errorPart   `json:"error"`   // of card_unreadable, card_waiting and service_lost; else null
}

var eventNames = map[cardreader.EventKind]string{
	cardreader.ReadersChanged: "readers_changed", cardreader.CardInserted: "card_inserted",
	cardreader.CardRemoved:    "card_removed",
	cardreader.CardUnreadable: "card_unreadable", cardreader.CardWaiting: "card_waiting",
	cardreader.ServiceLost: "service_lost",
}

func newCardWatch(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "watch",
		Short: "Show what happens to readers and cards, as it happens",
		Long: `Show what happens to readers and cards, as it happens: one line an event, with --json one document a line. It
begins with what is there, and goes on until it is interrupted (ctrl-c), which is its ordinary end: exit code 0.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.watch(cmd.Context()) },
	}
}

func (a *app) watch(ctx context.Context) error {
	c, err := a.load()
	if err != nil {
		return err
	}

	sys := session.FilterReaders(a.system(), c.Reader)
	defer func() { _ = sys.Close() }()
	watching, stop := context.WithCancel(ctx)
	events := cardreader.Watch(watching, sys)
	defer func() {
		stop()
		for range events { // until the watcher has released the system
		}
	}()

	show := a.showEvent
	if a.json {
		show = a.printEvent
	}

	for e := range events {
		if err := show(e); err != nil {
			return err // the output cannot be written
		}
	}

	return nil
}

func (a *app) showEvent(e cardreader.Event) error {
	said := text.Clean(e.Reader, 0)
	switch e.Kind {
	case cardreader.CardInserted:
		said += fmt.Sprintf(": card in, ATR % X", e.ATR)
	case cardreader.CardRemoved:
		said += ": card out"
	case cardreader.CardUnreadable, cardreader.CardWaiting:
		p := errorOf(e.Err)
		said += fmt.Sprintf(": %s (%s)", p.Sentence, p.Code)
	case cardreader.ReadersChanged:
		names := make([]string, len(e.Readers))
		for i, r := range e.Readers {
			names[i] = text.Clean(r.Name, 0)
		}
		if said = "readers: " + strings.Join(names, "; "); len(names) == 0 {
			said = "readers: none"
		}
	case cardreader.ServiceLost:
		p := errorOf(e.Err)
		said = fmt.Sprintf("%s (%s)", p.Sentence, p.Code)
	}

	_, err := fmt.Fprintf(a.out, "%s  %s\n", a.now().Format("15:04:05"), said)
	return err
}

func (a *app) printEvent(e cardreader.Event) error {
	d := eventDocument{
		Schema: "wardlight.card-event/1", At: instant(a.now()), Event: eventNames[e.Kind],
		Reader: text.Clean(e.Reader, 0),
		ATR:    strings.ToUpper(hex.EncodeToString(e.ATR)),
	}
	if e.Kind == cardreader.ReadersChanged {
		d.Readers = partsOfReaders(e.Readers)
	}
	if e.Err != nil {
		part := errorOf(e.Err)
		d.Error = &part
	}
	line := json.NewEncoder(a.out)
	line.SetEscapeHTML(false)
	return line.Encode(d)
}
