//go:build !unix

package main

// maxFiles returns how many files and connections this process may have open at once; 0 where that is not known.
func maxFiles() int { return 0 }
