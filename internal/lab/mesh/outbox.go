package mesh

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxBody is the maximum size of a message in bytes. It is more than any notification needs.
const maxBody = 256 << 10

// send stores a message from one mailbox for another. Errors have the codes of the real exchange.
func (e *Exchange) send(w http.ResponseWriter, r *http.Request, from string) {
	m := &Message{
		From: r.Header.Get("Mex-From"), To: strings.ToUpper(r.Header.Get("Mex-To")),
		Workflow: r.Header.Get("Mex-WorkflowID"),
		LocalID:  r.Header.Get("Mex-LocalID"), ContentType: r.Header.Get("Content-Type"),
	}

	to, known := e.mailboxes[m.To]
	switch {
	case m.To == "":
		refuse(w, http.StatusBadRequest, "SEND", "08", "TO_DTS missing")
		return
	case m.From != from || m.Workflow == "":
		refuse(w, http.StatusBadRequest, "TRANSFER", Malformed, textOf[Malformed])
		return
	case !known:
		refuse(w, http.StatusExpectationFailed, "SEND", Unregistered, textOf[Unregistered])
		return
	case to.Workflows != nil && !slices.Contains(to.Workflows, m.Workflow):
		refuse(w, http.StatusExpectationFailed, "SEND", "17", "Workflow ID not registered for mailbox")
		return
	}

	var err error
	if m.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil || len(m.Body) == 0 {
		refuse(w, http.StatusExpectationFailed, "COLLECT", "02", "Data file is missing or inaccessible.")
		return
	}

	e.put(m)
	answer(w, http.StatusAccepted, map[string]string{"message_id": m.ID})
}

func (e *Exchange) track(w http.ResponseWriter, r *http.Request, mailbox string) {
	m := e.find(r.URL.Query().Get("messageID"), func(m *Message) bool { return m.From == mailbox })
	if m == nil {
		refuse(w, http.StatusNotFound, "RECEIVE", "20", "Message does not exist")
		return
	}
	status := "accepted"
	switch {
	case m.Undelivered:
		status = "undeliverable"
	case m.Acknowledged:
		status = "acknowledged"
	}
	answer(w, http.StatusOK, map[string]string{"message_id": m.ID, "local_id": m.LocalID, "status": status})
}
