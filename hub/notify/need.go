package notify

import (
	"errors"
	"fmt"
	"net/http"
)

// Need is the condition for a further attempt after a message wasn't accepted.
type Need int

// Values of Need. The zero value applies to all errors without a Need method.
const (
	NeedsTime   Need = iota // another attempt may succeed: the message waits
	NeedsRepair             // an attempt succeeds after a setting of hub or receiver has changed: the message waits
	NeedsReplay             // no attempt can succeed: the message is given up until an operator sends it again
)

// NeedOf returns the Need of an error of a [Transport].
func NeedOf(err error) Need {
	var known interface{ Need() Need }
	if errors.As(err, &known) {
		return known.Need()
	}
	return NeedsTime
}

// setupError is an error in a setting or in an authority's record, with which nothing can be delivered.
type setupError string

func (e setupError) Error() string { return string(e) }

// Need returns NeedsRepair.
func (e setupError) Need() Need { return NeedsRepair }

// RefusedError is an unsuccessful answer of a receiver.
type RefusedError struct {
	Status int
	By     string // the name of the receiver: "MESH"
	Code   string // the receiver's code, or "": "12"; without control characters
	Text   string // the receiver's description, or "": "Unregistered to address"; without control characters
}

// Need returns the need by the status of the answer (RFC 9110, section 15; Standard Webhooks 1.0 for 410; MESH API for
// 417, an unknown recipient or workflow):
//
//   - 400, 410, 413, 415, 417, 422 refuse this message or its address permanently: NeedsReplay.
//   - 408, 409, 423, 425, 429 and all from 500 on are temporary: NeedsTime.
//   - All others, such as a redirect, a wrong secret (401, 403) or a wrong path (404), affect all messages until
//     somebody fixes them: NeedsRepair.
func (e *RefusedError) Need() Need {
	switch e.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusExpectationFailed, http.StatusUnprocessableEntity:
		return NeedsReplay
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly,
		http.StatusTooManyRequests:
		return NeedsTime
	default:
		if e.Status >= http.StatusInternalServerError {
			return NeedsTime
		}
		return NeedsRepair
	}
}

// Error returns the receiver's name, the status, and the receiver's code and description.
func (e *RefusedError) Error() string {
	says := fmt.Sprintf("%s answered %d", e.By, e.Status)
	if reason := reasonOf(e.Code, e.Text); reason != "" {
		says += ": " + reason
	}
	return says
}

// reasonOf joins a receiver's code and description: "12 Unregistered to address".
func reasonOf(code, text string) string {
	if code != "" && text != "" {
		return code + " " + text
	}
	return code + text
}
