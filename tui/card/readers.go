package card

import (
	"bytes"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

// Readers is what the card watcher has told so far.
type Readers struct {
	Known      bool // the watcher has said something
	List       []cardreader.Reader
	Present    []CardIn // cards that answer, the first inserted first
	Unreadable map[string]error
	Service    error     // the smartcard service is lost
	LastErr    error     // the last thing that went wrong, for diagnostics
	LastErrAt  time.Time // when
}

// CardIn is a card that is in a reader.
type CardIn struct {
	Reader string
	Atr    []byte
}

// See takes in one event.
func (r *Readers) See(e cardreader.Event, now time.Time) {
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
		r.Present = append(r.Present, CardIn{e.Reader, bytes.Clone(e.ATR)})
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

// Failed keeps what went wrong for diagnostics.
func (r *Readers) Failed(err error, now time.Time) { r.LastErr, r.LastErrAt = err, now }

// Forget drops what is known of the card in a reader.
func (r *Readers) Forget(reader string) {
	r.Present = slices.DeleteFunc(r.Present, func(c CardIn) bool { return c.Reader == reader })
	delete(r.Unreadable, reader)
}

// All returns the readers to choose a card from, by session.Choose: those whose card answers in the order in which the cards
// were inserted, then the others.
func (r *Readers) All() []cardreader.Reader {
	var all []cardreader.Reader
	for _, c := range r.Present {
		all = append(all, cardreader.Reader{Name: c.Reader, Present: true, ATR: bytes.Clone(c.Atr)})
	}
	for _, l := range r.List {
		if now := r.AsItIs(l); !now.Present || now.Mute || now.Taken {
			all = append(all, now)
		}
	}
	return all
}

// problem returns why no card can be read now; nil while nothing is known yet.
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

// unread returns why no card can be read, by the rule of session.Choose; of one that another program holds, with the name of
// that.
func (r *Readers) unread() error {
	var all []session.Seen
	for _, reader := range r.All() {
		all = append(all, session.Unread(reader))
	}
	chosen, err := session.Choose(all)
	if held := r.Unreadable[chosen.Reader.Name]; cardreader.KindOf(err) == cardreader.InUse && held != nil {
		return held
	}
	return err
}

// AsItIs returns a reader with what the watcher has told of its card since it was listed.
func (r *Readers) AsItIs(was cardreader.Reader) cardreader.Reader {
	now := cardreader.Reader{Name: was.Name}
	for _, c := range r.Present {
		if c.Reader == was.Name {
			now.Present, now.ATR = true, bytes.Clone(c.Atr)
		}
	}
	if err := r.Unreadable[was.Name]; err != nil {
		now.Present = true
		now.Mute = cardreader.KindOf(err) == cardreader.Mute
		now.Taken = !now.Mute
	}
	return now
}
