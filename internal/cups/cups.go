// Package cups prints through CUPS: it lists the print queues of this computer and sends pages to one of them.
//
// It runs CUPS's own programs, lpstat and lp, without a shell. They support every configuration of a site (a server of
// its own, authentication, the user's options), which a second implementation would not. The text of a page is passed
// only to lp's standard input. It never occurs in an argument, a file, the title of the job or an error.
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

// Config configures printing.
type Config struct {
	Environ []string // environment, such as CUPS_SERVER; the language is ignored, because output is parsed
	// Find returns the path of a program. nil means exec.LookPath, and on Windows an error of kind NotOnWindows.
	Find func(program string) (string, error)
	// Timeout is the timeout for one program. Zero means 15 seconds, because CUPS searches for network printers.
	Timeout time.Duration
	// FollowTimeout is how long Follow waits for a page. Zero means 10 seconds.
	FollowTimeout time.Duration
	// Clock and After are the clock and its timers. nil means time.Now and time.After.
	Clock func() time.Time
	After func(time.Duration) <-chan time.Time
}

const defaultTimeout = 15 * time.Second

// Printer gives access to the print queues of this computer. Its methods are safe for concurrent use.
type Printer struct{ cfg Config }

// New returns a Printer for cfg. It runs no program.
func New(cfg Config) *Printer {
	if cfg.Find == nil {
		cfg.Find = find
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.FollowTimeout <= 0 {
		cfg.FollowTimeout = defaultFollow
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	return &Printer{cfg}
}

// jobTitle is the title of every job. Titles are shown in queues, in logs and on cover sheets, so it must not name a
// patient.
const jobTitle = "Wardlight"

// options set the page format for which package paper lays out text. 36 points are half an inch.
var options = []string{
	"document-format=text/plain", "media=A4", "cpi=10", "lpi=6",
	"page-left=36", "page-right=36", "page-top=36", "page-bottom=36",
}

// Queues returns the queues, first the default, then the others by name. If there is no queue, the error is of kind
// NoQueue; if no name can be displayed, of kind BadNames. All errors are *Error.
func (p *Printer) Queues(ctx context.Context) ([]Queue, error) {
	// The options after -l are answered in detail.
	out, _, err := p.run(ctx, "lpstat", nil, "-r", "-d", "-e", "-a", "-l", "-p")
	if errors.As(err, new(*Error)) { // lpstat could not be run
		return nil, err
	}
	queues, passed, running := parse(out) // lpstat fails if any of its questions has no answer, but prints the others
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

// Print sends pages of plain text to a queue and returns the number of the job, such as "ward-7", for Follow. It sends
// nothing to a queue that is stopped or accepts no jobs, because the page would be printed later, when nobody is at
// the printer. All errors are *Error. After one of kind OutcomeUnknown the page may still be printed.
func (p *Printer) Print(ctx context.Context, queue string, page []byte) (job string, err error) {
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
		return "", &Error{Kind: OutcomeUnknown, Err: err}
	case errors.As(err, new(*Error)): // lp could not be run
		return "", err
	case err != nil:
		return "", refused(said, err)
	}

	return jobOf(out), nil
}

// fit returns an error if the queue can't be printed to now.
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
	return &Error{Kind: UnknownQueue, Queue: text.Clean(name, maxName)}
}

// refused returns the error for lp's failure, with its message.
func refused(said string, err error) error {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	line = strings.TrimPrefix(strings.TrimPrefix(line, "lp: "), "Error - ")
	return &Error{Kind: Refused, Message: text.Clean(line, maxMessage), Err: err}
}

// jobOf returns the job number in lp's output, or "" if there is none.
func jobOf(out string) string {
	_, rest, found := strings.Cut(out, "request id is ")
	if !found {
		return ""
	}
	job, _, _ := strings.Cut(rest, " ")
	return text.Clean(strings.TrimSpace(job), maxName)
}

// run runs one of CUPS's programs in the C locale and without a terminal. With a terminal, a program that asks for a
// password would read the keys meant for the screens.
func (p *Printer) run(ctx context.Context, program string, in []byte, args ...string) (out, said string, err error) {
	path, err := p.cfg.Find(program)
	switch {
	case errors.As(err, new(*Error)):
		return "", "", err
	case err != nil:
		return "", "", &Error{Kind: Missing, Err: err}
	}

	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = withoutLanguage(p.cfg.Environ)
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = noTerminal()
	var stdout, stderr limitedBuffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return "", "", &Error{Kind: TimedOut, Err: ctx.Err()}
	}

	return stdout.String(), stderr.String(), err
}

// withoutLanguage returns the environment with the C locale, so that output can be parsed.
func withoutLanguage(environ []string) []string {
	out := make([]string, 0, len(environ)+1)
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); !strings.HasPrefix(name, "LC_") && name != "LANG" &&
			name != "LANGUAGE" {
			out = append(out, entry)
		}
	}
	return append(out, "LC_ALL=C")
}

// maxOutput is the maximum size of an output in bytes. It is enough for thousands of queues.
const maxOutput = 1 << 20

// limitedBuffer is a buffer that discards what exceeds maxOutput.
type limitedBuffer struct{ bytes.Buffer }

func (c *limitedBuffer) Write(b []byte) (int, error) {
	if avail := maxOutput - c.Len(); avail > 0 {
		c.Buffer.Write(b[:min(len(b), avail)])
	}
	return len(b), nil
}
