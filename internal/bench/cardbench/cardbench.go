// Package cardbench measures the sign-in on a smartcard: how many exchanges it takes and how long, beside other
// programs that do the same job on the same card, over the same private pcscd, in one run.
package cardbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/virtual"
	"wardlight/internal/bench/machine"
	"wardlight/internal/lab/pcscd"
)

// Options say what is measured.
type Options struct {
	Runs  int           // of each program, in turns
	Delay time.Duration // of each exchange, in the runs with a delay
	Self  []string      // the command line that does our own job (see Job); the reader's name and the digest are added
	PivGo string        // the program of the folder pivgo; "" when there is none
	Clock func() time.Time
	Tell  func(string) // what is being done, for who waits; nil for nobody
}

// Report is what was measured.
type Report struct {
	When    time.Time `json:"when"`
	Machine string    `json:"machine"`
	Runs    int       `json:"runs"`
	DelayMS float64   `json:"delay_ms"`
	Phases  []Phases  `json:"phases"`
	Jobs    []Job     `json:"jobs"`
	Missing []string  `json:"missing"` // programs that are not installed here, and so were not measured
}

// Phases are the exchanges of our own sign-in, phase by phase.
type Phases struct {
	Card     string `json:"card"`     // "RSA 2048"
	Lengths  string `json:"lengths"`  // short or extended
	Enter    int    `json:"enter"`    // from Enter until the signature is in hand
	Whole    int    `json:"whole"`    // from insertion until the card has forgotten the passcode
	Reinsert int    `json:"reinsert"` // before the passcode, of a card seen in this run
}

// Job is one program's verifying, reading and signing on one card.
type Job struct {
	Program   string `json:"program"`
	Card      string `json:"card"`
	Exchanges int    `json:"exchanges"` // as the card counted them
	Fast      Times  `json:"fast"`
	Slow      Times  `json:"delayed"`  // with the delay
	Verified  bool   `json:"verified"` // every signature was checked against the card's certificate
	Error     string `json:"error"`    // why it could not do the job; "" when it could
	Note      string `json:"note"`     // what it does otherwise
}

// Times are those of all runs. What a program does not tell is all zero.
type Times struct {
	Wall   Spread `json:"wall_ms"`   // the whole process
	Inside Spread `json:"inside_ms"` // from asking for the service until the signature is in hand, inside the program
	Enter  Spread `json:"enter_ms"`  // of that, from the passcode on
}

// Spread is the least of what was measured, a quarter of the way up, and the middle, in milliseconds. The first says most
// of a program on a machine that does other things, too.
type Spread struct {
	Least    float64 `json:"least"`
	Quartile float64 `json:"quartile"`
	Median   float64 `json:"median"`
}

func spreadOf(values []float64) Spread {
	slices.Sort(values)
	return Spread{values[0], values[len(values)/4], values[len(values)/2]}
}

// passcode is that of the bench's cards.
const passcode = "246813"

// reader is the first of vpcd's two.
const readerName = "Virtual PCD 00 00"

// bench is a run.
type bench struct {
	Options
	dir     string
	daemon  *pcscd.Daemon
	system  cardreader.System
	count   atomic.Int64
	delayed atomic.Int64 // nanoseconds an exchange
}

// Card measures. A process measures once: libpcsclite reads where its service is a single time. The error says what is
// missing to measure at all.
func Card(ctx context.Context, o Options) (_ Report, err error) {
	if o.Runs < 1 || len(o.Self) == 0 || o.Clock == nil {
		return Report{}, errors.New("bench: Runs, Self and Clock are required")
	}
	if o.Tell == nil {
		o.Tell = func(string) {}
	}
	b := &bench{Options: o}
	if b.dir, err = os.MkdirTemp("", "wlbench"); err != nil {
		return Report{}, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	service := filepath.Join(b.dir, "pcscd")
	if err := os.Mkdir(service, 0o700); err != nil {
		return Report{}, err
	}
	if b.daemon, err = pcscd.Start(ctx, service); err != nil {
		return Report{}, err
	}
	defer b.daemon.Stop()
	if err := os.Setenv("PCSCLITE_CSOCK_NAME", b.daemon.Socket()); err != nil { // for us and for the programs
		return Report{}, err
	}
	b.system = pcsc.New()
	defer func() { _ = b.system.Close() }()

	r := Report{When: o.Clock(), Machine: machine.Name(), Runs: o.Runs, DelayMS: millis(o.Delay), Missing: []string{}}
	programs, missing := b.programs()
	r.Missing = append(r.Missing, missing...)
	for _, kind := range kinds {
		o.Tell("making the card: " + kind.name)
		if err := b.measure(ctx, &r, kind, programs); err != nil {
			return Report{}, fmt.Errorf("%s: %w", kind.name, err)
		}
	}
	return r, nil
}

// measure measures everything on a card of one kind.
func (b *bench) measure(ctx context.Context, r *Report, kind cardKind, programs []program) error {
	key, certificate, err := kind.make(b.Clock())
	if err != nil {
		return err
	}
	card, err := virtual.New(virtual.Config{
		Key: key, Certificate: certificate.Raw, Passcode: []byte(passcode), Quirks: virtual.YubicoVersion, Before: b.before,
	})
	if err != nil {
		return err
	}
	b.Tell("counting our exchanges: " + kind.name)
	phases, err := b.phases(ctx, kind, card)
	if err != nil {
		return err
	}
	r.Phases = append(r.Phases, phases...)

	plugged, err := b.insert(ctx, card)
	if err != nil {
		return err
	}
	defer plugged.Pull()
	s := &subject{kind: kind, certificate: certificate, data: []byte("the bench signs this on " + kind.name), dir: b.dir}
	digest := sha256.Sum256(s.data)
	s.digest = digest[:]
	if err := s.write(); err != nil {
		return err
	}
	jobs, err := b.jobs(ctx, programs, s)
	r.Jobs = append(r.Jobs, jobs...)
	return err
}

// before counts a command at the card, and has it take its time.
func (b *bench) before(byte) {
	b.count.Add(1)
	if d := time.Duration(b.delayed.Load()); d > 0 {
		<-time.After(d)
	}
}

// insert plugs the card in and waits until pcscd has seen it.
func (b *bench) insert(ctx context.Context, card *virtual.Card) (*pcscd.Plugged, error) {
	p, err := b.daemon.Plug(ctx, 0, card)
	if err != nil {
		return nil, err
	}
	if err := b.await(ctx, true); err != nil {
		p.Pull()
		return nil, err
	}
	return p, nil
}

// await waits until the service says that a card is in the reader, or is not.
func (b *bench) await(ctx context.Context, present bool) error {
	ctx, cancel := context.WithTimeout(ctx, seenFor)
	defer cancel()
	var known []cardreader.Reader
	for ctx.Err() == nil {
		now, err := b.system.Wait(ctx, known, time.Second)
		if err != nil {
			return err
		}
		known = now
		for _, r := range now {
			if r.Name == readerName && r.Present == present && !r.Mute {
				return nil
			}
		}
	}
	return fmt.Errorf("pcscd does not see the card: %w: %s", ctx.Err(), b.daemon.Log())
}

const seenFor = time.Minute

// subject is what is to be signed, and by whom.
type subject struct {
	kind        cardKind
	certificate certificate
	data        []byte
	digest      []byte
	dir         string
}

func (s *subject) path(name string) string { return filepath.Join(s.dir, name) }

func (s *subject) hex() string { return hex.EncodeToString(s.digest) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
