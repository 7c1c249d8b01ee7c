package settings

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Machine returns the file of the computer's own settings, in %ProgramData%. Windows is asked for the folder, as a user
// may set the variable to another one.
func Machine() string { return in(windows.FOLDERID_ProgramData, `C:\ProgramData`) }

// User returns the file of the user's own settings, in %AppData%: it goes with the user from computer to computer.
func User() string { return in(windows.FOLDERID_RoamingAppData, "") }

// in returns the file of settings in a known folder; "" where Windows knows neither it nor the default.
func in(folder *windows.KNOWNFOLDERID, otherwise string) string {
	path, err := windows.KnownFolderPath(folder, windows.KF_FLAG_DEFAULT)
	if err != nil {
		path = otherwise
	}
	if path == "" {
		return ""
	}
	return filepath.Join(path, "Wardlight", "config.toml")
}
