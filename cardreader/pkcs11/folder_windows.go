package pkcs11

import "golang.org/x/sys/windows"

// Folder returns a folder of the system, for Known. Windows is asked, as a user may set the variables of the same names
// to folders of their own; "" where it does not know.
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
