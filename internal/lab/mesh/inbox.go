package mesh

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Limits and default for the page size of an inbox.
const (
	minPage     = 10
	defaultPage = 500
	maxPage     = 5000
)

// list writes a page of a mailbox's inbox: the messages that are neither acknowledged nor undelivered.
func (e *Exchange) list(w http.ResponseWriter, r *http.Request, mailbox string) {
	query, page := r.URL.Query(), defaultPage
	if given := query.Get("max_results"); given != "" {
		var err error
		if page, err = strconv.Atoi(given); err != nil || page < minPage || page > maxPage {
			refuse(w, http.StatusBadRequest, "", "", "max_results: from 10 to 5000")
			return
		}
	}

	ids := []string{}
	for _, m := range e.messages {
		if m.To == mailbox && !m.Acknowledged && !m.Undelivered {
			ids = append(ids, m.ID)
		}
	}

	there := len(ids)
	if i := slices.Index(ids, query.Get("continue_from")); i >= 0 {
		ids = ids[i+1:]
	}

	path := "/messageexchange/" + mailbox + "/inbox"
	links := map[string]string{"self": path}
	if len(ids) > page {
		ids = ids[:page]
		links["next"] = path + "?" + url.Values{
			"max_results":   {strconv.Itoa(page)},
			"continue_from": {ids[page-1]},
		}.Encode()
	}

	answer(w, http.StatusOK, map[string]any{"messages": ids, "approx_inbox_count": there, "links": links})
}

// fetch writes the headers of a message and, unless it is a report, its body.
func (e *Exchange) fetch(w http.ResponseWriter, r *http.Request, mailbox string) {
	m := e.inbox(r, mailbox)
	switch {
	case m == nil:
		refuse(w, http.StatusNotFound, "RECEIVE", "20", "Message does not exist")
		return
	case m.Undelivered:
		refuse(w, http.StatusGone, "SEND", "", "Message no longer available for download")
		return
	}

	headers := map[string]string{
		"Content-Type": m.ContentType, "Mex-From": m.From, "Mex-To": m.To, "Mex-WorkflowID": m.Workflow,
		"Mex-LocalID":   m.LocalID,
		"Mex-MessageID": m.ID, "Mex-MessageType": "DATA", "Mex-Version": "1.0", "Mex-AddressType": "ALL",
		"Mex-StatusCode": "00", "Mex-StatusEvent": "TRANSFER",
		"Mex-StatusDescription": "Transferred to recipient mailbox",
		"Mex-StatusSuccess":     "SUCCESS", "Mex-StatusTimestamp": m.Sent.UTC().Format("20060102150405"),
	}

	if m.Report != nil {
		for name, value := range m.Report.headers() {
			headers[name] = value
		}
	}

	for name, value := range headers {
		if value != "" { // omitted if empty, such as the sender of a report
			w.Header().Set(name, value)
		}
	}

	_, _ = w.Write(m.Body) // the client may have disconnected
}

func (e *Exchange) acknowledge(w http.ResponseWriter, r *http.Request, mailbox string) {
	m := e.inbox(r, mailbox)
	if m == nil {
		refuse(w, http.StatusNotFound, "RECEIVE", "20", "Message does not exist")
		return
	}
	m.Acknowledged = m.Acknowledged || !m.Undelivered
	w.WriteHeader(http.StatusOK)
}

// inbox returns the message in the mailbox's inbox that the path names, or nil.
func (e *Exchange) inbox(r *http.Request, mailbox string) *Message {
	return e.find(r.PathValue("id"), func(m *Message) bool { return m.To == mailbox })
}
