//go:build !windows

package config

// ownerHint is not needed: checkOwner refuses nothing.
const ownerHint = ""

// checkOwner accepts every file: only root can put one into /etc.
func checkOwner(string) error { return nil }
