// Package pcsctest gives tests another program at the same smartcard reader.
package pcsctest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
)

// Name is what the other program is called.
const Name = "rival"

// Build builds the program and gives its path.
func Build(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), Name)
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", path, "wardlight/cardreader/pcsc/pcsctest/"+Name)
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v\n%s", Name, err, out)
	}
	return path
}

// Another has another program get the card in the reader for a moment: what a link does after its Close is done by then.
// The service is the one of this process.
func Another(tb testing.TB, reader string) {
	tb.Helper()
	program := pcsc.New()
	link, err := program.Connect(tb.Context(), reader)
	if err != nil {
		tb.Fatal(err)
	}
	link.Close(cardreader.Leave)
	if err := program.Close(); err != nil {
		tb.Error(err)
	}
}

// Rival is a running program that holds a card.
type Rival struct {
	tb    testing.TB
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended bool
}

// Hold runs the program at path until it holds the card in the first reader of the service at socket: "shared",
// "exclusive", or "transaction".
func Hold(tb testing.TB, path, socket, how string) *Rival {
	tb.Helper()
	r := &Rival{tb: tb, cmd: exec.CommandContext(tb.Context(), path, how)}
	r.cmd.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+socket)
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	var stderr strings.Builder
	r.cmd.Stderr = &stderr
	if err := r.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.LetGo)
	if said, err := bufio.NewReader(stdout).ReadString('\n'); said != "holding\n" {
		_ = r.cmd.Wait()
		r.ended = true
		tb.Fatalf("%s does not hold the card: %q, %v, %s", Name, said, err, stderr.String())
	}
	return r
}

// LetGo ends the program, which gives the card back. A second LetGo does nothing.
func (r *Rival) LetGo() {
	if r.ended {
		return
	}
	r.ended = true
	_ = r.stdin.Close()
	if err := r.cmd.Wait(); err != nil && r.tb.Context().Err() == nil {
		r.tb.Errorf("%s: %v", Name, err)
	}
}

// PasscodeStatus returns what another program is told of the passcode of the card in the first reader: a status word,
// "9000" when it is verified.
func PasscodeStatus(tb testing.TB, path, socket string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), path, "passcode")
	cmd.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+socket)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%s: %v: %s", Name, err, out)
	}
	return strings.TrimSpace(string(out))
}
