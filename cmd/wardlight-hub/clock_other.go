//go:build !linux

package main

// clockSynchronised reports that the system does not say whether its clock is synchronised.
func clockSynchronised() (synchronised, known bool) { return false, false }
