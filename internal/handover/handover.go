// Package handover passes an NHS number from another program of the same user, such as the local record system, to the
// running screens: 'wardlight show' sends it, and the screens look for the patient. It does not open an alert.
//
// The screens listen on a Unix socket in a folder of the user. Both ends check the peer's user ID, and a message is a
// single short line, so that neither another user nor a malformed message reaches the screens.
package handover

import (
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wardlight/internal/nhs"
)

// DefaultTimeout is the timeout for one line from the peer if Config.Timeout is zero.
const DefaultTimeout = 3 * time.Second

// maxOpen is the maximum number of connections from which the screens read at the same time. Others wait in the
// kernel's queue.
const maxOpen = 4

// Config configures the connection between the screens and 'wardlight show'.
type Config struct {
	Folders []string      // as returned by Folders; the screens use the first usable one
	Timeout time.Duration // for one line; 0 means DefaultTimeout
}

func (c Config) timeout() time.Duration {
	if c.Timeout <= 0 {
		return DefaultTimeout
	}
	return c.Timeout
}

// Folders returns the folders in which the screens may listen: one in XDG_RUNTIME_DIR, if it is set, and one in state,
// the user's state folder on this terminal.
func Folders(environ []string, state string) []string {
	var all []string
	for _, set := range environ {
		if dir, is := strings.CutPrefix(set, "XDG_RUNTIME_DIR="); is && filepath.IsAbs(dir) {
			all = []string{filepath.Join(dir, "wardlight")} // the last entry applies, as in the shell
		}
	}
	return append(all, filepath.Join(state, "show"))
}

// A Request asks the screens to show a patient. It is answered by one Reply; later ones are ignored.
type Request struct {
	Number nhs.Number
	// Done is closed when the sender has stopped waiting for the reply. The patient must not be shown then.
	Done <-chan struct{}

	reply chan *Error
	once  *sync.Once
}

// NewRequest returns a request and the channel that receives its reply: nil if the patient is being looked for,
// otherwise the reason why not.
func NewRequest(n nhs.Number, done <-chan struct{}) (Request, <-chan *Error) {
	r := Request{Number: n, Done: done, reply: make(chan *Error, 1), once: new(sync.Once)}
	return r, r.reply
}

// Reply answers the request. It never blocks.
func (r Request) Reply(err *Error) { r.once.Do(func() { r.reply <- err }) }

// Abandoned reports whether the sender has stopped waiting for the reply.
func (r Request) Abandoned() bool {
	select {
	case <-r.Done:
		return true
	default:
		return false
	}
}
