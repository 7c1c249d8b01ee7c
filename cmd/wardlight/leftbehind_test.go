//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// Card commands in the format of opensc-tool (SP 800-73-4 part 2, sections 3.1.1 and 3.2.1).
const (
	selectPIV   = "00:A4:04:00:05:A0:00:00:03:08:00"
	askVerified = "00:20:00:80"
)

// laterProgram is another program that uses the same reader after ours: opensc-tool, which sends raw commands. A second
// instance stays connected, as browsers and desktops do. Without it pcscd would power the card off after the last
// program, which resets the verified state of any card.
type laterProgram struct {
	t    *testing.T
	tool pcscdtest.Tool
	card *virtual.Card
}

// after inserts the card for the duration of the test, and starts the instance that stays connected.
func (w *testSite) after(t *testing.T, card *virtual.Card) *laterProgram {
	t.Helper()
	pcscdtest.Need(t, "opensc-tool")
	scriptor := labtest.Need(t, "scriptor", "pcsc-tools")
	n := &laterProgram{t: t, tool: pcscdtest.Tool{Daemon: w.service}, card: card}
	plugged, err := w.service.Plug(t.Context(), 0, card)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(plugged.Pull)
	n.tool.Until(t, "3b:87", "opensc-tool", "--reader", "0", "--atr")
	silent, keep, err := os.Pipe() // no command is ever written to it
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { keep.Close(); silent.Close() })
	said := new(labtest.Output)
	stays := exec.Command(scriptor)
	stays.Env, stays.Stdin, stays.Stdout, stays.Stderr = append(os.Environ(), w.socket()), silent, io.Discard, said
	labtest.Start(t, stays).Until(t, "its connection to the card", func() bool {
		return strings.Contains(said.String(), "Reading commands")
	})

	return n
}

// send sends commands from the other program, and returns the status word of the last one. While another program holds
// the card, it retries.
func (n *laterProgram) send(commands ...string) string {
	n.t.Helper()
	args := []string{"--reader", "0", "--card-driver", "default"}
	for _, c := range commands {
		args = append(args, "--send-apdu", c)
	}
	const received = "Received (SW1=0x"
	for deadline := time.Now().Add(time.Minute); ; {
		out, err := n.tool.Run("opensc-tool", args...)
		if strings.Count(out, received) == len(commands) {
			var sw1, sw2 byte
			if _, err = fmt.Sscanf(out[strings.LastIndex(out, received):], received+"%02X, SW2=0x%02X)", &sw1,
				&sw2); err == nil {
				return fmt.Sprintf("%02X%02X", sw1, sw2)
			}
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("opensc-tool %q: %v: %s", commands, err, out)
		}
	}
}

// checkNotVerified checks that the card is not verified for the other program: the status word reports the tries left.
func (n *laterProgram) checkNotVerified(when, tries string) {
	n.t.Helper()
	if sw := n.send(selectPIV, askVerified); sw != tries {
		n.t.Errorf("%s: status word %s, want %s", when, sw, tries)
	}
	if n.card.Verified() {
		n.t.Errorf("%s: the card is still verified", when)
	}
}

// checkVerified checks, as the control of this test, that a verification by one program is visible to the next.
func (n *laterProgram) checkVerified() {
	n.t.Helper()
	verify := fmt.Sprintf("00:20:00:80:08:% X:FF:FF", cards.Passcode)
	n.send(selectPIV, strings.ReplaceAll(verify, " ", ":"))
	if sw := n.send(selectPIV, askVerified); sw != "9000" || !n.card.Verified() {
		n.t.Fatalf("status word %s after VERIFY, want 9000: the test could not detect a card left verified", sw)
	}
	n.send(selectPIV, "00:20:FF:80")
}

func TestTheNextProgramFindsTheCardNotVerified(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	plastic, err := w.hub.Card("nurse")
	if err != nil {
		t.Fatal(err)
	}

	other := w.after(t, plastic)
	other.checkVerified()

	if code, out, errs := w.command("card", "test"); code != exitDone {
		t.Fatalf("card test: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}

	other.checkNotVerified("after a card test", "63C3")
	if code, out, errs := w.command("alert", people.OnPlan.Digits()); code != exitDone {
		t.Fatalf("alert: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}

	other.checkNotVerified("after a command", "63C3")

	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type("246814").Press("enter")
	term.Expect(Contains("Passcode not correct. 2 tries left."))
	other.checkNotVerified("after a wrong passcode", "63C2")
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	other.checkNotVerified("during a session", "63C3")
	term.Press("ctrl+l")
	term.Expect(Contains("Locked."))
	other.checkNotVerified("after a lock", "63C3")
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Signal(syscall.SIGKILL)
	term.Wait()
	other.checkNotVerified("after kill -9 in a session", "63C3")
}

// blockedCard blocks a card in one command until it is released.
type blockedCard struct {
	ins     byte
	nth     int32 // occurrence of that instruction, from 1
	seen    atomic.Int32
	reached chan struct{}
	goOn    chan struct{}
}

func (b *blockedCard) before(ins byte) {
	if ins == b.ins && b.seen.Add(1) == b.nth {
		close(b.reached)
		<-b.goOn
	}
}

// TestAKilledProgramLeavesNoVerifiedCard kills the program when the card is verified or about to be. No cleanup code
// of ours runs then: pcscd resets the card of a program that exits in a transaction.
func TestAKilledProgramLeavesNoVerifiedCard(t *testing.T) {
	t.Parallel() // each test starts its own services
	const verify, sign = 0x20, 0x87
	w := newTestSite(t)
	for name, c := range map[string]struct {
		ins    byte
		nth    int32
		signal syscall.Signal
	}{
		"kill -9 in VERIFY":     {verify, 2, syscall.SIGKILL}, // the first VERIFY reads the tries left
		"kill -9 while signing": {sign, 1, syscall.SIGKILL},
		"crash while signing":   {sign, 1, syscall.SIGABRT},
	} {
		t.Run(name, func(t *testing.T) {
			stop := &blockedCard{ins: c.ins, nth: c.nth, reached: make(chan struct{}), goOn: make(chan struct{})}
			release := sync.OnceFunc(func() { close(stop.goOn) })
			card := virtualtest.Card(t, virtualtest.P256(t), func(config *virtual.Config) {
				config.Before = stop.before
			})

			other := w.after(t, card)
			t.Cleanup(release)
			program := w.start(t, "card", "test")
			select {
			case <-stop.reached:
			case <-program.Done():
				t.Fatal("the program exited before it sent the command")
			case <-time.After(time.Minute):
				t.Fatal("the program did not send the command within a minute")
			}

			if err := syscall.Kill(program.PID(), c.signal); err != nil {
				t.Fatal(err)
			}
			<-program.Done()
			if verified := card.Verified(); verified != (c.ins == sign) {
				t.Errorf("card verified when the program was killed: got %v, want %v", verified, c.ins == sign)
			}

			release()
			other.checkNotVerified("after "+name, "63C3")
		})
	}
}

// start starts a command with the passcode on a file descriptor, without waiting for it.
func (w *testSite) start(t *testing.T, args ...string) *labtest.Process {
	t.Helper()
	r, p, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := p.WriteString(cards.Passcode + "\n"); err != nil {
		t.Fatal(err)
	}
	p.Close()
	cmd := exec.Command(w.program, append(args, "--config", w.hub.ConfigFile(), "--passcode-fd", "3")...)
	cmd.Env, cmd.ExtraFiles = append(os.Environ(), w.socket()), []*os.File{r}
	return labtest.Start(t, cmd)
}
