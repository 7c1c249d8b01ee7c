package settings

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Machine returns the path of the computer's settings file, in %ProgramData%. It asks Windows for the folder, because
// a user could set the environment variable to another one.
func Machine() string { return in(windows.FOLDERID_ProgramData, `C:\ProgramData`) }

// User returns the path of the user's settings file, in %AppData%, which roams with the user.
func User() string { return in(windows.FOLDERID_RoamingAppData, "") }

// in returns the path of the settings file in a known folder. If Windows does not know the folder, it uses otherwise,
// or returns "" if that is empty.
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
