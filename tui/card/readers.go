package card

import (
	"bytes"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

// Readers is the state of the readers, as reported by the card watcher.
type Readers struct {
	Known      bool // an event was received
	List       []cardreader.Reader
	Present    []InsertedCard // cards that answer, in the order of insertion
	Unreadable map[string]error
	Service    error     // why the smartcard service is not available
	LastErr    error     // the last error, for the diagnostics
	LastErrAt  time.Time // its time
}

// InsertedCard is an inserted card.
type InsertedCard struct {
	Reader string
	Atr    []byte
}

// Update updates the state with an event.
func (r *Readers) Update(e cardreader.Event, now time.Time) {
	r.Known = true
	if e.Err != nil {
		r.Failed(e.Err, now)
	}

	switch e.Kind {
	case cardreader.ReadersChanged:
		r.List, r.Service = e.Readers, nil
	case cardreader.ServiceLost:
		*r = Readers{Known: true, Service: e.Err, LastErr: r.LastErr, LastErrAt: r.LastErrAt}
	case cardreader.CardInserted:
		r.Forget(e.Reader)
		r.Present = append(r.Present, InsertedCard{e.Reader, bytes.Clone(e.ATR)})
	case cardreader.CardRemoved:
		r.Forget(e.Reader)
	case cardreader.CardUnreadable:
		r.Forget(e.Reader)
		if r.Unreadable == nil {
			r.Unreadable = make(map[string]error)
		}
		r.Unreadable[e.Reader] = e.Err
	}
}

// Failed records the last error for the diagnostics.
func (r *Readers) Failed(err error, now time.Time) { r.LastErr, r.LastErrAt = err, now }

// Forget removes the card in a reader.
func (r *Readers) Forget(reader string) {
	r.Present = slices.DeleteFunc(r.Present, func(c InsertedCard) bool { return c.Reader == reader })
	delete(r.Unreadable, reader)
}

// All returns the readers for session.Choose: first those whose card answers, in the order of insertion, then the
// others.
func (r *Readers) All() []cardreader.Reader {
	var all []cardreader.Reader
	for _, c := range r.Present {
		all = append(all, cardreader.Reader{Name: c.Reader, Present: true, ATR: bytes.Clone(c.Atr)})
	}
	for _, l := range r.List {
		if now := r.Current(l); !now.Present || now.Mute || now.Exclusive {
			all = append(all, now)
		}
	}
	return all
}

// problem returns why no card can be read now, or nil before the first event.
func (r *Readers) problem() error {
	switch {
	case !r.Known:
		return nil
	case r.Service != nil:
		return r.Service
	default:
		return r.unread()
	}
}

// unread returns why no card can be read, by the rule of session.Choose. If another program is using the card, the
// error names it.
func (r *Readers) unread() error {
	var all []session.CardResult
	for _, reader := range r.All() {
		all = append(all, session.Unread(reader))
	}
	chosen, err := session.Choose(all)
	if stored := r.Unreadable[chosen.Reader.Name]; cardreader.KindOf(err) == cardreader.InUse && stored != nil {
		return stored
	}
	return err
}

// Current returns a reader with the current state of its card.
func (r *Readers) Current(was cardreader.Reader) cardreader.Reader {
	now := cardreader.Reader{Name: was.Name}
	for _, c := range r.Present {
		if c.Reader == was.Name {
			now.Present, now.ATR = true, bytes.Clone(c.Atr)
		}
	}
	if err := r.Unreadable[was.Name]; err != nil {
		now.Present = true
		now.Mute = cardreader.KindOf(err) == cardreader.Mute
		now.Exclusive = !now.Mute
	}
	return now
}
