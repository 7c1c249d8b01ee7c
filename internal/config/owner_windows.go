package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// ownerHint says what to do about a file that checkOwner refuses.
const ownerHint = "have an administrator look at it, and take over the folder and the file, or remove them"

// checkOwner refuses a file of the computer's settings that any user of the computer may have put there: everybody may
// make folders in ProgramData, and files in the folders there. File and folder have to belong to the administrators, to
// the system, or to the administrator who runs this program. A file that is not there is accepted.
func checkOwner(path string) error {
	for _, at := range []string{filepath.Dir(path), path} {
		info, err := windows.GetNamedSecurityInfo(at, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it cannot be seen whose it is: %w", err)
		}
		owner, _, err := info.Owner()
		if err != nil || owner == nil {
			return errors.New("it cannot be seen whose it is")
		}
		if !administers(owner) {
			return fmt.Errorf("%s belongs to %s, who is no administrator here", at, nameOf(owner))
		}
	}
	return nil
}

// trustedInstaller owns what Windows itself installs.
const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

// administers reports whether the owner is an administrator of the computer, as far as its settings are concerned.
func administers(owner *windows.SID) bool {
	if owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) || owner.IsWellKnown(windows.WinLocalSystemSid) || owner.String() == trustedInstaller {
		return true
	}
	token := windows.GetCurrentProcessToken()
	user, err := token.GetTokenUser()
	if err != nil || !owner.Equals(user.User.Sid) {
		return false
	}
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false
	}
	// Of the process itself: a group that is there for denying alone, as before elevation, is no membership.
	member, err := windows.Token(0).IsMember(administrators)
	return err == nil && member
}

// nameOf returns an account as people know it.
func nameOf(account *windows.SID) string {
	name, domain, _, err := account.LookupAccount("")
	if err != nil {
		return account.String()
	}
	return domain + `\` + name
}
