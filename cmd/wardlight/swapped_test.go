//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

// TestACardSwappedWhileThePasscodeIsTyped: the cards of a series share the answer to reset. A colleague's card must not
// lose a try by a passcode that is not its own.
func TestACardSwappedWhileThePasscodeIsTyped(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
	read := make(chan struct{}, 1)
	mine := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Before = func(ins byte) {
			if ins == 0x20 { // an empty VERIFY, which asks for the tries left
				select {
				case read <- struct{}{}:
				default:
				}
			}
		}
	})
	colleague := virtualtest.Card(t, virtualtest.P256(t), nil)
	w.plugAndSee(mine)
	<-read

	r, passcode, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer passcode.Close()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), w.program, "card", "test", "--config", w.hub.ConfigFile(), "--passcode-fd", "3")
	c.Env, c.Stdout, c.Stderr, c.ExtraFiles = append(os.Environ(), w.socket()), &stdout, &stderr, []*os.File{r}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	select {
	case <-read:
	case <-time.After(time.Minute):
		t.Fatal("the card is never read")
	}
	w.command("card", "show") // which waits until the first has read the card
	w.pullAndSee()
	w.plugAndSee(colleague)
	if _, err := passcode.WriteString("135792\n"); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitCard || !strings.Contains(stderr.String(), "The smartcard was changed. Your passcode was not checked.") {
		t.Errorf("exit %d: %s%s", code, stdout.String(), stderr.String())
	}
	if colleague.TriesLeft() != virtualtest.Tries {
		t.Errorf("the colleague's card has %d tries left", colleague.TriesLeft())
	}
}
