// Package cardbench measures the sign-in with a smartcard: the number of exchanges and the time. In the same run it
// measures other programs that do the same on the same card, over the same private pcscd.
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

// Options configure a measurement.
type Options struct {
	Runs     int           // number of runs of each program; programs alternate
	Delay    time.Duration // delay of each exchange, in the runs with a delay
	Self     []string      // command line of our own program (see Job); reader name and digest are appended
	PivGo    string        // path of the program in folder pivgo; "" if there is none
	Clock    func() time.Time
	Progress func(string) // reports progress; may be nil
}

// Report is the result of a measurement.
type Report struct {
	When    time.Time `json:"when"`
	Machine string    `json:"machine"`
	Runs    int       `json:"runs"`
	DelayMS float64   `json:"delay_ms"`
	Phases  []Phases  `json:"phases"`
	Jobs    []Job     `json:"jobs"`
	Missing []string  `json:"missing"` // programs that are not installed, and were not measured
}

// Phases are the numbers of exchanges of our own sign-in, by phase.
type Phases struct {
	Card     string `json:"card"`     // "RSA 2048"
	Lengths  string `json:"lengths"`  // short or extended APDUs
	Enter    int    `json:"enter"`    // from Enter to the signature
	Whole    int    `json:"whole"`    // from the insertion until the card has been made to forget the passcode
	Reinsert int    `json:"reinsert"` // before the passcode, if the card was read before in this process
}

// Job is the result of one program on one card: verifying the passcode, reading the certificate and signing.
type Job struct {
	Program   string `json:"program"`
	Card      string `json:"card"`
	Exchanges int    `json:"exchanges"` // counted by the card
	Fast      Times  `json:"fast"`
	Slow      Times  `json:"delayed"`  // with the delay
	Verified  bool   `json:"verified"` // every signature was verified with the card's certificate
	Error     string `json:"error"`    // why the program failed; "" if it succeeded
	Note      string `json:"note"`     // what the program does differently
}

// Times are statistics of all runs. Times that a program doesn't report are zero.
type Times struct {
	Wall   Spread `json:"wall_ms"`   // of the whole process
	Inside Spread `json:"inside_ms"` // from connecting to the service to the signature, reported by the program
	Enter  Spread `json:"enter_ms"`  // from the passcode to the signature
}

// Spread is the minimum, the first quartile and the median, in milliseconds. On a machine with other load the minimum
// characterises a program best.
type Spread struct {
	Min      float64 `json:"least"`
	Quartile float64 `json:"quartile"`
	Median   float64 `json:"median"`
}

func spreadOf(values []float64) Spread {
	slices.Sort(values)
	return Spread{values[0], values[len(values)/4], values[len(values)/2]}
}

// passcode is the passcode of the benchmark's cards.
const passcode = "246813"

// readerName is the first of vpcd's two readers.
const readerName = "Virtual PCD 00 00"

// runner is the state of a measurement.
type runner struct {
	Options
	dir     string
	daemon  *pcscd.Daemon
	system  cardreader.System
	count   atomic.Int64
	delayed atomic.Int64 // delay of an exchange in nanoseconds
}

// Card runs the measurement. It can be called only once in a process, because libpcsclite reads the path of its
// service only once. The error names what is missing.
func Card(ctx context.Context, o Options) (_ Report, err error) {
	if o.Runs < 1 || len(o.Self) == 0 || o.Clock == nil {
		return Report{}, errors.New("bench: Runs, Self and Clock are required")
	}

	if o.Progress == nil {
		o.Progress = func(string) {}
	}

	b := &runner{Options: o}
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
	if err := os.Setenv("PCSCLITE_CSOCK_NAME", b.daemon.Socket()); err != nil { // for this process and the programs
		return Report{}, err
	}

	b.system = pcsc.New()
	defer func() { _ = b.system.Close() }()

	r := Report{When: o.Clock(), Machine: machine.Name(), Runs: o.Runs, DelayMS: millis(o.Delay), Missing: []string{}}
	programs, missing := b.programs()
	r.Missing = append(r.Missing, missing...)
	for _, kind := range kinds {
		o.Progress("making the card: " + kind.name)
		if err := b.measure(ctx, &r, kind, programs); err != nil {
			return Report{}, fmt.Errorf("%s: %w", kind.name, err)
		}
	}

	return r, nil
}

// measure runs all measurements on a card of one kind.
func (b *runner) measure(ctx context.Context, r *Report, kind cardKind, programs []program) error {
	key, certificate, err := kind.make(b.Clock())
	if err != nil {
		return err
	}

	card, err := virtual.New(virtual.Config{
		Key: key, Certificate: certificate.Raw, Passcode: []byte(passcode), Quirks: virtual.YubicoVersion,
		Before: b.before,
	})
	if err != nil {
		return err
	}

	b.Progress("counting our exchanges: " + kind.name)
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
	s := &subject{
		kind: kind, certificate: certificate, data: []byte("the bench signs this on " + kind.name),
		dir: b.dir,
	}

	digest := sha256.Sum256(s.data)
	s.digest = digest[:]
	if err := s.write(); err != nil {
		return err
	}

	jobs, err := b.jobs(ctx, programs, s)
	r.Jobs = append(r.Jobs, jobs...)
	return err
}

// before counts a command to the card and delays it.
func (b *runner) before(byte) {
	b.count.Add(1)
	if d := time.Duration(b.delayed.Load()); d > 0 {
		<-time.After(d)
	}
}

// insert inserts the card and waits until pcscd has noticed it.
func (b *runner) insert(ctx context.Context, card *virtual.Card) (*pcscd.Plugged, error) {
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

// await waits until the service reports that a card is present or absent.
func (b *runner) await(ctx context.Context, present bool) error {
	ctx, cancel := context.WithTimeout(ctx, detectTimeout)
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

const detectTimeout = time.Minute

// subject is the data to sign, and the card's certificate.
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
