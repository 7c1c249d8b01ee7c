package cups

import (
	"context"
	"errors"
	"strings"
	"time"

	"wardlight/internal/text"
)

// Times for Follow: how long it waits, and the polling interval.
const (
	defaultFollow = 10 * time.Second
	lookEvery     = 500 * time.Millisecond
)

// Follow waits until a job that Print returned has left its queue, at most for Config.Follow. All errors are *Error:
// Waiting if the page is still in the queue; Aborted if the print service will not print it; OutcomeUnknown if the
// state is unknown.
func (p *Printer) Follow(ctx context.Context, job string) error {
	queue, ok := queueOf(job)
	if !ok {
		return &Error{Kind: OutcomeUnknown, Err: errors.New("no number of a job")}
	}

	for until := p.cfg.Clock().Add(p.cfg.FollowTimeout); ; {
		at, err := p.look(ctx, queue, job)
		switch {
		case err != nil:
			return &Error{Kind: OutcomeUnknown, Queue: queue, Err: err}
		case !at.queued:
			return p.ended(ctx, queue, job, at.printer)
		case !p.cfg.Clock().Before(until):
			return &Error{Kind: Waiting, Queue: queue, Job: job, Message: at.reason()}
		}
		select {
		case <-p.cfg.After(lookEvery):
		case <-ctx.Done():
			return &Error{Kind: OutcomeUnknown, Queue: queue, Err: ctx.Err()}
		}
	}
}

// Cancel cancels a job. All errors are *Error: Gone if the page was no longer in the queue; NotCancelled if it may
// still be printed.
func (p *Printer) Cancel(ctx context.Context, job string) error {
	queue, ok := queueOf(job)
	if !ok {
		return &Error{Kind: NotCancelled, Err: errors.New("no number of a job")}
	}
	_, said, failed := p.run(ctx, "cancel", nil, job)
	at, err := p.look(ctx, queue, job)
	switch {
	case err != nil || at.queued:
		return &Error{Kind: NotCancelled, Queue: queue, Message: firstLine(said), Err: errors.Join(failed, err)}
	case failed != nil:
		return &Error{Kind: NotInQueue, Queue: queue, Err: failed}
	}
	return nil
}

// queueOf returns the queue of a job: "ward" for "ward-7".
func queueOf(job string) (queue string, ok bool) {
	at := strings.LastIndexByte(job, '-')
	if at < 0 || at == len(job)-1 || strings.ContainsFunc(job[at+1:], func(r rune) bool { return r < '0' || r > '9' }) {
		return "", false
	}
	return job[:at], isSafeName(job[:at])
}

// jobState is the state of a job at one time.
type jobState struct {
	queued  bool   // it is in the queue
	job     string // message about the job, sanitised
	printer Queue
	message string // message about the printer, sanitised
}

// reason returns the reason why the page has not been printed, if it is known. The printer's reasons take precedence
// over free text.
func (l jobState) reason() string {
	switch {
	case l.printer.Reason != "":
		return "the printer is " + l.printer.Reason + "."
	case l.job != "":
		return l.job
	}
	return l.message
}

// look reads the state of a job and its queue. The error is not nil if CUPS doesn't know the queue.
func (p *Printer) look(ctx context.Context, queue, job string) (jobState, error) {
	out, said, err := p.run(ctx, "lpstat", nil, "-l", "-W", "not-completed", "-o", queue, "-p", queue)
	if err != nil || !strings.Contains(out, "printer "+queue+" ") {
		return jobState{}, errors.Join(err, errors.New(firstLine(said)))
	}

	var l jobState
	var of string
	details := false // in the lines about the printer; lines before them are free text
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		detail, isDetail := strings.CutPrefix(line, "\t")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case !isDetail:
			of, details = words[0], false
			l.queued = l.queued || of == job
		case of == job && strings.HasPrefix(detail, "Status: "):
			l.job = text.Clean(strings.TrimPrefix(detail, "Status: "), maxMessage)
		case of == "printer" && (details || detail == "Form mounted:"):
			details = true
		case of == "printer" && l.message == "":
			l.message = text.Clean(detail, maxMessage)
		}
	}

	queues, _, _ := parse(out)
	for _, q := range queues {
		if q.Name == queue {
			l.printer = q
		}
	}

	if l.printer.State == Stopped && l.printer.Reason == "" {
		l.printer.Reason = "stopped"
	}

	return l, nil
}

// ended returns the outcome of a job that has left its queue. lpstat lists printed and aborted jobs alike. They are
// distinguished by the error of cancelling, which has no effect on a completed job. If the print service keeps no job
// history, the page counts as printed unless the printer reported an error.
func (p *Printer) ended(ctx context.Context, queue, job string, last Queue) error {
	over, _, err := p.run(ctx, "lpstat", nil, "-W", "completed", "-o", queue)
	said := ""
	switch {
	case err != nil:
	case !strings.Contains("\n"+over, "\n"+job+" "):
		if last.Reason == "" && last.State != Stopped {
			return nil
		}
	default:
		_, said, err = p.run(ctx, "cancel", nil, job)
	}
	switch {
	case strings.Contains(said, "already completed"):
		return nil
	case strings.Contains(said, "already aborted"), strings.Contains(said, "already canceled"):
		return &Error{Kind: Aborted, Queue: queue}
	}
	return &Error{Kind: OutcomeUnknown, Queue: queue, Err: errors.Join(err, errors.New(firstLine(said)))}
}

// firstLine returns the first line of a program's output, sanitised.
func firstLine(said string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	return text.Clean(line, maxMessage)
}
