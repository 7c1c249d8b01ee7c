//go:build windows || darwin

package pcsc

import "wardlight/cardreader"

// unreachable has nothing to add where the service is the system's own.
func unreachable(_ host, _ string, e *cardreader.Error) *cardreader.Error { return e }
