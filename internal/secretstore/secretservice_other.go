//go:build !unix || darwin

package secretstore

import "runtime"

// keyringName is the display name of the keyring.
var keyringName = map[string]string{"darwin": "the Keychain", "windows": "the Credential Manager"}[runtime.GOOS]

// reachable returns nil, because the operating system always has a keyring.
func reachable([]string) error { return nil }

// busName returns "", because there is no D-Bus.
func busName(error) string { return "" }
