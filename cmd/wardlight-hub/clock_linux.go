package main

import "syscall"

// unsynchronised is the state of the kernel's clock that nobody disciplines (adjtimex(2): STA_UNSYNC).
const unsynchronised = 0x40

// clockSynchronised reports whether the system's clock is synchronised, and whether the system says so.
func clockSynchronised() (synchronised, known bool) {
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unsynchronised == 0, true
}
