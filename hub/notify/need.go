package notify

import (
	"errors"
	"fmt"
	"net/http"
)

// Need is what has to happen before a message that was not accepted can be.
type Need int

// The needs. The zero Need is that of every error that says nothing else.
const (
	NeedsTime   Need = iota // the next attempts may succeed: it waits
	NeedsRepair             // somebody has to change a setting, here or at the receiver, and then the next attempt succeeds: it waits
	NeedsReplay             // no further attempt will succeed by itself: it is set aside, until somebody sends it again
)

// NeedOf returns the need of an error of [Transport].
func NeedOf(err error) Need {
	var known interface{ Need() Need }
	if errors.As(err, &known) {
		return known.Need()
	}
	return NeedsTime
}

// setupError is a setting, here or in the record of the authority, with which nothing can be delivered.
type setupError string

func (e setupError) Error() string { return string(e) }

// Need returns NeedsRepair.
func (e setupError) Need() Need { return NeedsRepair }

// RefusedError is a receiver's answer that is no success.
type RefusedError struct {
	Status int
	By     string // who answered: "MESH"
	Code   string // the receiver's own, where one is known: "12"; safe to print
	Text   string // the receiver's own words, where they are known: "Unregistered to address"; safe to print
}

// Need judges the answer by its status (RFC 9110, section 15; Standard Webhooks 1.0 for 410; MESH API for 417, an
// unknown recipient or workflow):
//
//   - 400, 410, 413, 415, 417, 422 refuse this message, or its address for good: NeedsReplay.
//   - 408, 409, 423, 425, 429 and the failures from 500 on are of the moment: NeedsTime.
//   - Everything else, such as a redirect, a wrong secret (401, 403) or a wrong path (404), is refused to all messages until it
//     is put right: NeedsRepair.
func (e *RefusedError) Need() Need {
	switch e.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusExpectationFailed, http.StatusUnprocessableEntity:
		return NeedsReplay
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return NeedsTime
	default:
		if e.Status >= http.StatusInternalServerError {
			return NeedsTime
		}
		return NeedsRepair
	}
}

// Error names who answered, the status, and the receiver's own code and words.
func (e *RefusedError) Error() string {
	says := fmt.Sprintf("%s answered %d", e.By, e.Status)
	if reason := reasonOf(e.Code, e.Text); reason != "" {
		says += ": " + reason
	}
	return says
}

// reasonOf joins a receiver's code and words: "12 Unregistered to address".
func reasonOf(code, text string) string {
	if code != "" && text != "" {
		return code + " " + text
	}
	return code + text
}
