package main

import "syscall"

// unsynchronised is the kernel's status flag for a clock that is not synchronised (adjtimex(2): STA_UNSYNC).
const unsynchronised = 0x40

// clockSynchronised reports whether the system clock is synchronised, and whether that is known.
func clockSynchronised() (synchronised, known bool) {
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unsynchronised == 0, true
}
