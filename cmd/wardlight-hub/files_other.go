//go:build !unix

package main

// maxFiles returns how many files and connections this process may have open at once; 0 where that is not known.
func maxFiles() int { return 0 }

// writable returns why this process cannot write a file or a folder. It is not known here.
func writable(string) error { return nil }
