package mesh

import (
	"fmt"
	"time"
)

// collectWithin is how long a message waits for its receiver.
const collectWithin = 5 * 24 * time.Hour

// The codes of reports (DTS specification; NHSDigital/mesh-sandbox).
const (
	Malformed    = "06"
	Unregistered = "12"
	NotCollected = "14"
)

// textOf is what the exchange says with a code.
var textOf = map[string]string{
	Malformed:    "Malformed control file",
	Unregistered: "Unregistered to address",
	NotCollected: "Message not collected by recipient after 5 days",
}

// Report is what a report of the exchange is about.
type Report struct {
	Linked     string // the exchange's id of the message that was not delivered
	Code, Text string
}

// headers returns those that tell a report from a message.
func (r *Report) headers() map[string]string {
	event := "SEND"
	if r.Code == Malformed {
		event = "TRANSFER"
	}
	return map[string]string{
		"Mex-MessageType": "REPORT", "Mex-Subject": "NDR", "Mex-LinkedMsgID": r.Linked, "Mex-StatusCode": r.Code, "Mex-StatusEvent": event,
		"Mex-StatusDescription": r.Text, "Mex-StatusSuccess": "ERROR",
	}
}

// Report makes the exchange give up a message that it has accepted, with a code of its own, and report that to the
// sender. The error is for a message that it does not have, that was acknowledged or reported before, or a code
// without words.
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

// expire gives up what nobody has collected in time. mu is held.
func (e *Exchange) expire() {
	now := e.clock()
	for _, m := range e.messages {
		if m.Report == nil && !m.Acknowledged && !m.Undelivered && now.Sub(m.Sent) >= collectWithin {
			e.report(m, NotCollected)
		}
	}
}

// report gives up a message and puts a report into its sender's inbox. mu is held.
func (e *Exchange) report(m *Message, code string) {
	m.Undelivered = true
	e.put(&Message{To: m.From, Workflow: m.Workflow, LocalID: m.LocalID, Report: &Report{Linked: m.ID, Code: code, Text: textOf[code]}})
}
