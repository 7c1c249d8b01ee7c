package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// ownerHint is the advice for a file that checkOwner rejects.
const ownerHint = "have an administrator look at it, and take over the folder and the file, or remove them"

// checkOwner returns an error if any user may have created the computer's configuration file. Every user can create
// folders in ProgramData and files in them. Therefore file and folder must belong to the administrators, to the
// system, or to the administrator who runs this program. A missing file is accepted.
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

// trustedInstaller is the SID of the owner of files that Windows itself installs.
const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

// administers reports whether the owner is an administrator of the computer, or the system.
func administers(owner *windows.SID) bool {
	if owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) || owner.IsWellKnown(windows.WinLocalSystemSid) ||
		owner.String() == trustedInstaller {
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
	// Use the process's own token: in a token before elevation the group is present only for denying access, which is
	// no membership.
	member, err := windows.Token(0).IsMember(administrators)
	return err == nil && member
}

// nameOf returns the name of an account for display.
func nameOf(account *windows.SID) string {
	name, domain, _, err := account.LookupAccount("")
	if err != nil {
		return account.String()
	}
	return domain + `\` + name
}
