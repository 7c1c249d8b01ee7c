//go:build !unix

package control

import "io/fs"

// ours trusts the temporary folder, which is the user's own on this system.
func ours(fs.FileInfo) bool { return true }
