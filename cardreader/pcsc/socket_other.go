//go:build windows || darwin

package pcsc

import "wardlight/cardreader"

// explainUnreachable returns e, because the service belongs to the operating system here.
func explainUnreachable(_ host, _ string, e *cardreader.Error) *cardreader.Error { return e }
