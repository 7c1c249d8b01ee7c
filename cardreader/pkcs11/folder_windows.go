package pkcs11

import "golang.org/x/sys/windows"

// Folder returns the path of a system folder, for Known, or "" if it is unknown. It asks Windows instead of reading
// the environment variables of the same names, which a user may set to other folders.
func Folder(name string) string {
	var path string
	var err error
	switch name {
	case "SystemRoot":
		path, err = windows.GetSystemWindowsDirectory()
	case "ProgramFiles":
		path, err = windows.KnownFolderPath(windows.FOLDERID_ProgramFiles, windows.KF_FLAG_DEFAULT)
	}
	if err != nil {
		return ""
	}
	return path
}
