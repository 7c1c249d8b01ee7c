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

	"wardlight/internal/bench/machine"
)

// program is one that does the job: verify the passcode, read the certificate, sign.
type program struct {
	name string
	path string
	note string
	args func(*subject) []string
	// stdin is what it reads; signature takes the signature out of what it said, or wrote.
	stdin     func(*subject) []byte
	signature func(s *subject, out []byte) ([]byte, error)
	// speaksOnBoth: what it says of the signature is on standard error.
	speaksOnBoth bool
	timed        bool // it says, after the signature, how long it took inside
}

// runFor bounds one run of a program.
const runFor = time.Minute

// programs returns those that are here, and the names of those that are not.
func (b *bench) programs() (here []program, missing []string) {
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
			name: "piv-go", path: b.PivGo, args: func(s *subject) []string { return []string{readerName, s.hex()} }, stdin: typed, signature: spoken, timed: true,
			note: "holds the card exclusively, and leaves the passcode verified",
		}, "make bench builds it"},
		{program{
			name: "yubico-piv-tool", path: found("yubico-piv-tool"), args: yubicoArgs, stdin: certified, signature: yubicoChecked, speaksOnBoth: true,
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

// certified returns the certificate, which yubico-piv-tool checks its signature by.
func certified(s *subject) []byte {
	pem, _ := os.ReadFile(s.path("certificate.pem")) // written by us a moment ago
	return pem
}

// spoken returns a signature in hex on standard output, the first word of it.
func spoken(_ *subject, out []byte) ([]byte, error) {
	words := strings.Fields(string(out))
	if len(words) == 0 {
		return nil, errors.New("it said nothing")
	}
	return hex.DecodeString(words[0])
}

// told returns the times that a program tells of itself, after its signature.
func told(out []byte) (inside, enter float64) {
	words := append(strings.Fields(string(out)), "", "", "")
	inside, _ = strconv.ParseFloat(words[1], 64) // one that tells none took 0: not known
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

// errChecked: the program verified its signature itself, and does not show it.
var errChecked = errors.New("verified by the program itself")

func yubicoChecked(s *subject, out []byte) ([]byte, error) {
	if !s.isCertificate(out) {
		return nil, errors.New("it did not read the card's certificate")
	}
	if !bytes.Contains(out, []byte("Successful RSA verification")) && !bytes.Contains(out, []byte("Successful ECDSA verification")) {
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

// job runs the program as often as it was asked, without the delay and with it.
func (b *bench) job(ctx context.Context, p program, s *subject) Job {
	j := Job{Program: p.name, Card: s.kind.name, Note: p.note, Verified: true}
	for _, delay := range []time.Duration{0, b.Delay} {
		b.delayed.Store(int64(delay))
		var walls, insides, enters []float64
		for range b.Runs {
			b.count.Store(0)
			t, err := b.once(ctx, p, s)
			if err != nil {
				b.delayed.Store(0)
				return Job{Program: p.name, Card: s.kind.name, Note: p.note, Error: err.Error()}
			}
			j.Exchanges = int(b.count.Load())
			walls, insides, enters = append(walls, t.Wall), append(insides, t.Inside), append(enters, t.Enter)
		}
		times := Times{Wall: machine.Median(walls), Inside: machine.Median(insides), Enter: machine.Median(enters)}
		if delay == 0 {
			j.Fast = times
		} else {
			j.Slow = times
		}
	}
	b.delayed.Store(0)
	return j
}

// once runs the program once and checks what it signed.
func (b *bench) once(ctx context.Context, p program, s *subject) (Times, error) {
	ctx, cancel := context.WithTimeout(ctx, runFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.path, p.args(s)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(p.stdin(s))
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if p.speaksOnBoth {
		cmd.Stderr = &out
	}
	began := time.Now() // the bench is what measures
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return Times{}, fmt.Errorf("%w: %s", err, lastLine(said.String()))
	}
	signature, err := p.signature(s, out.Bytes())
	switch {
	case errors.Is(err, errChecked):
	case err != nil:
		return Times{}, err
	case !s.verifies(signature):
		return Times{}, errors.New("its signature does not fit the card's certificate")
	}
	t := Times{Wall: millis(wall)}
	if p.timed {
		t.Inside, t.Enter = told(out.Bytes())
	}
	return t, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
