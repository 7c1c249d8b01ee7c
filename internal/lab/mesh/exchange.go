// Package mesh is the stand-in for the Message Exchange for Social Care and Health: it takes messages for mailboxes and gives them
// out, and judges each call by the exchange's rule for tokens alone, without any of the hub's code.
package mesh

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBody is more than any notification needs, in bytes.
const maxBody = 256 << 10

// apiType is the form of the exchange's own answers (MESH API, version 2).
const apiType = "application/vnd.mesh.v2+json"

// Mailbox is a mailbox of the exchange.
type Mailbox struct{ ID, Password string }

// Message is what the exchange holds.
type Message struct {
	ID, From, To, Workflow, LocalID, ContentType string
	Body                                         []byte
	Acknowledged                                 bool
}

// Exchange is an http.Handler. Its methods may be called from any goroutine.
type Exchange struct {
	mux       *http.ServeMux
	key       []byte
	clock     func() time.Time
	mailboxes map[string]string // id -> password

	mu       sync.Mutex
	messages []*Message
	spent    map[string]bool // mailbox, nonce and count of tokens that have served
	refusals int
	failing  int // the status to answer with; 0: work
}

// NewExchange is an exchange with those mailboxes, whose tokens are made with the shared key.
func NewExchange(key []byte, clock func() time.Time, mailboxes ...Mailbox) *Exchange {
	e := &Exchange{
		mux: http.NewServeMux(), key: bytes.Clone(key), clock: clock, mailboxes: make(map[string]string), spent: make(map[string]bool),
	}
	for _, m := range mailboxes {
		e.mailboxes[m.ID] = m.Password
	}
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, string){
		"POST /messageexchange/{mailbox}/outbox":                        e.send,
		"GET /messageexchange/{mailbox}/outbox/tracking":                e.track,
		"GET /messageexchange/{mailbox}/inbox":                          e.list,
		"GET /messageexchange/{mailbox}/inbox/{id}":                     e.fetch,
		"PUT /messageexchange/{mailbox}/inbox/{id}/status/acknowledged": e.acknowledge,
	} {
		e.mux.HandleFunc(pattern, e.guarded(h))
	}
	return e
}

// ServeHTTP implements http.Handler.
func (e *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.mux.ServeHTTP(w, r) }

// Messages lists what was sent, in the order in which it came.
func (e *Exchange) Messages() []Message {
	e.mu.Lock()
	defer e.mu.Unlock()
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

// guarded lets nobody through without a good token for the mailbox of the path.
func (e *Exchange) guarded(h func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		mailbox := r.PathValue("mailbox")
		switch {
		case e.failing != 0:
			refuse(w, e.failing, "the exchange is down")
		case !e.admits(mailbox, r.Header.Get("Authorization")):
			e.refusals++
			refuse(w, http.StatusForbidden, "the token is not good")
		default:
			h(w, r, mailbox)
		}
	}
}

func (e *Exchange) send(w http.ResponseWriter, r *http.Request, from string) {
	m := &Message{
		From: r.Header.Get("Mex-From"), To: r.Header.Get("Mex-To"), Workflow: r.Header.Get("Mex-WorkflowID"), LocalID: r.Header.Get("Mex-LocalID"),
		ContentType: r.Header.Get("Content-Type"),
	}
	_, known := e.mailboxes[m.To]
	switch {
	case m.From != from || m.Workflow == "":
		refuse(w, http.StatusBadRequest, "mex-from or mex-workflowid")
		return
	case !known:
		refuse(w, http.StatusExpectationFailed, "nobody is registered to that mailbox")
		return
	}
	var err error
	if m.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil || len(m.Body) == 0 {
		refuse(w, http.StatusBadRequest, "the message could not be read")
		return
	}
	m.ID = fmt.Sprintf("%s_%s", e.clock().UTC().Format("20060102150405000000"), rand.Text()[:12])
	e.messages = append(e.messages, m)
	answer(w, http.StatusAccepted, map[string]string{"message_id": m.ID})
}

func (e *Exchange) list(w http.ResponseWriter, _ *http.Request, mailbox string) {
	ids := []string{}
	for _, m := range e.messages {
		if m.To == mailbox && !m.Acknowledged {
			ids = append(ids, m.ID)
		}
	}
	answer(w, http.StatusOK, map[string]any{"messages": ids})
}

// inbox finds a message of the mailbox's inbox by the path.
func (e *Exchange) inbox(r *http.Request, mailbox string) *Message {
	i := slices.IndexFunc(e.messages, func(m *Message) bool { return m.ID == r.PathValue("id") && m.To == mailbox })
	if i < 0 {
		return nil
	}
	return e.messages[i]
}

func (e *Exchange) fetch(w http.ResponseWriter, r *http.Request, mailbox string) {
	m := e.inbox(r, mailbox)
	if m == nil {
		refuse(w, http.StatusNotFound, "no such message")
		return
	}
	for name, value := range map[string]string{
		"Content-Type": m.ContentType, "Mex-From": m.From, "Mex-To": m.To, "Mex-WorkflowID": m.Workflow, "Mex-LocalID": m.LocalID, "Mex-MessageID": m.ID,
	} {
		w.Header().Set(name, value)
	}
	_, _ = w.Write(m.Body) // whoever asked has gone
}

func (e *Exchange) acknowledge(w http.ResponseWriter, r *http.Request, mailbox string) {
	m := e.inbox(r, mailbox)
	if m == nil {
		refuse(w, http.StatusNotFound, "no such message")
		return
	}
	m.Acknowledged = true
	answer(w, http.StatusOK, map[string]string{"messageId": m.ID})
}

func (e *Exchange) track(w http.ResponseWriter, r *http.Request, mailbox string) {
	id := r.URL.Query().Get("messageID")
	i := slices.IndexFunc(e.messages, func(m *Message) bool { return m.ID == id && m.From == mailbox })
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such message")
		return
	}
	status := "accepted"
	if e.messages[i].Acknowledged {
		status = "acknowledged"
	}
	answer(w, http.StatusOK, map[string]string{"message_id": id, "local_id": e.messages[i].LocalID, "status": status})
}

func refuse(w http.ResponseWriter, status int, what string) {
	answer(w, status, map[string]string{"errorDescription": strings.TrimSpace(what)})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", apiType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}
