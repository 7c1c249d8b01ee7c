//go:build cgo && !windows

package pcsc

import (
	"time"

	"github.com/ebfe/scard"
)

// getStatusChange calls SCardGetStatusChange.
func getStatusChange(c *scard.Context, states []scard.ReaderState, timeout time.Duration) error {
	return c.GetStatusChange(states, timeout)
}
