//go:build !windows

package settings

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

// Machine returns the file of the computer's own settings.
func Machine() string { return "/etc/wardlight/config.toml" }

// User returns the file of the user's own settings.
func User() string { return filepath.Join(xdg.ConfigHome, "wardlight", "config.toml") }
