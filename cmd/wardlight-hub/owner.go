package main

import (
	"os"
	"os/user"
	"strconv"
)

// checkNotRoot rejects root writing to the data folder of another user, because the hub could not open root's files. A
// folder that doesn't exist yet is accepted. Errors are *config.Error.
func (s *settings) checkNotRoot() error {
	info, err := os.Stat(s.data)
	if err != nil || os.Geteuid() != 0 {
		return nil //nolint:nilerr // opening the folder will report the error
	}
	uid, _, ok := ownerOf(info)
	if !ok || uid == 0 {
		return nil
	}
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return s.Reject("hub.data_folder", s.data+" belongs to "+name+", and the files that root writes "+name+
		" cannot open",
		"run it as that user: runuser -u "+name+" -- wardlight-hub …")
}
