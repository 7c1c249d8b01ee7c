package main

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	words "wardlight/internal/text"
)

// operatorReason returns the reason of an audit record for an operator's command: who ran it, and, in what, the object
// of the command or its purpose. It contains no patient and no secret.
func operatorReason(what ...string) string {
	said := "operator"
	if who := whoRuns(os.Getuid(), os.Getenv("SUDO_USER"), nameOf); who != "" {
		said += " (" + who + ")"
	}
	for _, w := range what {
		if w != "" {
			said += ": " + w
		}
	}
	return said
}

// commitChange makes a change and writes its audit record, in one transaction. authority is the code of the authority
// concerned, or "". what describes the object, with old and new values, or the purpose.
func commitChange(ctx context.Context, ledger audit.Committer, c store.Change, action, authority string,
	what ...string,
) error {
	return commitRecord(ctx, ledger, &store.Entry{Change: &c, Audit: store.AuditRecord{
		At: time.Now(), OrgODS: authority, Action: action, Reason: operatorReason(what...),
	}})
}

// commitRecord stores an entry with an operator's change and its audit record.
func commitRecord(ctx context.Context, ledger audit.Committer, e *store.Entry) error {
	e.Audit.Outcome = audit.Granted
	return audit.NewWriter(ledger).Write(ctx, e)
}

// whoRuns returns the user who runs this process, with the user who called sudo, if any. uid is -1 on systems without
// user ids.
func whoRuns(uid int, sudo string, name func(uid int) string) string {
	who := name(uid)
	if uid >= 0 {
		who = strings.TrimSpace(who + " uid " + strconv.Itoa(uid))
	}
	if sudo = words.Clean(sudo, maxUserName); sudo != "" {
		who += ", by sudo of " + sudo
	}
	return who
}

// maxUserName is the maximum number of letters of a user name that is recorded. SUDO_USER can be set to anything.
const maxUserName = 64

// nameOf returns the name of a user, or "" where the system has none. It looks up a known uid, because user.Current
// may return the value of $USER.
func nameOf(uid int) string {
	find := user.Current
	if uid >= 0 {
		find = func() (*user.User, error) { return user.LookupId(strconv.Itoa(uid)) }
	}
	u, err := find()
	if err != nil {
		return ""
	}
	return words.Clean(u.Username, maxUserName)
}
