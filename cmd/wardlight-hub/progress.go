package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"wardlight/hub/intake"
)

// Intervals of the progress display: on a terminal, and for lines elsewhere.
const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 100_000 // lines of the file
	barWidth  = 30
)

// progress shows the progress of an import.
type progress struct {
	to       io.Writer
	name     string
	terminal bool
	clock    func() time.Time

	size    int64 // of the file; 0 when it is not known
	from    intake.Position
	started time.Time
	last    time.Time // when the bar was drawn
	lines   int64     // at the last message
	drawn   bool
}

func newProgress(to io.Writer, name string, clock func() time.Time) *progress {
	f, ok := to.(*os.File)
	return &progress{to: to, name: name, clock: clock, started: clock(), terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// begin sets the start position of the import and the size of the file.
func (p *progress) begin(from intake.Position, size int64) {
	p.from, p.size, p.lines = from, size, from.Lines
}

// stored shows the progress after a batch was stored.
func (p *progress) stored(at intake.Position) error {
	now := p.clock()
	switch {
	case p.terminal && now.Sub(p.last) >= barEvery:
		p.last, p.drawn = now, true
		fmt.Fprintf(p.to, "\r%s\x1b[K", p.bar(at, now))
	case !p.terminal && at.Lines-p.lines >= lineEvery:
		p.lines = at.Lines
		fmt.Fprintln(p.to, p.name+": "+p.words(at, now))
	}
	return nil
}

// bar returns the progress line for a terminal.
func (p *progress) bar(at intake.Position, now time.Time) string {
	if p.size == 0 {
		return p.name + "  " + p.words(at, now)
	}
	full := int(at.Offset * barWidth / p.size)
	return fmt.Sprintf("%s  [%s%s]  %s", p.name, strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		p.words(at, now))
}

// words returns the progress and the speed as text.
func (p *progress) words(at intake.Position, now time.Time) string {
	var b strings.Builder
	if p.size > 0 {
		fmt.Fprintf(&b, "%d %%, ", at.Offset*100/p.size)
	}
	fmt.Fprintf(&b, "%d lines", at.Lines)
	if s := now.Sub(p.started).Seconds(); s >= 1 {
		fmt.Fprintf(&b, ", %.0f a second", float64(at.Lines-p.from.Lines)/s)
	}
	if at.Refused > 0 {
		fmt.Fprintf(&b, ", %d refused", at.Refused)
	}
	return b.String()
}

// printLine prints a line above the progress bar.
func (p *progress) printLine(line string) {
	p.end()
	fmt.Fprintln(p.to, line)
}

// printMessage prints a message about the file.
func (p *progress) printMessage(what string) { p.printLine(p.name + ": " + what) }

// end removes the progress bar.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.to, "\r\x1b[K")
		p.drawn = false
	}
}
