// Package pcsctest provides another program that uses the same smartcard reader, for tests. Only tests import it.
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

// Name is the name of the other program.
const Name = "rival"

// Build builds the program and returns its path.
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

// UseCard lets another program use the card in the reader for a moment. When it returns, a link that was closed before
// has finished its work. It uses the service of this process.
func UseCard(tb testing.TB, reader string) {
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

// OtherProgram is a running program that uses a card.
type OtherProgram struct {
	tb    testing.TB
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended bool
}

// Lock starts the program at path and waits until it has opened the card in the first reader of the service at socket.
// how is "shared", "exclusive", or "transaction".
func Lock(tb testing.TB, path, socket, how string) *OtherProgram {
	tb.Helper()
	r := &OtherProgram{tb: tb, cmd: exec.CommandContext(tb.Context(), path, how)}
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

	tb.Cleanup(r.Release)
	if said, err := bufio.NewReader(stdout).ReadString('\n'); said != "holding\n" {
		_ = r.cmd.Wait()
		r.ended = true
		tb.Fatalf("%s could not open the card: got %q, error %v: %s", Name, said, err, stderr.String())
	}

	return r
}

// Release ends the program, which releases the card. A second call does nothing.
func (r *OtherProgram) Release() {
	if r.ended {
		return
	}
	r.ended = true
	_ = r.stdin.Close()
	if err := r.cmd.Wait(); err != nil && r.tb.Context().Err() == nil {
		r.tb.Errorf("%s: %v", Name, err)
	}
}
