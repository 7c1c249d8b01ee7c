//go:build !unix

package main

import "io/fs"

// maxFiles returns how many files and connections this process may have open at once; 0 where that is not known.
func maxFiles() int { return 0 }

// ownerOf returns the user whom a file is of; false, because users have no numbers here.
func ownerOf(fs.FileInfo) (uint32, bool) { return 0, false }

// openToOthers returns false: the mode says nothing here of who may read a file.
func openToOthers(fs.FileInfo) bool { return false }

// writable reports nothing here: only writing shows whether a folder can be written.
func writable(string) error { return nil }
