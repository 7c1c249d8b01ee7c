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

// notificationsPath is where an authority looks its notifications up.
const notificationsPath = "/la/notifications"

// How many notifications are on a page.
const (
	usualPage = 100
	mostPage  = 500
)

// notifications returns GET /la/notifications: what the authority was or is to be told, delivered or not, oldest
// first. Of a message that is not kept any more it says so, in its place. To look them up changes nothing: what waits is
// delivered all the same.
func (a *API) notifications(c *call) (*answer, error) {
	q, err := notificationsAsked(c.query)
	if err != nil {
		return nil, err
	}
	page := q.Limit
	q.Authority, q.Limit = c.authority.Code, page+1 // one more tells whether there is a next page
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
		b.Total = nil // it would be the page's, and R4 means that of all pages
	}
	if more {
		b.Link = []fhir.BundleLink{{Relation: "next", URL: a.Issuer + notificationsPath + "?" + nextPage(c.query, found[page-1].Ordinal)}}
	}
	got.body, err = marshal(b)
	return got, err
}

// bodyGone returns what stands in the place of a message that is not kept any more.
func bodyGone(n store.Notification) *fhir.OperationOutcome {
	return fhir.NewOutcome("information", "deleted", "RESOURCE_NOT_FOUND", spine["RESOURCE_NOT_FOUND"].display,
		"Notification "+n.ID+" of "+stamp(n.Created)+" was delivered on "+stamp(n.Delivered)+". Its message is not kept any more.")
}

// nextPage returns the query that goes on after a place.
func nextPage(query url.Values, after int64) string {
	next := url.Values{"after": {strconv.FormatInt(after, 10)}}
	for _, name := range []string{"from", "to", "_count"} {
		if query.Has(name) {
			next[name] = query[name]
		}
	}
	return next.Encode()
}

// notificationsAsked reads from (included) and to (not), both RFC 3339 and neither required; after and _count.
func notificationsAsked(query url.Values) (store.NotificationQuery, error) {
	q := store.NotificationQuery{Limit: usualPage}
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
			if q.Limit, err = strconv.Atoi(s); err == nil && (q.Limit < 1 || q.Limit > mostPage) {
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
