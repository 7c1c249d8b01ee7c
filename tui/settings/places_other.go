//go:build !windows

package settings

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

// Machine returns the path of the computer's settings file.
func Machine() string { return "/etc/wardlight/config.toml" }

// User returns the path of the user's settings file.
func User() string { return filepath.Join(xdg.ConfigHome, "wardlight", "config.toml") }
