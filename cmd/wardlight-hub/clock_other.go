//go:build !linux

package main

// clockSynchronised reports that the state of the system clock is not known.
func clockSynchronised() (synchronised, known bool) { return false, false }
