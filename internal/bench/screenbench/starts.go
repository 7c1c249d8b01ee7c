package screenbench

import (
	"context"
	"time"

	"wardlight/internal/bench/machine"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/testterm"
)

// emptyProgram is the name of the program in ./empty in a report.
const emptyProgram = "an empty Bubble Tea program"

// starts measures first frames. The programs are started alternately, so that other load on the computer affects both.
func (b *runner) starts(ctx context.Context, d *demo.Demo, daemon *pcscd.Daemon) error {
	if b.Empty == "" {
		b.report.Missing = append(b.report.Missing, emptyProgram)
		return nil
	}

	b.Progress("timing first frames")

	contestants := []struct {
		name  string
		p     program
		shows testterm.Matcher
		times [2][]float64 // without and with answers to queries
	}{
		{name: emptyProgram, p: program{path: b.Empty}, shows: testterm.Contains("nothing here")},
		{name: Wardlight, p: program{
			path: b.Wardlight, args: []string{"--config", d.ConfigFile()},
			env: environ(daemon),
		}, shows: testterm.Contains("Wardlight")},
	}

	for range b.Runs {
		for i := range contestants {
			c := &contestants[i]
			for answers := range c.times {
				if err := ctx.Err(); err != nil {
					return err
				}
				took, err := firstFrameOf(c.name, c.p, c.shows, answers == 1)
				if err != nil {
					return err
				}
				c.times[answers] = append(c.times[answers], took)
			}
		}
	}

	for _, c := range contestants {
		b.report.Starts = append(b.report.Starts, Start{
			Program: c.name, Mute: machine.Median(c.times[0]),
			Answered: machine.Median(c.times[1]),
		})
	}

	return nil
}

// firstFrameOf returns the time until a program shows its first frame, in milliseconds.
func firstFrameOf(name string, p program, shows testterm.Matcher, answers bool) (ms float64, err error) {
	err = onTerminal(func(t *testT) error {
		began := time.Now()
		term := p.start(t, answers)
		term.Expect(shows)
		ms = float64(time.Since(began).Microseconds()) / 1000
		term.Close() // no key is pressed, because its effect depends on whether a card has been detected
		return nil
	}, name)
	return ms, err
}
