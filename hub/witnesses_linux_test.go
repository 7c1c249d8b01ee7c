package hub_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub"
	"wardlight/hub/witness"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/lab/witnesstest"
	"wardlight/internal/translog"
)

// TestWitnesses runs hubs with litewitness.
func TestWitnesses(t *testing.T) {
	tests := map[string]func(*testing.T, database){
		"two sign and one does not answer": witnessesSign,
		"one has signed another audit":     witnessOfAnotherAudit,
		"one is asked again":               witnessAskedAgain,
		"the hubs of a database share one": witnessOfSeveralHubs,
	}
	t.Run("SQLite", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, sqliteDatabase(t)) })
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t, labpg.Options{})
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, postgresDatabase(t, server)) })
		}
	})
}

// witnesses reads a file with these witnesses and another that doesn't answer.
func witnesses(t *testing.T, all ...*witnesstest.Witness) []*witness.Witness {
	t.Helper()
	down := httptest.NewServer(nil)
	down.Close()
	file := "witness down witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs " + down.URL + "\n"
	for i, w := range all {
		file += fmt.Sprintf("witness w%d %s %s/\n", i, w.Key, w.URL)
	}
	read, err := witness.Read(strings.NewReader(file), http.Client{})
	must(t, err)
	return read
}

// withWitnesses returns a change of a hub that asks witnesses.
func withWitnesses(all []*witness.Witness) func(*hub.Config) {
	return func(c *hub.Config) {
		for _, w := range all {
			c.Witnesses = append(c.Witnesses, w)
		}
	}
}

// signed returns a function that reports whether the last checkpoint has that size and the signatures of all witnesses.
func (l *treeLog) signed(size int64, by ...note.Verifier) func() bool {
	return func() bool {
		last, ok, err := l.Last()
		must(l.t, err)
		if !ok {
			return false
		}
		_, signers, err := translog.OpenCheckpoint(last.Text, l.Verifier(), by...)
		must(l.t, err)
		return last.N == size && len(signers) == len(by)
	}
}

func witnessesSign(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	one := witnesstest.Start(t, "one.example", l.LogVerifier())
	two := witnesstest.Start(t, "two.example", l.LogVerifier())
	both, asked := []note.Verifier{one.Key, two.Key}, witnesses(t, one, two)

	b := logging(t, s, l, withWitnesses(asked))
	stop := b.run()
	x, id := b.signIn(), uuid.NewString()
	x.get(nurse, flag, about(tess), header("X-Request-ID", id))
	waitUntil(t, "both have signed the check", l.signed(2, both...))
	waitUntil(t, "the log names the witness that does not answer", b.logs(`"witness":"down"`))
	stop()
	r, status := x.receiptOf(nurse, id)
	if _, by, err := r.Verify(l.Verifier(), both...); status != http.StatusOK || err != nil || len(by) != 2 {
		t.Errorf("receipt: got status %d, signatures of %v, error %v; want those of both witnesses", status, by, err)
	}
	if b.logs("ALARM")() {
		t.Errorf("got an alarm, want none: %s", b.log)
	}

	b = logging(t, s, l, withWitnesses(asked)) // it doesn't know what the witnesses have signed
	stop = b.run()
	waitUntil(t, "both have signed the receipt's request", l.signed(3, both...))
	stop()
	if b.logs("ALARM")() {
		t.Errorf("got an alarm of the next hub, want none: %s", b.log)
	}
}

// witnessOfAnotherAudit asks a witness that has signed checkpoints of another tree with the same key: a longer one, one
// of the same size, and a shorter one.
func witnessOfAnotherAudit(t *testing.T, d database) {
	s := d.open()
	fillStore(t, s)
	for _, size := range []int64{9, 2, 1} {
		l := newTreeLog(t, "hub.example")
		running := witnesstest.Start(t, "one.example", l.LogVerifier())
		asked := witnesses(t, running)
		other, err := translog.Checkpoint{Origin: l.Signer().Name(), Tree: tlog.Tree{N: size}}.Sign(l.Signer())
		must(t, err)
		_, err = asked[1].Add(t.Context(), translog.Addition{Checkpoint: other})
		must(t, err)

		b := logging(t, s, l, withWitnesses(asked))
		if size == 9 {
			b.signIn().get(nurse, flag, about(tess))
		}
		stop := b.run()
		waitUntil(t, "the log has an alarm", b.logs("ALARM: a witness has signed checkpoints of another audit"))
		stop()
		last, _, err := l.Last()
		must(t, err)
		if _, by, err := translog.OpenCheckpoint(last.Text, l.Verifier(), running.Key); err != nil || len(by) > 0 ||
			last.N != 2 {
			t.Errorf("after size %d: got size %d with signatures of %v, error %v; want size 2 with none", size, last.N,
				by, err)
		}
	}
}

// witnessed is an observer that calls a function after each request to a witness.
type witnessed struct {
	*countsMany
	call func(name string, err error)
}

func (w witnessed) Witnessed(name string, err error) { w.call(name, err) }

// observing returns a change of a hub that calls a function after each request to a witness.
func observing(call func(name string, err error)) func(*hub.Config) {
	return func(c *hub.Config) { c.Observer = witnessed{new(countsMany), call} }
}

// witnessAskedAgain asks a witness that is down at first. The folder cannot be written when it has signed.
func witnessAskedAgain(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	running := witnesstest.Start(t, "one.example", l.LogVerifier())
	target, err := url.Parse(running.URL)
	must(t, err)
	var up atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	running.URL = server.URL

	var full sync.Once
	b := logging(t, s, l, withWitnesses(witnesses(t, running)[1:]), observing(func(_ string, err error) {
		if err == nil {
			full.Do(func() { l.fail(errors.New("no space left")) })
		}
	}))
	b.signIn()
	b.run()
	waitUntil(t, "the log says that the witness is down", b.logs("the answer has the status 502"))
	if !l.signed(1)() {
		t.Errorf("got %+v, want a checkpoint without the witness", l.checkpoints())
	}

	up.Store(true)
	b.clock.Add(30 * time.Second)
	waitUntil(t, "the log says that the witness signs again", b.logs("The witness signs checkpoints"))
	waitUntil(t, "the log has an alarm", b.logs("ALARM: a checkpoint of the audit's tree could not be written."))
	l.fail(nil)
	waitUntil(t, "the signature is stored", l.signed(1, running.Key))
}

// witnessOfSeveralHubs runs two hubs of a database. Between a checkpoint of one and its request to the witness, the
// witness signs a later checkpoint of the other.
func witnessOfSeveralHubs(t *testing.T, d database) {
	s, l := d.open(), newTreeLog(t, "hub.example")
	fillStore(t, s)
	running := witnesstest.Start(t, "one.example", l.LogVerifier())
	asked := witnesses(t, running)[1:]
	first := logging(t, s, l, withWitnesses(asked))
	first.run()
	first.signIn()
	waitUntil(t, "the witness has signed the sign-in", l.signed(1, running.Key))

	own := treeLogOf(t, l.private)
	var once sync.Once
	own.after = func() {
		once.Do(func() {
			first.signIn()
			waitUntil(t, "the witness has signed the next sign-in", l.signed(2, running.Key))
		})
	}
	var failed atomic.Int64
	second := logging(t, s, own, withWitnesses(asked), observing(func(_ string, err error) {
		if err != nil {
			failed.Add(1)
		}
	}))
	second.run()
	waitUntil(t, "the witness has signed the checkpoint of the second hub", own.signed(2, running.Key))
	if n := failed.Load(); n > 0 || second.logs("ALARM")() || second.logs("did not sign")() {
		t.Errorf("got %d requests that failed, want none, and neither alarm nor warning: %s", n, second.log)
	}
}
