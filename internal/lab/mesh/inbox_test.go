package mesh_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/lab/mesh"
)

const (
	alarm        = `level=ERROR msg="ALARM: `
	notCollected = "MESH reports: 14 Message not collected by recipient after 5 days"
)

// The council's MESH client is switched off for five days. The hub must process the report, log it, and send again
// when an operator requests it.
func TestWhatNobodyCollectsBecomesUndelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		w.queueNotification("n1")
		w.runs(w.store)
		w.is("n1", store.Delivered, "")
		w.skip(5*day - time.Hour)
		pass(time.Hour - time.Second)
		w.is("n1", store.Delivered, "")
		w.logs(alarm, 0)

		pass(6 * time.Minute)
		w.is("n1", store.Undelivered, notCollected)
		w.acknowledged(1, 1)
		w.logs(alarm, 1)
		w.logs("notification=n1 authority=V999", 1)
		w.logs("code=14", 1)
		if b, err := w.store.Backlog(t.Context()); err != nil || b.Undelivered != 1 || b.Waiting != 0 {
			t.Errorf("Backlog = %+v, %v, want 1 undelivered", b, err)
		}

		pass(time.Hour)
		w.logs(alarm, 1)

		w.replay("n1")
		pass(time.Minute)
		w.is("n1", store.Delivered, "")
		w.collect()
		w.skip(10 * day)
		pass(6 * time.Minute)
		w.is("n1", store.Delivered, "")
		w.acknowledged(1, 1)
		w.logs(alarm, 1)
	})
}

// If the hub stops between recording a report and acknowledging it, or the acknowledgement is lost, it receives the
// report again.
func TestAReportThatWasNotAcknowledgedChangesNothingMore(t *testing.T) {
	for name, replayed := range map[string]bool{
		"and nobody did anything":             false,
		"and the notification was sent again": true,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newFixture(t)
				w.on(func(r *http.Request) error {
					if r.Method == http.MethodPut {
						return errors.New("connection reset")
					}
					return nil
				}, nil)

				w.queueNotification("n1")
				w.runs(w.store)
				w.skip(5 * day)
				pass(6 * time.Minute)
				w.is("n1", store.Undelivered, notCollected)
				w.acknowledged(0, 1)
				w.logs(alarm, 1)
				want, says := store.Undelivered, notCollected
				if replayed {
					w.replay("n1")
					pass(time.Minute)
					want, says = store.Delivered, ""
				}

				w.on(nil, nil)
				pass(6 * time.Minute)
				w.is("n1", want, says)
				w.acknowledged(1, 1)
				w.logs(alarm, 1)
			})
		})
	}
}

// While a notification is waiting to be sent again, its old report must not be acknowledged until the new sending is
// recorded, because sending may fail or be delayed.
func TestAReportIsNotAcknowledgedWhileItsNotificationWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		forgetful := &forgetfulOutbox{Store: w.store, forgets: true}
		w.queueNotification("n1")
		w.runs(forgetful)
		w.is("n1", store.Waiting, "") // MESH has accepted it, but the hub has not received the answer
		first := w.exchange.Messages()[0]
		if err := w.exchange.Report(first.ID, mesh.Unregistered); err != nil {
			t.Fatal(err)
		}

		pass(5 * time.Minute)
		w.acknowledged(0, 1)
		w.is("n1", store.Waiting, "")
		forgetful.set(false)
		pass(6 * time.Minute) // sent again with the same ID, and recorded
		w.is("n1", store.Delivered, "")
		w.acknowledged(1, 1)
		w.logs(alarm, 0)
		sent := w.exchange.Messages()
		if err := w.exchange.Report(sent[len(sent)-1].ID, mesh.Unregistered); err != nil {
			t.Fatal(err)
		}

		pass(5 * time.Minute)
		w.is("n1", store.Undelivered, "MESH reports: 12 Unregistered to address")
		w.logs(alarm, 1)
	})
}

func TestTwoHubsReadOneInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		const many = 20
		for i := range many {
			w.queueNotification(fmt.Sprint("n", i))
		}
		w.runs(w.store)
		w.runs(w.store)
		w.skip(5 * day)
		pass(12 * time.Minute)
		for i := range many {
			w.is(fmt.Sprint("n", i), store.Undelivered, notCollected)
		}
		w.acknowledged(many, many)
		w.logs(alarm, many)
	})
}

// Messages that aren't about this hub's notifications must stay in the inbox, be logged once, and not prevent the
// reading of reports after them.
func TestOtherMessagesStayInTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		council := *w.mesh()
		council.Mailbox, council.Workflow = theirs, "OTHER_WORKFLOW"
		const others = 600 // more than one page
		for i := range others {
			if _, err := council.Deliver(t.Context(), notify.Message{ID: fmt.Sprint("theirs", i), Endpoint: "mesh:" +
				ours, Body: []byte("secret of others")}); err != nil {
				t.Fatal(err)
			}
		}

		elsewhere := *w.mesh()
		if _, err := elsewhere.Deliver(t.Context(), notify.Message{
			ID: "of another system", Endpoint: "mesh:" + theirs,
			Body: []byte("x"),
		}); err != nil {
			t.Fatal(err)
		}

		sent := w.exchange.Messages()
		if err := w.exchange.Report(sent[len(sent)-1].ID, mesh.Unregistered); err != nil {
			t.Fatal(err)
		}

		w.queueNotification("n1")
		fetched := 0
		w.on(nil, func(r *http.Request, _ *http.Response) error {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/inbox/") {
				fetched++
			}
			return nil
		})

		w.runs(w.store)
		sent = w.exchange.Messages()
		if err := w.exchange.Report(sent[len(sent)-1].ID, mesh.Malformed); err != nil {
			t.Fatal(err)
		}

		pass(time.Hour)
		w.is("n1", store.Undelivered, "MESH reports: 06 Malformed control file")
		w.acknowledged(1, 2)
		w.logs("not a report about a notification of this hub", others+1)
		w.logs("workflow=OTHER_WORKFLOW", others)
		for _, m := range w.exchange.Messages() {
			if m.To == ours && m.Report == nil && m.Acknowledged {
				t.Errorf("message of another sender was acknowledged: %+v", m)
			}
		}

		if fetched != 0 {
			t.Errorf("downloaded %d messages of other senders, want none", fetched)
		}
	})
}

// Reports may lack the hub's ID or MESH's ID, refer to a sending whose MESH ID the hub did not store, or report
// success.
func TestHowAReportIsMatched(t *testing.T) {
	for name, c := range map[string]struct {
		without string // name of the missing header
		success bool
		old     bool // delivered by a hub version that did not store MESH's ID
		want    store.NotificationState
	}{
		"by both":                  {"", false, false, store.Undelivered},
		"by MESH's id alone":       {"Mex-LocalID", false, false, store.Undelivered},
		"by our id alone":          {"Mex-LinkedMsgID", false, false, store.Undelivered},
		"of an older hub":          {"", false, true, store.Undelivered},
		"a report of its delivery": {"", true, false, store.Delivered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newFixture(t)
				w.queueNotification("n1")
				w.runs(w.store)
				if c.old {
					if err := w.store.Delivered(t.Context(), "n1", "", time.Now()); err != nil {
						t.Fatal(err)
					}
				}

				w.on(nil, func(_ *http.Request, resp *http.Response) error {
					resp.Header.Del(c.without)
					if c.success {
						resp.Header.Set("Mex-StatusSuccess", "SUCCESS")
					}
					return nil
				})

				w.skip(5 * day)
				pass(6 * time.Minute)
				says := ""
				if c.want == store.Undelivered {
					says = notCollected
				}

				w.is("n1", c.want, says)
				w.acknowledged(1, 1)
			})
		})
	}
}

func TestAnInboxThatCannotBeReadIsSaidAndReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		w.queueNotification("n1")
		w.runs(w.store)
		w.exchange.Fail(http.StatusServiceUnavailable)
		w.skip(5 * day)
		pass(time.Hour)
		w.logs(alarm, 0)
		w.exchange.Fail(http.StatusForbidden)
		pass(time.Hour)
		w.logs(alarm, 1)
		w.logs("ALARM: the MESH inbox cannot be read", 1)
		w.is("n1", store.Delivered, "")
		w.exchange.Fail(0)
		pass(6 * time.Minute)
		w.is("n1", store.Undelivered, notCollected)
		w.acknowledged(1, 1)
		w.logs(alarm, 2)
	})
}

// A message that can't be read must not prevent the reading of others.
func TestOneMessageThatFailsHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFixture(t)
		w.queueNotification("n1")
		w.queueNotification("n2")
		w.runs(w.store)
		w.skip(5 * day)
		broken := ""
		w.on(nil, func(r *http.Request, resp *http.Response) error {
			if r.Method == http.MethodHead && (broken == "" || r.URL.Path == broken) {
				broken, resp.StatusCode = r.URL.Path, http.StatusInternalServerError
			}
			return nil
		})
		pass(6 * time.Minute)
		w.acknowledged(1, 2)
		w.on(nil, nil)
		pass(6 * time.Minute)
		w.acknowledged(2, 2)
		w.is("n1", store.Undelivered, notCollected)
		w.is("n2", store.Undelivered, notCollected)
	})
}
