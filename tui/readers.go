package tui

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

// readers is what the card watcher has told so far.
type readers struct {
	told       bool // the watcher has said something
	list       []cardreader.Reader
	present    []cardIn // cards that answer, the first inserted first
	unreadable map[string]error
	service    error     // the smartcard service is lost
	lastErr    error     // the last thing that went wrong, for diagnostics
	lastErrAt  time.Time // when
}

// cardIn is a card that is in a reader.
type cardIn struct {
	reader string
	atr    []byte
}

// see takes in one event.
func (r *readers) see(e cardreader.Event, now time.Time) {
	r.told = true
	if e.Err != nil {
		r.failed(e.Err, now)
	}
	switch e.Kind {
	case cardreader.ReadersChanged:
		r.list, r.service = e.Readers, nil
	case cardreader.ServiceLost:
		*r = readers{told: true, service: e.Err, lastErr: r.lastErr, lastErrAt: r.lastErrAt}
	case cardreader.CardInserted:
		r.forget(e.Reader)
		r.present = append(r.present, cardIn{e.Reader, bytes.Clone(e.ATR)})
	case cardreader.CardRemoved:
		r.forget(e.Reader)
	case cardreader.CardUnreadable:
		r.forget(e.Reader)
		if r.unreadable == nil {
			r.unreadable = make(map[string]error)
		}
		r.unreadable[e.Reader] = e.Err
	}
}

// failed keeps what went wrong for diagnostics.
func (r *readers) failed(err error, now time.Time) { r.lastErr, r.lastErrAt = err, now }

// forget drops what is known of the card in a reader.
func (r *readers) forget(reader string) {
	r.present = slices.DeleteFunc(r.present, func(c cardIn) bool { return c.reader == reader })
	delete(r.unreadable, reader)
}

// next returns the reader whose card is next by session.PickReader: the one that has been in longest; "" when there is none.
func (r *readers) next() string {
	var all []cardreader.Reader
	var inserted []string
	for _, c := range r.present {
		all = append(all, cardreader.Reader{Name: c.reader, Present: true, ATR: c.atr})
		inserted = append(inserted, c.reader)
	}
	reader, err := session.PickReader(all, inserted)
	if err != nil {
		return ""
	}
	return reader.Name
}

// problem is why no card can be read now, in the order in which a user would mend it; nil while nothing is known yet.
func (r *readers) problem() error {
	switch {
	case !r.told:
		return nil
	case r.service != nil:
		return r.service
	case len(r.unreadable) > 0:
		first := slices.Sorted(maps.Keys(r.unreadable))[0]
		return r.unreadable[first]
	case len(r.list) == 0:
		return &cardreader.Error{Kind: cardreader.NoReader}
	default:
		return &cardreader.Error{Kind: cardreader.NoCard}
	}
}
