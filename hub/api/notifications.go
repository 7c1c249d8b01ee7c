package api

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// notificationsPath is the path at which an authority reads its notifications.
const notificationsPath = "/la/notifications"

// Number of notifications on a page.
const (
	defaultPage = 100
	maxPage     = 500
)

// notifications answers GET /la/notifications with the authority's notifications, delivered or not, oldest first. A
// deleted message is replaced by an OperationOutcome. Reading changes nothing: waiting notifications are still
// delivered.
func (a *API) notifications(c *call) (*answer, error) {
	q, err := notificationsAsked(c.query)
	if err != nil {
		return nil, err
	}

	page := q.Limit
	q.Authority, q.Limit = c.authority.Code, page+1 // one more, to find out whether there is a next page
	found, err := a.Outbox.Notifications(c.ctx, q)
	if err != nil {
		return nil, err
	}

	b := fhir.NewSearchset(stamp(c.now))
	more := len(found) > page
	if more {
		found = found[:page]
	}

	got := &answer{}
	for _, n := range found {
		if len(n.Body) == 0 {
			if err := b.Outcome("urn:uuid:"+n.ID, bodyGone(n)); err != nil {
				return nil, err
			}
			continue
		}
		if err := b.Match("urn:uuid:"+n.ID, nil, json.RawMessage(n.Body)); err != nil {
			return nil, err
		}
		if about, ok := notify.About(n.Body); ok && !slices.Contains(got.patients, about) {
			got.patients = append(got.patients, about)
		}
	}

	if more || q.After != 0 {
		b.Total = nil // it would be the number on the page, but R4 defines it as that of all pages
	}

	if more {
		b.Link = []fhir.BundleLink{{Relation: "next", URL: a.Issuer + notificationsPath + "?" +
			nextPage(c.query, found[page-1].Ordinal)}}
	}

	got.body, err = marshal(b)
	return got, err
}

// bodyGone returns the OperationOutcome that replaces a deleted message.
func bodyGone(n store.Notification) *fhir.OperationOutcome {
	return fhir.NewOutcome("information", "deleted", "RESOURCE_NOT_FOUND", spine["RESOURCE_NOT_FOUND"].display,
		"Notification "+n.ID+" of "+stamp(n.Created)+" was delivered on "+stamp(n.Delivered)+
			". Its message has been deleted (retention period).")
}

// nextPage returns the query for the notifications after an ordinal.
func nextPage(query url.Values, after int64) string {
	next := url.Values{"after": {strconv.FormatInt(after, 10)}}
	for _, name := range []string{"from", "to", "_count"} {
		if query.Has(name) {
			next[name] = query[name]
		}
	}
	return next.Encode()
}

// notificationsAsked parses the parameters: from (inclusive) and to (exclusive), both RFC 3339 and optional; after and
// _count.
func notificationsAsked(query url.Values) (store.NotificationQuery, error) {
	q := store.NotificationQuery{Limit: defaultPage}
	if err := unknownParameters(query, "from", "to", "after", "_count"); err != nil {
		return q, err
	}

	for _, p := range []struct {
		name string
		read func(string) error
	}{
		{"from", func(s string) (err error) { q.From, err = time.Parse(time.RFC3339, s); return err }},
		{"to", func(s string) (err error) { q.To, err = time.Parse(time.RFC3339, s); return err }},
		{"after", func(s string) (err error) {
			if q.After, err = strconv.ParseInt(s, 10, 64); err == nil && q.After < 0 {
				err = errors.New("no place")
			}
			return err
		}},
		{"_count", func(s string) (err error) {
			if q.Limit, err = strconv.Atoi(s); err == nil && (q.Limit < 1 || q.Limit > maxPage) {
				err = errors.New("no page")
			}
			return err
		}},
	} {
		values, given := query[p.name]
		if given && (len(values) != 1 || p.read(values[0]) != nil) {
			return q, badRequest("INVALID_VALUE", "Invalid value - '%s' in field '%s'", values[0], p.name)
		}
	}

	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return q, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'to is before from'")
	}

	return q, nil
}
