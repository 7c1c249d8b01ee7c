//go:build !unix

package control

import "io/fs"

// ours returns true, because the temporary folder belongs to the user on this system.
func ours(fs.FileInfo) bool { return true }
