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

// Interval and limits of reading the inbox.
const (
	inboxEvery       = 5 * time.Minute
	maxInboxPages    = 20 // a page has up to 500 messages
	maxInboxFailures = 3  // after this many failed messages, the rest waits for the next reading
)

// Inbox reads non-delivery reports from the hub's MESH inbox. MESH sends them for messages that it accepted and could
// not deliver, for example because nobody collected them within 5 days. The notification becomes undelivered, which
// raises an alarm, and the report is acknowledged.
//
// Other messages stay in the inbox: the mailbox may have other readers, and MESH sends reports to their senders if
// nobody collects them. Several hubs may read one inbox: a report marks its notification only once.
type Inbox struct {
	mesh   *MESH
	outbox store.Outbox
	clock  func() time.Time
	after  func(time.Duration) <-chan time.Time
	log    *slog.Logger

	// others are the IDs of messages in the inbox that are no reports about this hub's notifications, and for which a
	// warning was logged. The value is true for messages that are no reports at all, which aren't read again.
	others  map[string]bool
	failure string // the error of the last reading; "" if it succeeded
}

// NewInbox returns a reader of the inbox of mesh's mailbox, for the notifications in outbox. after is time.After,
// except in tests.
func NewInbox(mesh *MESH, outbox store.Outbox, clock func() time.Time, after func(time.Duration) <-chan time.Time,
	log *slog.Logger,
) *Inbox {
	return &Inbox{mesh: mesh, outbox: outbox, clock: clock, after: after, log: log, others: make(map[string]bool)}
}

// Run reads the inbox now and every five minutes, until ctx ends. Errors are logged and retried.
func (i *Inbox) Run(ctx context.Context) {
	for ctx.Err() == nil {
		i.attempt(ctx)
		select {
		case <-ctx.Done():
		case <-i.after(inboxEvery):
		}
	}
}

// attempt reads the inbox once. An error that needs repair raises an alarm when it first occurs.
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
		i.log.WarnContext(ctx, "The MESH inbox could not be read. The hub tries again in five minutes.", "error", why)
	} else {
		i.log.ErrorContext(ctx, "ALARM: the MESH inbox cannot be read until an operator fixes the cause: reports "+
			"of failed deliveries are not seen.",
			"error", why, "do", "fix the cause that the error names: mesh.mailbox and the other settings of MESH")
	}
	i.failure = why
}

// read reads the headers of all messages in the inbox, page by page. It continues after a message that fails, but
// returns after a few of them.
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
		i.log.WarnContext(ctx, "The MESH inbox has more messages than the hub reads: reports after them are not seen. "+
			"Collect and acknowledge the messages that are not for this hub.", "looked at", len(there))
	}

	maps.DeleteFunc(i.others, func(id string, _ bool) bool { return !there[id] })
	return errors.Join(failures...)
}

// message reads a message's headers, records the report in them, and acknowledges it if it is about one of the hub's
// notifications. Errors are those of MESH and of the store.
func (i *Inbox) message(ctx context.Context, id string) error {
	headers, err := i.mesh.headers(ctx, id)
	if err != nil || headers == nil {
		return err // without a header, another hub has acknowledged it meanwhile
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
			i.log.WarnContext(ctx, "A message in the MESH inbox is not a report about a notification of this hub. "+
				"It is left there.",
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

// about returns the notification that a report is about, found by the hub's ID or by MESH's ID of the accepted
// message. It returns nil if there is none.
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

// mark records a report about a notification. done reports whether the report may be acknowledged. It may not be if it
// arrived before the sending was recorded; it is read again then. Recording the same report again changes nothing.
func (i *Inbox) mark(ctx context.Context, r report, n store.Notification) (done bool, err error) {
	switch {
	case n.State() == store.Waiting:
		return false, nil
	case n.State() != store.Delivered || r.success || n.Receipt != "" && r.linked != "" &&
		!strings.EqualFold(n.Receipt, r.linked):
		i.log.InfoContext(ctx, "A report of MESH about a notification was ignored: it was already recorded, or is "+
			"about an earlier attempt.",
			"notification", n.ID, "mesh", r.linked)
		return true, nil
	}

	why := text.Clean("MESH reports: "+reasonOf(r.code, r.text), maxErrorLength)
	switch err := i.outbox.Undelivered(ctx, n.ID, n.Receipt, i.clock(), why); {
	case errors.Is(err, store.ErrNotFound): // another hub has recorded it
		return false, nil
	case err != nil:
		return false, err
	}

	i.log.ErrorContext(ctx, "ALARM: MESH did not deliver a notification that it had accepted: an authority was not "+
		"notified of an access.",
		"notification", n.ID, "authority", n.Authority, "mesh", r.linked, "code", r.code, "error", why,
		"do", "ask the authority to collect its MESH messages, then run: wardlight-hub outbox replay "+n.ID)

	return true, nil
}

// report is what the headers of a message in the inbox contain (MESH API; NHSDigital/mesh-sandbox).
type report struct {
	kind, workflow string // without control characters
	isReport       bool
	success        bool
	localID        string // the hub's ID of the message that the report is about
	linked         string // MESH's ID of it, as MESH returned it; without control characters
	code, text     string // without control characters
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

// next returns the query of the next page, or "" if there is none.
func (p inboxPage) next() string {
	u, err := url.Parse(p.Links.Next)
	if err != nil {
		return ""
	}
	return u.RawQuery
}

// list reads a page of the inbox.
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

// headers reads the headers of a message in the inbox, without its body. It returns nil if the message is no longer
// there.
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

// acknowledge removes a message from the inbox.
func (t *MESH) acknowledge(ctx context.Context, id string) error {
	answer, err := t.call(ctx, http.MethodPut, t.path("/inbox/"+url.PathEscape(id)+"/status/acknowledged"), nil, nil)
	if err == nil && answer.status != http.StatusOK {
		err = answer.refusal()
	}
	return err
}
