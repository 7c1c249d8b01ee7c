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

// How often progress is shown: on a terminal, and as lines where there is none.
const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 100_000 // lines of the file
	barWidth  = 30
)

// progress shows how far an import has come.
type progress struct {
	to       io.Writer
	name     string
	terminal bool
	clock    func() time.Time

	size  int64 // of the file; 0 when it is not known
	from  intake.Place
	begun time.Time
	last  time.Time // when the bar was drawn
	lines int64     // told last
	drawn bool
}

func newProgress(to io.Writer, name string, clock func() time.Time) *progress {
	f, ok := to.(*os.File)
	return &progress{to: to, name: name, clock: clock, begun: clock(), terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// begin says where the import begins, and how large the file is.
func (p *progress) begin(from intake.Place, size int64) {
	p.from, p.size, p.lines = from, size, from.Lines
}

// stored shows a batch.
func (p *progress) stored(at intake.Place) error {
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

// bar returns a line of a terminal.
func (p *progress) bar(at intake.Place, now time.Time) string {
	if p.size == 0 {
		return p.name + "  " + p.words(at, now)
	}
	full := int(at.Offset * barWidth / p.size)
	return fmt.Sprintf("%s  [%s%s]  %s", p.name, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), p.words(at, now))
}

// words returns how far it has come, and how fast.
func (p *progress) words(at intake.Place, now time.Time) string {
	var b strings.Builder
	if p.size > 0 {
		fmt.Fprintf(&b, "%d %%, ", at.Offset*100/p.size)
	}
	fmt.Fprintf(&b, "%d lines", at.Lines)
	if s := now.Sub(p.begun).Seconds(); s >= 1 {
		fmt.Fprintf(&b, ", %.0f a second", float64(at.Lines-p.from.Lines)/s)
	}
	if at.Refused > 0 {
		fmt.Fprintf(&b, ", %d refused", at.Refused)
	}
	return b.String()
}

// tell puts a line above the bar.
func (p *progress) tell(line string) {
	p.end()
	fmt.Fprintln(p.to, line)
}

// say tells something of the file.
func (p *progress) say(what string) { p.tell(p.name + ": " + what) }

// end takes the bar away.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.to, "\r\x1b[K")
		p.drawn = false
	}
}
