//go:build !unix || darwin

package keep

import "runtime"

// place is the keyring in words.
var place = map[string]string{"darwin": "the Keychain", "windows": "the Credential Manager"}[runtime.GOOS]

// reachable returns nil: the keyring belongs to the system.
func reachable([]string) error { return nil }

// busName returns empty: there is no D-Bus.
func busName(error) string { return "" }
