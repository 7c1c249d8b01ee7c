package audit_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// growing is a log that the test can extend and change.
type growing struct {
	mu   sync.Mutex
	log  memory
	down error
}

func (g *growing) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.AuditTrail(ctx, from, visit)
}

func (g *growing) AuditSeals(context.Context) ([]store.AuditSeal, error) { return nil, nil }

func (g *growing) AuditHead(context.Context) (store.AuditRecord, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.down != nil:
		return store.AuditRecord{}, g.down
	case len(g.log) == 0:
		return store.AuditRecord{}, store.ErrNotFound
	}
	return g.log[len(g.log)-1], nil
}

// pending is a store of checkpoints that may fail.
type pending struct {
	all  []audit.Checkpoint
	full error
	half bool // an earlier checkpoint is incomplete
}

func (k *pending) Origin() string { return logName }

func (k *pending) Last() (audit.Checkpoint, bool, error) {
	if len(k.all) == 0 {
		return audit.Checkpoint{}, false, nil
	}
	return k.all[len(k.all)-1], true, nil
}

func (k *pending) Append(c audit.Checkpoint) (audit.SignedCheckpoint, error) {
	if k.full != nil {
		return audit.SignedCheckpoint{}, k.full
	}
	k.all = append(k.all, c)
	return audit.SignedCheckpoint{Checkpoint: c, Note: "note\n", AfterIncomplete: k.half}, nil
}

// watch is a Checkpointer whose timer fires when the test does. It signs every 3 records or after 5 minutes.
type watch struct {
	*growing
	*pending
	t      *testing.T
	now    time.Time
	looks  chan chan time.Time // the timer on which the Checkpointer waits
	alarms *strings.Builder
	stop   func()
	ended  chan struct{}
}

func newWatch(t *testing.T, had ...audit.Checkpoint) *watch {
	t.Helper()
	w := &watch{
		growing: &growing{}, pending: &pending{all: had}, t: t, now: noon, looks: make(chan chan time.Time),
		alarms: &strings.Builder{}, ended: make(chan struct{}),
	}
	return w
}

func (w *watch) start() {
	ctx, stop := context.WithCancel(w.t.Context())
	w.stop = stop
	c := audit.Checkpointer{
		Log: w.growing, To: w.pending, Alarm: slog.New(slog.NewTextHandler(w.alarms, nil)),
		Schedule: audit.Schedule{
			Every: 3, Within: 5 * time.Minute, Clock: func() time.Time { return w.now },
			After: func(time.Duration) <-chan time.Time {
				next := make(chan time.Time)
				select {
				case w.looks <- next:
				case <-ctx.Done():
				}
				return next
			},
		},
	}

	go func() {
		defer close(w.ended)
		c.Run(ctx)
	}()

	w.t.Cleanup(func() {
		stop()
		<-w.ended
	})
}

// grow sets the length of the log, and makes the Checkpointer look and wait again.
func (w *watch) grow(next chan time.Time, n int) chan time.Time {
	w.setLength(n)
	next <- w.now
	return <-w.looks
}

func (w *watch) setLength(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = chain(n)
}

func (w *watch) counts() []int64 {
	var all []int64
	for _, c := range w.all {
		all = append(all, c.Records)
	}
	return all
}

func (w *watch) want(what string, counts ...int64) {
	w.t.Helper()
	got := w.counts()
	if len(got) != len(counts) {
		w.t.Errorf("%s: got checkpoints at %v, want %v", what, got, counts)
		return
	}
	for i := range counts {
		if got[i] != counts[i] {
			w.t.Errorf("%s: got checkpoints at %v, want %v", what, got, counts)
			return
		}
	}
}

func TestACheckpointEverySoManyRecordsOrAfterSomeTime(t *testing.T) {
	w := newWatch(t)
	w.start()
	next := <-w.looks
	w.want("of nothing")
	next = w.grow(next, 1)
	w.want("the first record waits for nothing", 1)
	next = w.grow(next, 3)
	w.want("two more are too few", 1)
	next = w.grow(next, 4)
	w.want("three more", 1, 4)
	w.now = w.now.Add(5*time.Minute - time.Second)
	next = w.grow(next, 5)
	w.want("just before the time", 1, 4)
	w.now = w.now.Add(time.Second)
	next = w.grow(next, 5)
	w.want("at the time", 1, 4, 5)
	w.now = w.now.Add(time.Hour)
	next = w.grow(next, 5)
	w.want("nothing new", 1, 4, 5)
	w.now = w.now.Add(-48 * time.Hour)
	w.grow(next, 6)
	w.want("the clock was ahead and is set right", 1, 4, 5, 6)
	w.setLength(7)
	w.stop()
	<-w.ended
	w.want("at the stop", 1, 4, 5, 6, 7)
	if got := w.all[2]; got.Origin != logName || !got.At.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("third checkpoint: got %+v, want the log's name and 5 minutes", got)
	}

	if _, err := (audit.Check{Checkpoints: w.all}).Verify(t.Context(), w.growing); err != nil {
		t.Error(err)
	}

	if log := w.alarms.String(); strings.Contains(log, "ALARM") ||
		strings.Count(log, `msg="An audit checkpoint was signed."`) != 5 {
		t.Errorf("got the log %s, want no alarm and 5 checkpoints", log)
	}
}

func TestCheckpointer_LogHasEachCheckpoint(t *testing.T) {
	w := newWatch(t)
	w.half = true
	w.start()
	w.grow(<-w.looks, 3)
	hash := base64.StdEncoding.EncodeToString(w.log[2].Hash)
	for _, want := range []string{
		`level=WARN msg="An earlier audit checkpoint was not written completely.`,
		`level=INFO msg="An audit checkpoint was signed." log=` + logName + ` records=3 hash=` + strconv.Quote(hash) +
			` signed=2026-07-15T12:00:00Z checkpoint="note\n"`,
	} {
		if !strings.Contains(w.alarms.String(), want) {
			t.Errorf("got the log %s, want %s", w.alarms, want)
		}
	}
}

func TestAHubThatStartsAgainGoesOnWhereItWas(t *testing.T) {
	w := newWatch(t, of(chain(4), 4))
	w.setLength(6)
	w.now = noon.Add(5 * time.Second)
	w.start()
	next := <-w.looks
	w.want("two more are too few", 4)
	w.grow(next, 7)
	w.want("three more", 4, 7)
}

func TestACheckpointThatCannotBeWrittenIsAnAlarmEachTimeAndMadeUpFor(t *testing.T) {
	w := newWatch(t)
	w.full = errors.New("no space left")
	w.start()
	next := w.grow(<-w.looks, 3)
	next = w.grow(next, 4)
	if n := strings.Count(w.alarms.String(), "level=ERROR"); n != 2 ||
		!strings.Contains(w.alarms.String(), "no space left") {
		t.Errorf("got %d alarms, want 2 with \"no space left\": %s", n, w.alarms)
	}

	w.full = nil
	w.down = errors.New("the store is away")
	next = w.grow(next, 4)
	if n := strings.Count(w.alarms.String(), "level=ERROR"); n != 3 {
		t.Errorf("got %d alarms, want 3: %s", n, w.alarms)
	}

	w.down = nil
	w.grow(next, 4)
	w.want("afterwards", 4)
	if !strings.Contains(w.alarms.String(), "written again") {
		t.Errorf("got the log %s, want \"written again\" in it", w.alarms)
	}
}

func TestNothingIsSignedThatDoesNotContinueTheLastCheckpoint(t *testing.T) {
	for name, change := range map[string]func(memory) memory{
		"one changed":     func(m memory) memory { m[4].Person = "2"; return m },
		"the end cut off": func(m memory) memory { return m[:3] },
		"the last signed anew": func(m memory) memory {
			m[3].Person = "2"
			m[3] = audit.Seal(m[3], 4, m[3].Prev)
			return m[:4]
		},
		"all written anew": func(m memory) memory { return restamp(m) },
		"all removed":      func(memory) memory { return nil },
		"one removed":      func(m memory) memory { return append(m[:5], m[6:]...) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, of(chain(4), 4))
			w.log = change(chain(9))
			w.start()
			next := <-w.looks
			next <- w.now
			<-w.looks
			w.want("signed", 4)
			if n := strings.Count(w.alarms.String(), "tampered"); n != 2 {
				t.Errorf("got %d alarms of a changed audit, want 2: %s", n, w.alarms)
			}
		})
	}
}

// restamp returns the log with new hashes, as an attacker with the file and this program could write it.
func restamp(m memory) memory {
	prev := audit.Genesis()
	for i := range m {
		m[i].Person = "another"
		m[i] = audit.Seal(m[i], m[i].Seq, prev)
		prev = m[i].Hash
	}
	return m
}
