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
	. "wardlight/internal/testterm" // the words of the scenario
)

// Commands to a card, as opensc-tool takes them (SP 800-73-4 part 2, sections 3.1.1 and 3.2.1).
const (
	selectPIV   = "00:A4:04:00:05:A0:00:00:03:08:00"
	askVerified = "00:20:00:80"
)

// next is another program at the same reader, after ours: OpenSC's tool, which sends the commands as they are. A
// second one is connected all the time, as browsers and desktops are: without it pcscd would switch the card off
// after the last program, and any card forgets the passcode then.
type next struct {
	t    *testing.T
	tool pcscdtest.Tool
	card *virtual.Card
}

// after plugs the card in, for the length of the test, and connects the program that stays.
func (w *ward) after(t *testing.T, card *virtual.Card) *next {
	t.Helper()
	pcscdtest.Need(t, "opensc-tool")
	scriptor := labtest.Need(t, "scriptor", "pcsc-tools")
	n := &next{t: t, tool: pcscdtest.Tool{Daemon: w.service}, card: card}
	plugged, err := w.service.Plug(t.Context(), 0, card)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plugged.Pull)
	n.tool.Until(t, "3b:87", "opensc-tool", "--reader", "0", "--atr")
	silent, keep, err := os.Pipe() // it never has a command to read
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

// send has the other program send commands, and gives the status word of the last. A program that is kept out,
// because another one holds the card, tries again.
func (n *next) send(commands ...string) string {
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
			if _, err = fmt.Sscanf(out[strings.LastIndex(out, received):], received+"%02X, SW2=0x%02X)", &sw1, &sw2); err == nil {
				return fmt.Sprintf("%02X%02X", sw1, sw2)
			}
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("opensc-tool: %v: %s", err, out)
		}
	}
}

// findsNothing checks that the passcode is not verified for the other program: it is told the tries left.
func (n *next) findsNothing(when, tries string) {
	n.t.Helper()
	if sw := n.send(selectPIV, askVerified); sw != tries {
		n.t.Errorf("%s the next program is answered %s, want %s", when, sw, tries)
	}
	if n.card.Verified() {
		n.t.Errorf("%s the card still has the passcode verified", when)
	}
}

// findsVerified is the counter-proof: what a program leaves verified, the next one finds verified.
func (n *next) findsVerified() {
	n.t.Helper()
	verify := fmt.Sprintf("00:20:00:80:08:% X:FF:FF", cards.Passcode)
	n.send(selectPIV, strings.ReplaceAll(verify, " ", ":"))
	if sw := n.send(selectPIV, askVerified); sw != "9000" || !n.card.Verified() {
		n.t.Fatalf("the next program is answered %s: this bench would not notice a passcode that stays", sw)
	}
	n.send(selectPIV, "00:20:FF:80")
}

func TestTheNextProgramFindsTheCardNotVerified(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
	plastic, err := w.hub.Card("nurse")
	if err != nil {
		t.Fatal(err)
	}
	other := w.after(t, plastic)
	other.findsVerified()

	if code, out, errs := w.command("card", "test"); code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	other.findsNothing("after a card test", "63C3")
	if code, out, errs := w.command("alert", people.OnPlan.Digits()); code != exitDone {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	other.findsNothing("after a command", "63C3")

	term := w.sit()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type("246814").Press("enter")
	term.Expect(Contains("Passcode not correct. 2 tries left."))
	other.findsNothing("after a wrong passcode", "63C2")
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	other.findsNothing("during a session", "63C3")
	term.Press("ctrl+l")
	term.Expect(Contains("Locked."))
	other.findsNothing("after a lock", "63C3")
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Signal(syscall.SIGKILL)
	term.Wait()
	other.findsNothing("after kill -9 in a session", "63C3")
}

// busy has a card stop in one command until it is let go.
type busy struct {
	ins     byte
	nth     int32 // of that instruction
	seen    atomic.Int32
	reached chan struct{}
	goOn    chan struct{}
}

func (b *busy) before(ins byte) {
	if ins == b.ins && b.seen.Add(1) == b.nth {
		close(b.reached)
		<-b.goOn
	}
}

// TestAKilledProgramLeavesNoVerifiedCard ends the program when the passcode is verified, or is about to be: no code
// of ours runs after that. It is pcscd that resets the card of a program that ends in a transaction.
func TestAKilledProgramLeavesNoVerifiedCard(t *testing.T) {
	t.Parallel() // a ward of its own
	const verify, sign = 0x20, 0x87
	w := newWard(t)
	for name, c := range map[string]struct {
		ins    byte
		nth    int32
		signal syscall.Signal
	}{
		"kill -9 in VERIFY":     {verify, 2, syscall.SIGKILL}, // the first asks for the tries left
		"kill -9 while signing": {sign, 1, syscall.SIGKILL},
		"crash while signing":   {sign, 1, syscall.SIGABRT},
	} {
		t.Run(name, func(t *testing.T) {
			stop := &busy{ins: c.ins, nth: c.nth, reached: make(chan struct{}), goOn: make(chan struct{})}
			release := sync.OnceFunc(func() { close(stop.goOn) })
			card := virtualtest.Card(t, virtualtest.P256(t), func(config *virtual.Config) { config.Before = stop.before })
			other := w.after(t, card)
			t.Cleanup(release)
			program := w.start(t, "card", "test")
			select {
			case <-stop.reached:
			case <-program.Gone():
				t.Fatal("the program ended before the card came to that command")
			case <-time.After(time.Minute):
				t.Fatal("the card never came to that command")
			}
			if err := syscall.Kill(program.PID(), c.signal); err != nil {
				t.Fatal(err)
			}
			<-program.Gone()
			if verified := card.Verified(); verified != (c.ins == sign) {
				t.Errorf("when the program ended the card had the passcode verified: %v", verified)
			}
			release()
			other.findsNothing("after "+name, "63C3")
		})
	}
}

// start starts a command with the passcode on a file descriptor, and does not wait for it.
func (w *ward) start(t *testing.T, args ...string) *labtest.Process {
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
