package main

import (
	"errors"
	"os"
	"testing"
	"time"

	"wardlight/internal/lab/scenario"
	"wardlight/internal/testterm"
)

// class is `make demo` with somebody at a second terminal, as a trainer has it.
type class struct{ d *terminals }

func (c *class) Start(tb testing.TB, o testterm.Options) *testterm.Terminal {
	tb.Helper()
	o.Env = append(o.Env, "CUPS_SERVER=/nowhere/cups.sock") // a classroom's computer has no printer
	c.d = startOnTerminal(tb, o, "--people", "0")
	return c.d.Terminal
}

func (c *class) Insert(card string) error { c.d.aside("insert", card); return nil }
func (c *class) Eject() error             { c.d.aside("eject"); return nil }
func (c *class) StopHub() error           { c.d.aside("hub", "stop"); return nil }
func (c *class) StartHub() error          { c.d.aside("hub", "start"); return nil }

func (c *class) Told(n int) error {
	for end := time.Now().Add(time.Minute); ; {
		switch got := c.d.notifications(); {
		case got == n:
			return nil
		case got > n || time.Now().After(end):
			return errors.New("another number of openings was told of")
		}
	}
}

func (c *class) Printed() ([]string, error) { return nil, errors.New("a class cannot see that") }

func (c *class) CutRecords() error     { return errors.New("a class cannot do that") }
func (c *class) FailRecords() error    { return errors.New("a class cannot do that") }
func (c *class) Flagged() (int, error) { return 0, errors.New("a class cannot see that") }

// Every step of the training script does what it says.
func TestTheTrainingScript(t *testing.T) {
	const path = "../../docs/training.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.ParseDocument("docs/training.md", string(text))
	if err != nil {
		t.Fatal(err)
	}
	scenario.Run(t, s, &class{}, t.TempDir())
}
