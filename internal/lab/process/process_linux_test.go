package process

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell starts a script and waits until it prints "ready".
func shell(t *testing.T, script string) (*Process, *Tail) {
	t.Helper()
	said := new(Tail)
	cmd := exec.Command("sh", "-c", script)
	cmd.Stdout, cmd.Stderr = said, said
	p, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(p.Kill)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	if err := p.Until(ctx, time.Millisecond, func(context.Context) error {
		if strings.Contains(said.String(), "ready") {
			return nil
		}
		return errors.New("it says nothing")
	}); err != nil {
		t.Fatal(err, said)
	}

	return p, said
}

func TestAProgramIsAskedToEndAndMadeTo(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		within time.Duration
		says   bool
	}{
		"one that ends when asked": {
			`trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done`,
			time.Minute, true,
		},
		"one that will not be told": {
			`trap '' TERM; echo ready; while :; do sleep 0.01; done`, time.Millisecond,
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, said := shell(t, c.script)
			p.End(syscall.SIGTERM, c.within)
			select {
			case <-p.Done():
			default:
				t.Fatal("Gone is not closed after End")
			}
			if strings.Contains(said.String(), "bye") != c.says {
				t.Errorf("output = %q, want “bye” in it: %v", said, c.says)
			}
			p.End(syscall.SIGTERM, time.Minute) // no effect, as the program has ended
		})
	}
}

func TestWaitingEndsWithTheProgramOrTheContext(t *testing.T) {
	no := errors.New("not yet")
	never := func(context.Context) error { return no }
	p, _ := shell(t, "echo ready; exec sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Until(ctx, time.Millisecond, never); !errors.Is(err, context.Canceled) || !errors.Is(err, no) {
		t.Errorf("Until with a cancelled context: error = %v, want context.Canceled and the last error", err)
	}
	p.Kill()
	if err := p.Until(t.Context(), time.Hour, never); !errors.Is(err, ErrExited) {
		t.Errorf("Until after Kill: error = %v, want ErrGone", err)
	}
	if _, err := Start(exec.Command("/nowhere/is/a/program")); err == nil {
		t.Error("Start of a missing program succeeded, want error")
	}
}

func TestTheEndOfWhatWasSaidIsKept(t *testing.T) {
	var said Tail
	for range 3 {
		if n, err := said.Write([]byte(strings.Repeat("x", tailSize-1) + "\n")); n != tailSize || err != nil {
			t.Fatal(n, err)
		}
	}
	_, _ = said.Write([]byte("the end\n"))
	if s := said.String(); len(s) > tailSize || !strings.HasSuffix(s, "x\nthe end") {
		t.Errorf("tail has %d bytes and ends with %q, want at most %d and the end of the output",
			len(s), s[max(0, len(s)-20):], tailSize)
	}
}
