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

// byOperator is the reason of an audit record of an operator's command: who ran it, then what it was done to, or why,
// where there is something to say. It names no patient and no secret.
func byOperator(what ...string) string {
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

// change makes a change and puts it on record, or neither: who made it, to which authority's affairs ("" to none's), and
// to what, old and new, or why.
func change(ctx context.Context, books audit.Committer, c store.Change, action, authority string, what ...string) error {
	return record(ctx, books, &store.Entry{Change: &c, Audit: store.AuditRecord{
		At: time.Now(), OrgODS: authority, Action: action, Reason: byOperator(what...),
	}})
}

// record stores what an operator did, with what it changes.
func record(ctx context.Context, books audit.Committer, e *store.Entry) error {
	e.Audit.Outcome = audit.Granted
	return audit.NewWriter(books).Write(ctx, e)
}

// whoRuns returns the user who runs this process and, where sudo says so, who became that user. uid is -1 where the
// system has no numbers for users.
func whoRuns(uid int, sudo string, name func(uid int) string) string {
	who := name(uid)
	if uid >= 0 {
		who = strings.TrimSpace(who + " uid " + strconv.Itoa(uid))
	}
	if sudo = words.Clean(sudo, mostName); sudo != "" {
		who += ", by sudo of " + sudo
	}
	return who
}

// mostName is how many letters of a user's name are kept: anybody can set SUDO_USER.
const mostName = 64

// nameOf returns the name of a user; "" where the system has none. Where there is a number it is asked for by that:
// user.Current may take the word of $USER.
func nameOf(uid int) string {
	find := user.Current
	if uid >= 0 {
		find = func() (*user.User, error) { return user.LookupId(strconv.Itoa(uid)) }
	}
	u, err := find()
	if err != nil {
		return ""
	}
	return words.Clean(u.Username, mostName)
}
