// Package handover brings an NHS number from another program of the same user, such as the local record system, to the
// screens that run already: 'wardlight show' sends it, and the screens look for the patient. Nothing is opened by it.
//
// The screens listen on a Unix socket in a folder of the user's own. Both ends check the user id of the other one, and
// a message is one short line, so that neither another user nor a malformed message reaches the screens.
package handover

import (
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wardlight/internal/nhs"
)

// DefaultTimeout is how long one end waits for one line of the other where the Config says nothing.
const DefaultTimeout = 3 * time.Second

// maxOpen is how many connections the screens read from at the same time; others wait in the kernel's queue.
const maxOpen = 4

// Config is where the screens and 'wardlight show' meet.
type Config struct {
	Folders []string      // as Folders returns them; the screens use the first that they can
	Timeout time.Duration // for one line; 0 is DefaultTimeout
}

func (c Config) timeout() time.Duration {
	if c.Timeout <= 0 {
		return DefaultTimeout
	}
	return c.Timeout
}

// Folders returns the folders in which the screens may listen: one below XDG_RUNTIME_DIR where the environment has it,
// and one below state, the folder of what a terminal keeps for its user.
func Folders(environ []string, state string) []string {
	var all []string
	for _, set := range environ {
		if dir, is := strings.CutPrefix(set, "XDG_RUNTIME_DIR="); is && filepath.IsAbs(dir) {
			all = []string{filepath.Join(dir, "wardlight")} // the last one counts, as in the shell
		}
	}
	return append(all, filepath.Join(state, "show"))
}

// Request is an NHS number that was handed over. Exactly one Reply answers it; later ones are dropped.
type Request struct {
	Number nhs.Number
	// Done is closed when nobody waits for the reply any more: then the number is not to be shown.
	Done <-chan struct{}

	reply chan *Error
	once  *sync.Once
}

// NewRequest returns a request, and the channel that brings its reply: nil when the patient is being looked for, else
// why not.
func NewRequest(n nhs.Number, done <-chan struct{}) (Request, <-chan *Error) {
	r := Request{Number: n, Done: done, reply: make(chan *Error, 1), once: new(sync.Once)}
	return r, r.reply
}

// Reply answers the request. It never blocks.
func (r Request) Reply(err *Error) { r.once.Do(func() { r.reply <- err }) }

// Gone reports whether nobody waits for the reply any more.
func (r Request) Gone() bool {
	select {
	case <-r.Done:
		return true
	default:
		return false
	}
}
