// Package mesh is the stand-in for the Message Exchange for Social Care and Health: it takes messages for mailboxes
// and gives them out, reports to their senders what it could not deliver, and judges each call by the exchange's rule
// for tokens alone, without any of the hub's code. It answers as version 2 of the MESH API does
// (NHSDigital/mesh-sandbox).
package mesh

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// apiType is the form of the exchange's own answers (MESH API, version 2).
const apiType = "application/vnd.mesh.v2+json"

// Mailbox is a mailbox of the exchange.
type Mailbox struct {
	ID, Password string
	Workflows    []string // the workflows that it is registered for; nil is all
}

// Message is what the exchange holds.
type Message struct {
	ID, From, To, Workflow, LocalID, ContentType string
	Body                                         []byte
	Sent                                         time.Time
	Acknowledged                                 bool
	Undelivered                                  bool    // nobody collected it within five days
	Report                                       *Report // of a report; nil for a message that somebody sent
}

// Exchange is an http.Handler. Its methods may be called from any goroutine.
type Exchange struct {
	mux       *http.ServeMux
	key       []byte
	clock     func() time.Time
	mailboxes map[string]Mailbox // by id

	mu       sync.Mutex
	messages []*Message
	spent    map[string]bool // mailbox, nonce and count of tokens that have served
	refusals int
	failing  int // the status to answer with; 0: work
}

// NewExchange returns an exchange with those mailboxes, whose tokens are made with the shared key.
func NewExchange(key []byte, clock func() time.Time, mailboxes ...Mailbox) *Exchange {
	e := &Exchange{
		mux: http.NewServeMux(), key: bytes.Clone(key), clock: clock, mailboxes: make(map[string]Mailbox), spent: make(map[string]bool),
	}
	for _, m := range mailboxes {
		e.mailboxes[m.ID] = m
	}
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, string){
		"POST /messageexchange/{mailbox}/outbox":                        e.send,
		"GET /messageexchange/{mailbox}/outbox/tracking":                e.track,
		"GET /messageexchange/{mailbox}/inbox":                          e.list,
		"GET /messageexchange/{mailbox}/inbox/{id}":                     e.fetch, // and HEAD
		"PUT /messageexchange/{mailbox}/inbox/{id}/status/acknowledged": e.acknowledge,
	} {
		e.mux.HandleFunc(pattern, e.guarded(h))
	}
	return e
}

// ServeHTTP implements http.Handler.
func (e *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.mux.ServeHTTP(w, r) }

// Messages lists what was sent and reported, in the order in which it came.
func (e *Exchange) Messages() []Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.expire()
	all := make([]Message, len(e.messages))
	for i, m := range e.messages {
		all[i] = *m
	}
	return all
}

// Refusals counts the calls whose token was not good.
func (e *Exchange) Refusals() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refusals
}

// Fail makes the exchange answer every call with that HTTP status, until Fail(0).
func (e *Exchange) Fail(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failing = status
}

// guarded lets nobody through without a good token for the mailbox of the path, which is read in capital letters.
func (e *Exchange) guarded(h func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.expire()
		mailbox := strings.ToUpper(r.PathValue("mailbox"))
		switch {
		case e.failing != 0:
			refuse(w, e.failing, "", "", "the exchange is down")
		case !e.admits(mailbox, r.Header.Get("Authorization")):
			e.refusals++
			refuse(w, http.StatusForbidden, "", "", "Invalid Authentication Token")
		default:
			h(w, r, mailbox)
		}
	}
}

// put gives a message its id and keeps it.
func (e *Exchange) put(m *Message) {
	m.Sent = e.clock()
	m.ID = fmt.Sprintf("%s_%s", m.Sent.UTC().Format("20060102150405000000"), rand.Text()[:12])
	e.messages = append(e.messages, m)
}

// find finds the message with that id among those that are the mailbox's; nil for none.
func (e *Exchange) find(id string, theirs func(*Message) bool) *Message {
	i := slices.IndexFunc(e.messages, func(m *Message) bool { return m.ID == id && theirs(m) })
	if i < 0 {
		return nil
	}
	return e.messages[i]
}

// refuse answers with an event, a code and words of the exchange's own.
func refuse(w http.ResponseWriter, status int, event, code, what string) {
	answer(w, status, map[string]any{"detail": []any{map[string]string{"event": event, "code": code, "msg": what}}})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", apiType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}
