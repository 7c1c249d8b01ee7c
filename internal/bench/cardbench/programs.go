package cardbench

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// program is a program that verifies the passcode, reads the certificate and signs.
type program struct {
	name string
	path string
	note string
	args func(*subject) []string
	// stdin returns the program's input. signature extracts the signature from its output, or reads it from its file.
	stdin     func(*subject) []byte
	signature func(s *subject, out []byte) ([]byte, error)
	// readsStderr means that it reports on the signature on standard error.
	readsStderr bool
	timed       bool // prints its own times after the signature
}

// runTimeout is the timeout for one run of a program.
const runTimeout = time.Minute

// programs returns the installed programs, and the names of those that are missing.
func (b *runner) programs() (here []program, missing []string) {
	ours := program{
		name: "wardlight", path: b.Self[0], note: "asks for the tries left, too; the card has forgotten the passcode",
		args:      func(s *subject) []string { return append(slices.Clone(b.Self[1:]), readerName, s.hex()) },
		stdin:     typed,
		signature: spoken, timed: true,
	}

	here = append(here, ours)
	for _, p := range []struct {
		program
		pkg string
	}{
		{program{
			name: "piv-go", path: b.PivGo, args: func(s *subject) []string {
				return []string{readerName, s.hex()}
			}, stdin: typed, signature: spoken, timed: true,
			note: "holds the card exclusively, and leaves the passcode verified",
		}, "make bench builds it"},
		{program{
			name: "yubico-piv-tool", path: found("yubico-piv-tool"), args: yubicoArgs, stdin: certified,
			signature: yubicoChecked, readsStderr: true,
			note: "checks its signature itself",
		}, "apt install yubico-piv-tool"},
		{program{
			name: "pkcs11-tool (OpenSC)", path: found("pkcs11-tool"), args: openSCArgs, stdin: none, signature: written,
			note: "reads the certificate to find the key",
		}, "apt install opensc opensc-pkcs11"},
	} {
		if p.path == "" {
			missing = append(missing, p.name+" ("+p.pkg+")")
			continue
		}
		here = append(here, p.program)
	}

	return here, missing
}

func found(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

func typed(*subject) []byte { return []byte(passcode + "\n") }
func none(*subject) []byte  { return nil }

// certified returns the certificate with which yubico-piv-tool verifies its signature.
func certified(s *subject) []byte {
	pem, _ := os.ReadFile(s.path("certificate.pem")) // written by this process before
	return pem
}

// spoken returns the signature from standard output, whose first word it is, in hex.
func spoken(_ *subject, out []byte) ([]byte, error) {
	words := strings.Fields(string(out))
	if len(words) == 0 {
		return nil, errors.New("it said nothing")
	}
	return hex.DecodeString(words[0])
}

// reportedTimes returns the times that a program prints after its signature.
func reportedTimes(out []byte) (inside, enter float64) {
	words := append(strings.Fields(string(out)), "", "", "")
	inside, _ = strconv.ParseFloat(words[1], 64) // 0 if it prints none
	enter, _ = strconv.ParseFloat(words[2], 64)
	return inside, enter
}

func yubicoArgs(s *subject) []string {
	algorithm := "RSA2048"
	if s.kind.name == "P-256" {
		algorithm = "ECCP256"
	}
	return []string{
		"--reader", readerName, "--pin", passcode, "--slot", "9a", "--algorithm", algorithm, "--hash", "SHA256",
		"--action", "verify-pin", "--action", "read-certificate", "--action", "test-signature",
	}
}

// errChecked means that the program verified its signature itself, and doesn't output it.
var errChecked = errors.New("verified by the program itself")

func yubicoChecked(s *subject, out []byte) ([]byte, error) {
	if !s.isCertificate(out) {
		return nil, errors.New("it did not read the card's certificate")
	}
	if !bytes.Contains(out, []byte("Successful RSA verification")) &&
		!bytes.Contains(out, []byte("Successful ECDSA verification")) {
		return nil, errors.New("it did not sign")
	}
	return nil, errChecked
}

func openSCArgs(s *subject) []string {
	args := []string{
		"--login", "--pin", passcode, "--sign", "--id", "01",
		"--output-file", s.path("signature"), "--signature-format", "openssl",
	}
	if module, _ := filepath.Glob("/usr/lib/*/opensc-pkcs11.so"); len(module) > 0 {
		args = append(args, "--module", module[0])
	}
	if s.kind.name == "P-256" {
		return append(args, "--mechanism", "ECDSA", "--input-file", s.path("digest"))
	}
	return append(args, "--mechanism", "SHA256-RSA-PKCS", "--input-file", s.path("data"))
}

func written(s *subject, _ []byte) ([]byte, error) {
	defer func() { _ = os.Remove(s.path("signature")) }()
	return os.ReadFile(s.path("signature"))
}

// jobs runs the programs alternately, first without and then with the delay, so that other load on the machine affects
// all of them. A program that fails isn't run again.
func (b *runner) jobs(ctx context.Context, programs []program, s *subject) ([]Job, error) {
	jobs := make([]Job, len(programs))
	for i, p := range programs {
		jobs[i] = Job{Program: p.name, Card: s.kind.name, Note: p.note, Verified: true}
	}

	for _, delay := range []time.Duration{0, b.Delay} {
		b.Progress(fmt.Sprintf("all programs in turns on %s, %v an exchange", s.kind.name, delay))
		b.delayed.Store(int64(delay))
		series := make([]runs, len(programs))
		for range b.Runs {
			for i, p := range programs {
				if jobs[i].Error != "" {
					continue
				}
				b.count.Store(0)
				t, err := b.once(ctx, p, s)
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				if err != nil {
					jobs[i] = Job{Program: p.name, Card: s.kind.name, Note: p.note, Error: err.Error()}
					continue
				}
				jobs[i].Exchanges = int(b.count.Load())
				series[i] = append(series[i], t)
			}
		}

		for i := range jobs {
			if jobs[i].Error == "" {
				jobs[i].set(delay, series[i].times())
			}
		}
	}

	b.delayed.Store(0)
	return jobs, nil
}

func (j *Job) set(delay time.Duration, t Times) {
	if delay == 0 {
		j.Fast = t
	} else {
		j.Slow = t
	}
}

// run is the times of one run, in milliseconds; 0 for times that the program doesn't report.
type run struct{ wall, inside, enter float64 }

type runs []run

func (r runs) times() Times {
	of := func(what func(run) float64) Spread {
		values := make([]float64, len(r))
		for i, one := range r {
			values[i] = what(one)
		}
		return spreadOf(values)
	}
	return Times{
		Wall:   of(func(r run) float64 { return r.wall }),
		Inside: of(func(r run) float64 { return r.inside }),
		Enter:  of(func(r run) float64 { return r.enter }),
	}
}

// once runs the program once and verifies its signature.
func (b *runner) once(ctx context.Context, p program, s *subject) (run, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.path, p.args(s)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(p.stdin(s))
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if p.readsStderr {
		cmd.Stderr = &out
	}

	began := time.Now() // a benchmark needs the real clock
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return run{}, fmt.Errorf("%w: %s", err, lastLine(said.String()))
	}

	signature, err := p.signature(s, out.Bytes())
	switch {
	case errors.Is(err, errChecked):
	case err != nil:
		return run{}, err
	case !s.verifies(signature):
		return run{}, errors.New("its signature does not fit the card's certificate")
	}

	t := run{wall: millis(wall)}
	if p.timed {
		t.inside, t.enter = reportedTimes(out.Bytes())
	}

	return t, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
