//go:build windows || darwin

package pcsc

import "wardlight/cardreader"

// unreachable returns e, because the service belongs to the operating system here.
func unreachable(_ host, _ string, e *cardreader.Error) *cardreader.Error { return e }
