// Package mesh is a stand-in for the Message Exchange for Social Care and Health (MESH). It stores messages for
// mailboxes and reports undeliverable messages to their senders. It validates tokens by the rule of the MESH API,
// without using code of the hub. Its answers are those of version 2 of the MESH API (NHSDigital/mesh-sandbox).
// Only tests import it.
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

// apiType is the media type of the exchange's own answers (MESH API, version 2).
const apiType = "application/vnd.mesh.v2+json"

// A Mailbox is a mailbox of the exchange.
type Mailbox struct {
	ID, Password string
	Workflows    []string // workflows for which it is registered; nil means all
}

// A Message is a message or a report that the exchange has stored.
type Message struct {
	ID, From, To, Workflow, LocalID, ContentType string
	Body                                         []byte
	Sent                                         time.Time
	Acknowledged                                 bool
	Undelivered                                  bool    // not collected within five days
	Report                                       *Report // nil for a message that isn't a report
}

// Exchange is an http.Handler. Its methods are safe for concurrent use.
type Exchange struct {
	mux       *http.ServeMux
	key       []byte
	clock     func() time.Time
	mailboxes map[string]Mailbox // by ID

	mu         sync.Mutex
	messages   []*Message
	usedTokens map[string]bool // mailbox, nonce and count of used tokens
	refusals   int
	failing    int // status to answer with; 0 means normal operation
}

// NewExchange returns an exchange with the mailboxes. Tokens must be signed with the shared key.
func NewExchange(key []byte, clock func() time.Time, mailboxes ...Mailbox) *Exchange {
	e := &Exchange{
		mux: http.NewServeMux(), key: bytes.Clone(key), clock: clock, mailboxes: make(map[string]Mailbox),
		usedTokens: make(map[string]bool),
	}
	for _, m := range mailboxes {
		e.mailboxes[m.ID] = m
	}
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, string){
		"POST /messageexchange/{mailbox}/outbox":                        e.send,
		"GET /messageexchange/{mailbox}/outbox/tracking":                e.track,
		"GET /messageexchange/{mailbox}/inbox":                          e.list,
		"GET /messageexchange/{mailbox}/inbox/{id}":                     e.fetch, // also HEAD
		"PUT /messageexchange/{mailbox}/inbox/{id}/status/acknowledged": e.acknowledge,
	} {
		e.mux.HandleFunc(pattern, e.guarded(h))
	}
	return e
}

// ServeHTTP implements http.Handler.
func (e *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.mux.ServeHTTP(w, r) }

// Messages returns all messages and reports in order of arrival.
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

// Refusals returns the number of requests whose token was invalid.
func (e *Exchange) Refusals() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refusals
}

// Fail makes the exchange answer every request with the HTTP status, until Fail(0) is called.
func (e *Exchange) Fail(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failing = status
}

// guarded wraps a handler so that requests need a valid token for the mailbox in the path. Mailbox IDs are
// case-insensitive in paths.
func (e *Exchange) guarded(h func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.expire()
		mailbox := strings.ToUpper(r.PathValue("mailbox"))
		switch {
		case e.failing != 0:
			refuse(w, e.failing, "", "", "the exchange is down")
		case !e.useToken(mailbox, r.Header.Get("Authorization")):
			e.refusals++
			refuse(w, http.StatusForbidden, "", "", "Invalid Authentication Token")
		default:
			h(w, r, mailbox)
		}
	}
}

// put assigns an ID to a message and stores it.
func (e *Exchange) put(m *Message) {
	m.Sent = e.clock()
	m.ID = fmt.Sprintf("%s_%s", m.Sent.UTC().Format("20060102150405000000"), rand.Text()[:12])
	e.messages = append(e.messages, m)
}

// find returns the message with the ID for which theirs returns true, or nil if there is none.
func (e *Exchange) find(id string, theirs func(*Message) bool) *Message {
	i := slices.IndexFunc(e.messages, func(m *Message) bool { return m.ID == id && theirs(m) })
	if i < 0 {
		return nil
	}
	return e.messages[i]
}

// refuse writes an error response with an event, a code and a text.
func refuse(w http.ResponseWriter, status int, event, code, what string) {
	answer(w, status, map[string]any{"detail": []any{map[string]string{"event": event, "code": code, "msg": what}}})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", apiType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have disconnected
}
