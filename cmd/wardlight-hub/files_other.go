//go:build !unix

package main

// maxFiles returns the maximum number of open files and connections of this process, or 0 if it is not known.
func maxFiles() int { return 0 }

// writable returns nil: on this system write permission is not checked in advance.
func writable(string) error { return nil }
