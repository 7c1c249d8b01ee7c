package main

import (
	"context"
	"os"
	"testing"

	"wardlight/internal/lab/scenario"
	"wardlight/internal/testterm"
)

const trainingFile = "../../docs/training.md"

// trainingClass is 'make demo' with a second terminal, as a trainer uses it.
type trainingClass struct {
	scenario.Unsupported
	t *testing.T
	d *terminals // nil before the demo is started with the nurse's card
}

func (c *trainingClass) Start(_ context.Context, o testterm.Options) (*testterm.Console, error) {
	o.Env = append(o.Env, "CUPS_SERVER=/nowhere/cups.sock") // no printer, as in a classroom
	c.d = startOnTerminal(c.t, o, "--people", "0")
	return c.d.Console, nil
}

func (c *trainingClass) Insert(_ context.Context, card string) error {
	if c.d != nil || card != "nurse" {
		c.d.demoCommand("insert", card)
	}
	return nil
}

func (c *trainingClass) Eject() error   { c.d.demoCommand("eject"); return nil }
func (c *trainingClass) StopHub() error { c.d.demoCommand("hub", "stop"); return nil }

func (c *trainingClass) StartHub(context.Context) error { c.d.demoCommand("hub", "start"); return nil }

func (c *trainingClass) Notifications(ctx context.Context, _ string, n int) (int, error) {
	got := c.d.notifications()
	for ; got < n && ctx.Err() == nil; got = c.d.notifications() {
		continue
	}
	return got, nil
}

// Every step of the training script has the described effect in the demo.
func TestTheTrainingScript(t *testing.T) {
	text, err := os.ReadFile(trainingFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.ParseDocument(trainingFile, string(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := scenario.Play(t.Context(), s, &trainingClass{t: t}, scenario.Options{}); err != nil {
		t.Fatal(err)
	}
}
