//go:build !windows

package config

// ownerHint is empty because checkOwner rejects nothing.
const ownerHint = ""

// checkOwner accepts every file, because only root can create files in /etc.
func checkOwner(string) error { return nil }
