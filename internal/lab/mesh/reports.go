package mesh

import (
	"fmt"
	"time"
)

// collectTimeout is the time after which an uncollected message is undelivered.
const collectTimeout = 5 * 24 * time.Hour

// The codes of reports (DTS specification; NHSDigital/mesh-sandbox).
const (
	Malformed    = "06"
	Unregistered = "12"
	NotCollected = "14"
)

// textOf maps report codes to their texts.
var textOf = map[string]string{
	Malformed:    "Malformed control file",
	Unregistered: "Unregistered to address",
	NotCollected: "Message not collected by recipient after 5 days",
}

// A Report is the content of a non-delivery report.
type Report struct {
	Linked     string // MESH's ID of the undelivered message
	Code, Text string
}

// headers returns the headers that distinguish a report from a message.
func (r *Report) headers() map[string]string {
	event := "SEND"
	if r.Code == Malformed {
		event = "TRANSFER"
	}
	return map[string]string{
		"Mex-MessageType": "REPORT", "Mex-Subject": "NDR", "Mex-LinkedMsgID": r.Linked, "Mex-StatusCode": r.Code,
		"Mex-StatusEvent":       event,
		"Mex-StatusDescription": r.Text, "Mex-StatusSuccess": "ERROR",
	}
}

// Report makes the exchange treat an accepted message as undelivered and report it to the sender with the code. It
// returns an error if there is no such message, if it was acknowledged or reported before, or if the code is unknown.
func (e *Exchange) Report(id, code string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.find(id, func(m *Message) bool { return m.Report == nil && !m.Acknowledged && !m.Undelivered })
	if m == nil || textOf[code] == "" {
		return fmt.Errorf("no message %s to be reported with code %q", id, code)
	}
	e.report(m, code)
	return nil
}

// expire reports the messages that have not been collected in time. The caller must hold mu.
func (e *Exchange) expire() {
	now := e.clock()
	for _, m := range e.messages {
		if m.Report == nil && !m.Acknowledged && !m.Undelivered && now.Sub(m.Sent) >= collectTimeout {
			e.report(m, NotCollected)
		}
	}
}

// report marks a message as undelivered and stores a report for its sender. The caller must hold mu.
func (e *Exchange) report(m *Message, code string) {
	m.Undelivered = true
	e.put(&Message{To: m.From, Workflow: m.Workflow, LocalID: m.LocalID, Report: &Report{
		Linked: m.ID, Code: code,
		Text: textOf[code],
	}})
}
