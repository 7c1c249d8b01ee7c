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

// TestACardSwappedWhileThePasscodeIsTyped replaces the card by a colleague's with the same ATR, as cards of one series
// have. A passcode typed for another card must not cost the colleague's card a try.
func TestACardSwappedWhileThePasscodeIsTyped(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	read := make(chan struct{}, 1)
	mine := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Before = func(ins byte) {
			if ins == 0x20 { // an empty VERIFY, which reads the tries left
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
	c := exec.CommandContext(t.Context(), w.program, "card", "test", "--config", w.hub.ConfigFile(), "--passcode-fd",
		"3")
	c.Env, c.Stdout, c.Stderr, c.ExtraFiles = append(os.Environ(), w.socket()), &stdout, &stderr, []*os.File{r}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}

	r.Close()
	select {
	case <-read:
	case <-time.After(time.Minute):
		t.Fatal("the program did not read the card within a minute")
	}

	w.command("card", "show") // waits until the first command has finished reading the card
	w.pullAndSee()
	w.plugAndSee(colleague)
	if _, err := passcode.WriteString("135792\n"); err != nil {
		t.Fatal(err)
	}

	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitCard ||
		!strings.Contains(stderr.String(), "The smartcard was changed. Your passcode was not checked.") {
		t.Errorf("exit code %d, want %d and the message about a changed card: %s%s",
			code, exitCard, stdout.String(), stderr.String())
	}

	if colleague.TriesLeft() != virtualtest.Tries {
		t.Errorf("tries left on the colleague's card: got %d, want %d", colleague.TriesLeft(), virtualtest.Tries)
	}
}
