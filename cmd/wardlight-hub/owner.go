package main

import (
	"os"
	"os/user"
	"strconv"
)

// refuseRoot refuses to write the data folder of another user as root: the files would be root's, and the hub could not
// open them. A folder that is not there yet is nobody's. Errors are *config.Error.
func (s *settings) refuseRoot() error {
	info, err := os.Stat(s.data)
	if err != nil || os.Geteuid() != 0 {
		return nil //nolint:nilerr // whoever opens the folder reports why it cannot
	}
	uid, _, ok := ownerOf(info)
	if !ok || uid == 0 {
		return nil
	}
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return s.Refuse("hub.data_folder", s.data+" belongs to "+name+", and what root writes there "+name+" cannot open",
		"run it as that user: runuser -u "+name+" -- wardlight-hub …")
}
