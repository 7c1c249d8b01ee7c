package notify

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/text"
)

// The pace and the bounds of reading the inbox.
const (
	inboxEvery       = 5 * time.Minute
	maxInboxPages    = 20 // a page has up to 500 messages
	maxInboxFailures = 3  // messages that could not be dealt with, after which the rest waits for the next reading
)

// Inbox reads the non-delivery reports that MESH puts into our inbox: about messages that it accepted and could not
// deliver, as those that nobody collected within 5 days. The notification becomes undelivered, which is an alarm, and
// the report is acknowledged.
//
// Other messages are left where they are: the mailbox may have other readers, and MESH reports to their senders what
// nobody collects. Hubs beside each other may read one inbox: a report marks its notification once.
type Inbox struct {
	mesh   *MESH
	outbox store.Outbox
	clock  func() time.Time
	after  func(time.Duration) <-chan time.Time
	log    *slog.Logger

	// others holds the ids of messages in the inbox that are no reports about notifications of ours, and have been
	// warned of. Those that are no reports at all, which are true, are not looked at again.
	others  map[string]bool
	failure string // why the last reading failed; "" where it did not
}

// NewInbox returns a reader of the inbox of mesh's mailbox, for the notifications in outbox. after is time.After, or
// a test's.
func NewInbox(mesh *MESH, outbox store.Outbox, clock func() time.Time, after func(time.Duration) <-chan time.Time, log *slog.Logger) *Inbox {
	return &Inbox{mesh: mesh, outbox: outbox, clock: clock, after: after, log: log, others: make(map[string]bool)}
}

// Run reads the inbox now and every five minutes, until ctx ends. What fails is logged and tried again.
func (i *Inbox) Run(ctx context.Context) {
	for ctx.Err() == nil {
		i.attempt(ctx)
		select {
		case <-ctx.Done():
		case <-i.after(inboxEvery):
		}
	}
}

// attempt reads the inbox once. A failure that needs repair is an alarm when it is met.
func (i *Inbox) attempt(ctx context.Context) {
	err := i.read(ctx)
	switch {
	case err == nil:
		i.failure = ""
		return
	case ctx.Err() != nil:
		return
	}
	why := shortened(err)
	if NeedOf(err) == NeedsTime || why == i.failure {
		i.log.WarnContext(ctx, "The MESH inbox could not be read. It is tried again in five minutes.", "error", why)
	} else {
		i.log.ErrorContext(ctx, "ALARM: the MESH inbox cannot be read until somebody puts something right: what MESH could not deliver stays unknown.",
			"error", why, "do", "put right what the error names: mesh.mailbox and what goes with it")
	}
	i.failure = why
}

// read goes through the inbox, page by page. Each message is looked at by its headers alone. One that can't be dealt
// with does not hide those behind it, but a few of them end the reading.
func (i *Inbox) read(ctx context.Context) error {
	var failures []error
	there := make(map[string]bool)
	next := "max_results=500"
	for range maxInboxPages {
		page, err := i.mesh.list(ctx, next)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, id := range page.Messages {
			there[id] = true
			if i.others[id] {
				continue
			}
			if err := i.message(ctx, id); err != nil {
				failures = append(failures, err)
			}
			if len(failures) == maxInboxFailures {
				return errors.Join(failures...)
			}
		}
		if next = page.next(); next == "" {
			break
		}
	}
	if next != "" {
		i.log.WarnContext(ctx, "The MESH inbox has more messages than are looked at: reports behind them are not seen. "+
			"Collect and acknowledge those that are not this hub's.", "looked at", len(there))
	}
	maps.DeleteFunc(i.others, func(id string, _ bool) bool { return !there[id] })
	return errors.Join(failures...)
}

// message looks at a message, records what it reports, and acknowledges it where it is about a notification of ours.
// An error is one of MESH or of the store.
func (i *Inbox) message(ctx context.Context, id string) error {
	headers, err := i.mesh.headers(ctx, id)
	if err != nil || headers == nil {
		return err // where there is nothing, another hub has acknowledged it meanwhile
	}
	r := reportOf(headers)
	var about *store.Notification
	if r.isReport {
		if about, err = i.about(ctx, r); err != nil {
			return err
		}
	}
	if about == nil {
		if _, warned := i.others[id]; !warned {
			i.log.WarnContext(ctx, "A message in the MESH inbox is no report about a notification of this hub. It is left there.",
				"message", text.Clean(id, maxReason), "type", r.kind, "workflow", r.workflow)
		}
		i.others[id] = !r.isReport
		return nil
	}
	done, err := i.mark(ctx, r, *about)
	if err != nil || !done {
		return err
	}
	return i.mesh.acknowledge(ctx, id)
}

// about finds the notification that a report is about: by our id of it, or by MESH's id of what it accepted. It
// returns nil for none.
func (i *Inbox) about(ctx context.Context, r report) (*store.Notification, error) {
	n, err := i.outbox.Notification(ctx, r.localID)
	switch {
	case err == nil:
		return &n, nil
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	case r.linked == "":
		return nil, nil
	}
	found, err := i.outbox.Notifications(ctx, store.NotificationQuery{Receipt: r.linked, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// mark records what a report says of a notification. It returns whether the report may be acknowledged: one that came
// before its sending was recorded is read again. So is every report that was recorded and not acknowledged; it
// changes nothing then.
func (i *Inbox) mark(ctx context.Context, r report, n store.Notification) (done bool, err error) {
	switch {
	case n.State() == store.Waiting:
		return false, nil
	case n.State() != store.Delivered || r.success || n.Receipt != "" && r.linked != "" && !strings.EqualFold(n.Receipt, r.linked):
		i.log.InfoContext(ctx, "A report of MESH about a notification changes nothing: it was recorded before, or is about an earlier sending.",
			"notification", n.ID, "mesh", r.linked)
		return true, nil
	}
	why := text.Clean("MESH reports: "+reasonOf(r.code, r.text), longError)
	switch err := i.outbox.Undelivered(ctx, n.ID, n.Receipt, i.clock(), why); {
	case errors.Is(err, store.ErrNotFound): // another hub was faster
		return false, nil
	case err != nil:
		return false, err
	}
	i.log.ErrorContext(ctx, "ALARM: MESH did not deliver a notification that it had accepted: an authority does not know of an access.",
		"notification", n.ID, "authority", n.Authority, "mesh", r.linked, "code", r.code, "error", why,
		"do", "ask the authority to collect its MESH messages, then: wardlight-hub outbox replay "+n.ID)
	return true, nil
}

// report is what the headers of a message in our inbox say (MESH API; NHSDigital/mesh-sandbox).
type report struct {
	kind, workflow string // safe to print
	isReport       bool
	success        bool
	localID        string // our id of the message that it is about
	linked         string // MESH's id of it, as its answer to our sending had it; safe to print
	code, text     string // safe to print
}

func reportOf(h http.Header) report {
	printable := func(name string) string { return text.Clean(h.Get(name), maxReason) }
	return report{
		kind: printable("Mex-MessageType"), workflow: printable("Mex-WorkflowID"),
		isReport: strings.EqualFold(h.Get("Mex-MessageType"), "REPORT"),
		success:  strings.EqualFold(h.Get("Mex-StatusSuccess"), "SUCCESS"),
		localID:  h.Get("Mex-LocalID"), linked: printable("Mex-LinkedMsgID"),
		code: printable("Mex-StatusCode"), text: printable("Mex-StatusDescription"),
	}
}

// inboxPage is a page of the inbox (MESH API, version 2).
type inboxPage struct {
	Messages []string
	Links    struct{ Next string }
}

// next returns the query of the page behind this one; "" where there is none.
func (p inboxPage) next() string {
	u, err := url.Parse(p.Links.Next)
	if err != nil {
		return ""
	}
	return u.RawQuery
}

// list reads a page of our inbox.
func (t *MESH) list(ctx context.Context, query string) (page inboxPage, err error) {
	answer, err := t.call(ctx, http.MethodGet, t.path("/inbox?"+query), nil, nil)
	switch {
	case err != nil:
		return page, err
	case answer.status != http.StatusOK:
		return page, answer.refusal()
	case json.Unmarshal(answer.body, &page) != nil:
		return page, errors.New("mesh: the list of the inbox is malformed")
	}
	return page, nil
}

// headers reads the headers of a message in our inbox, without the message; nil where it is no longer there.
func (t *MESH) headers(ctx context.Context, id string) (http.Header, error) {
	answer, err := t.call(ctx, http.MethodHead, t.path("/inbox/"+url.PathEscape(id)), nil, nil)
	switch {
	case err != nil:
		return nil, err
	case answer.status == http.StatusNotFound, answer.status == http.StatusGone:
		return nil, nil
	case answer.status != http.StatusOK:
		return nil, answer.refusal()
	}
	return answer.header, nil
}

// acknowledge takes a message out of our inbox.
func (t *MESH) acknowledge(ctx context.Context, id string) error {
	answer, err := t.call(ctx, http.MethodPut, t.path("/inbox/"+url.PathEscape(id)+"/status/acknowledged"), nil, nil)
	if err == nil && answer.status != http.StatusOK {
		err = answer.refusal()
	}
	return err
}
