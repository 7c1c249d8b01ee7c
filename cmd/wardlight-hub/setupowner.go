package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// serviceUser is the user in the packages' systemd unit.
const serviceUser = "wardlight-hub"

// hubUser returns the user that runs the hub, or nil for the current user.
func (p *setup) hubUser() (*user.User, error) {
	if os.Getuid() != 0 {
		if p.user != "" {
			return nil, errors.New("--user: only root can create files for another user")
		}
		return nil, nil //nolint:nilnil // current user
	}

	if p.user == "" {
		if p.folder != filepath.Dir(settingsFile) {
			return nil, nil //nolint:nilnil // current user
		}
		found, err := user.Lookup(serviceUser)
		if err != nil {
			return nil, nil //nolint:nilnil,nilerr // the packages are not installed
		}
		return found, nil
	}

	found, err := user.Lookup(p.user)
	if err != nil {
		return nil, fmt.Errorf("--user: %w", err)
	}

	return found, nil
}

// setOwner changes the owner of the data folder's contents to the hub's user, and lets its group read the settings and
// keys.
func (p *setup) setOwner() error {
	if p.owner == nil {
		return nil
	}

	uid, gid, err := userIDs(p.owner)
	if err != nil {
		return err
	}

	for _, name := range p.made {
		if within, err := filepath.Rel(p.data, name); err == nil && filepath.IsLocal(within) {
			if err := os.Chown(name, uid, gid); err != nil {
				return err
			}
			continue
		}
		mode := os.FileMode(0o640)
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			mode = 0o750
		}
		if err := errors.Join(os.Chown(name, 0, gid), os.Chmod(name, mode)); err != nil {
			return err
		}
	}

	return nil
}

// userIDs returns the uid of a user and the gid of the user's group.
func userIDs(u *user.User) (uid, gid int, err error) {
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}
