// Package cups prints through CUPS: it lists the print queues of this computer and sends pages to one of them.
//
// It runs CUPS's own programs, lpstat and lp, without a shell. They know every way in which a site may have set
// printing up (a server of its own, authentication, the user's options), which a second implementation would not. The
// text of a page goes to lp's standard input alone: it is never an argument, in a file of ours, in the title of the
// job, or in an error.
package cups

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"wardlight/internal/text"
)

// Config is what printing needs from outside.
type Config struct {
	Environ []string // of the process: CUPS_SERVER and its like are obeyed. The language is not: the answers are read
	// Find is the path of a program; nil means exec.LookPath, and on Windows an error of kind NotOnWindows.
	Find func(program string) (string, error)
	// Most is how long one program may take; zero means 15 seconds, as network printers are looked for.
	Most time.Duration
	// Follow is how long a page is followed; zero means 10 seconds.
	Follow time.Duration
	// Clock and After are the time, and its timers; nil means time.Now and time.After.
	Clock func() time.Time
	After func(time.Duration) <-chan time.Time
}

const usualMost = 15 * time.Second

// Printing is the print queues of this computer. Its methods may be called from any goroutine.
type Printing struct{ cfg Config }

// New returns printing by cfg. It asks nobody.
func New(cfg Config) *Printing {
	if cfg.Find == nil {
		cfg.Find = find
	}
	if cfg.Most <= 0 {
		cfg.Most = usualMost
	}
	if cfg.Follow <= 0 {
		cfg.Follow = defaultFollow
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	return &Printing{cfg}
}

// jobTitle is the title of every job. Titles stand in queues, in logs and on cover sheets, so there is no patient in
// it.
const jobTitle = "Wardlight"

// options are how the page is to be set: as package paper lays it out. Half an inch is 36 points.
var options = []string{
	"document-format=text/plain", "media=A4", "cpi=10", "lpi=6",
	"page-left=36", "page-right=36", "page-top=36", "page-bottom=36",
}

// Queues lists the queues, the default first, then by name. No queue is an error of kind NoQueue, and none but such
// as have names that cannot be shown one of kind BadNames. All errors are *Error.
func (p *Printing) Queues(ctx context.Context) ([]Queue, error) {
	out, _, err := p.run(ctx, "lpstat", nil, "-r", "-d", "-e", "-a", "-l", "-p") // what comes after -l is told at length
	if errors.As(err, new(*Error)) {                                             // lpstat did not run to its end
		return nil, err
	}
	queues, passed, running := parse(out) // lpstat fails when one of its questions has no answer; the others have theirs
	switch {
	case !running:
		return nil, &Error{Kind: NoService, Err: err}
	case len(queues) == 0 && passed > 0:
		return nil, &Error{Kind: BadNames, Err: err}
	case len(queues) == 0:
		return nil, &Error{Kind: NoQueue, Err: err}
	}
	return queues, nil
}

// Print sends pages of plain text to a queue and gives the number of the job, as "ward-7", for Follow. A queue that
// is stopped or takes no jobs is sent nothing: the page would come out at some later time, with nobody beside it. All
// errors are *Error; after one of kind Unsettled the page may come out all the same.
func (p *Printing) Print(ctx context.Context, queue string, page []byte) (job string, err error) {
	queues, err := p.Queues(ctx)
	if err != nil {
		return "", err
	}
	if err := fit(queues, queue); err != nil {
		return "", err
	}
	args := []string{"-d", queue, "-t", jobTitle}
	for _, o := range options {
		args = append(args, "-o", o)
	}
	out, said, err := p.run(ctx, "lp", page, args...)
	switch {
	case errors.Is(err, &Error{Kind: TimedOut}):
		return "", &Error{Kind: Unsettled, Err: err}
	case errors.As(err, new(*Error)): // lp did not run
		return "", err
	case err != nil:
		return "", refused(said, err)
	}
	return jobOf(out), nil
}

// fit reports why a queue can't be printed to now; nil when it can.
func fit(queues []Queue, name string) error {
	for _, q := range queues {
		if q.Name != name {
			continue
		}
		switch q.State {
		case Stopped:
			return &Error{Kind: PrinterStopped, Queue: name}
		case Refusing:
			return &Error{Kind: NotAccepting, Queue: name}
		default:
			return nil
		}
	}
	return &Error{Kind: UnknownQueue, Queue: text.Clean(name, mostName)}
}

// refused returns what lp said when it failed.
func refused(said string, err error) error {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	line = strings.TrimPrefix(strings.TrimPrefix(line, "lp: "), "Error - ")
	return &Error{Kind: Refused, Said: text.Clean(line, mostSaid), Err: err}
}

// jobOf returns the number of the job that lp gave, "" when it said something else.
func jobOf(out string) string {
	_, rest, found := strings.Cut(out, "request id is ")
	if !found {
		return ""
	}
	job, _, _ := strings.Cut(rest, " ")
	return text.Clean(strings.TrimSpace(job), mostName)
}

// run runs one of CUPS's programs. Its answer comes without the language of the user, and it has no terminal: asked
// for a password it would take the keys from the screens.
func (p *Printing) run(ctx context.Context, program string, in []byte, args ...string) (out, said string, err error) {
	path, err := p.cfg.Find(program)
	switch {
	case errors.As(err, new(*Error)):
		return "", "", err
	case err != nil:
		return "", "", &Error{Kind: Missing, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Most)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = withoutLanguage(p.cfg.Environ)
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = noTerminal()
	var stdout, stderr capped
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return "", "", &Error{Kind: TimedOut, Err: ctx.Err()}
	}
	return stdout.String(), stderr.String(), err
}

// withoutLanguage returns the environment with the language that the answers are read in.
func withoutLanguage(environ []string) []string {
	out := make([]string, 0, len(environ)+1)
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); !strings.HasPrefix(name, "LC_") && name != "LANG" && name != "LANGUAGE" {
			out = append(out, entry)
		}
	}
	return append(out, "LC_ALL=C")
}

// mostAnswer is how much of an answer is kept: thousands of queues.
const mostAnswer = 1 << 20

// capped is a buffer that keeps the beginning.
type capped struct{ bytes.Buffer }

func (c *capped) Write(b []byte) (int, error) {
	if room := mostAnswer - c.Len(); room > 0 {
		c.Buffer.Write(b[:min(len(b), room)])
	}
	return len(b), nil
}
