// Package doctor says what is the matter with a hub, as its operator sees it: a list of checks, each with a sentence,
// what to do, and a code. Facts are gathered by the command; Judge, which is pure, makes the list of them.
package doctor

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/certerror"
	"wardlight/internal/checklist"
	"wardlight/internal/text"
)

// The bounds of what passes.
const (
	// EndsSoon is how long before its end a certificate is a warning.
	EndsSoon = 30 * 24 * time.Hour
	// maxWait is how long a notification may wait.
	maxWait = time.Hour
	// checkpointWithin is how long a record may be without a checkpoint: the hub signs one every five minutes.
	checkpointWithin = 10 * time.Minute
	// maxAhead is how far the newest record may be ahead of the clock: hubs of one store may differ by that.
	maxAhead = 5 * time.Minute
)

// Check is one row of the list.
type Check int

// The checks, top to bottom.
const (
	Settings Check = iota
	Clock
	Files
	Certificates
	Books
	Audit
	Checkpoints
	Authorities
	Outbox
	Backup
)

var names = [...]struct{ name, title string }{
	Settings:     {"settings", "Settings"},
	Clock:        {"clock", "Clock"},
	Files:        {"files", "Files"},
	Certificates: {"certificates", "Certificates"},
	Books:        {"books", "Books"},
	Audit:        {"audit", "Audit"},
	Checkpoints:  {"checkpoints", "Checkpoints"},
	Authorities:  {"authorities", "Authorities"},
	Outbox:       {"outbox", "Outbox"},
	Backup:       {"backup", "Last backup"},
}

// Facts are what was found.
type Facts struct {
	At       time.Time
	Settings error // why they are refused; then nothing else is known

	Synchronised, ClockKnown bool // whether the system says that its clock is synchronised, and whether it says so at all

	Files        []File
	TLS          bool // the hub has a certificate of its own
	Certificates []Certificate

	Books  error // why they cannot be read; store.ErrOlder for those of an older hub
	Unsafe error // why the database may forget what was committed

	Head    store.AuditRecord // the last record; its Seq is 0 where there is none
	HeadErr error

	Checkpoint CheckpointFacts

	Authorities    []Authority
	AuthoritiesErr error
	Resends        []string // codes of those that have to send again

	Backlog    store.Backlog
	BacklogErr error

	Backup BackupFacts
}

// File is a file that the settings name, or one of the books.
type File struct {
	Name, Setting string
	Err           error // why it cannot be read
	Open          bool  // others than its owner and its group may read or write what is a secret
	OfOthers      bool  // its owner is not that of the data folder that it is in
}

// Certificate is one that is in use, or one that cannot be used.
type Certificate struct {
	Setting string
	*x509.Certificate
	Err error // why the file cannot be used; then there is no Certificate
}

// CheckpointFacts are about the signed checkpoints of the audit.
type CheckpointFacts struct {
	Set     bool
	Err     error // why they cannot be written or read
	Records int64 // of the last one; 0 where there is none
	Differs bool  // the record that it was signed of is another now, or is not there
}

// Authority is one authority and how it can be notified.
type Authority struct {
	Code    string
	Unready error // nothing can be delivered as things are set up
	Away    error // its system was asked, and did not answer
}

// BackupFacts are about the last backup.
type BackupFacts struct {
	Elsewhere bool // the books are in PostgreSQL
	Set       bool // it is said where backups are
	Err       error
	Last      time.Time // zero where there is none
	MaxAge    time.Duration
}

// judge is the list in the making.
type judge struct {
	Facts
	rows []checklist.Row
}

// Judge returns the list, top to bottom: a row for each check.
func Judge(f Facts) []checklist.Row {
	j := &judge{Facts: f, rows: make([]checklist.Row, len(names))}
	j.settings()
	if f.Settings != nil {
		for c, w := range map[Check]word{
			Clock: clockNotReached, Files: filesNotReached, Certificates: certificatesNotReached, Books: booksNotReached,
			Audit:       auditNotReached,
			Checkpoints: checkpointsNotReached, Authorities: authoritiesNotReached, Outbox: outboxNotReached,
			Backup: backupNotReached,
		} {
			j.skip(c, w, Settings)
		}
		return j.rows
	}
	j.files()
	j.certificates()
	j.backup()
	j.books()
	j.clock()
	if f.Books != nil {
		for c, w := range map[Check]word{
			Audit: auditNotReached, Checkpoints: checkpointsNotReached, Authorities: authoritiesNotReached,
			Outbox: outboxNotReached,
		} {
			j.skip(c, w, Books)
		}
		return j.rows
	}
	j.audit()
	j.checkpoints()
	j.authorities()
	j.outbox()
	return j.rows
}

// say sets a row from the table; a detail, in the form of fmt.Sprintf, replaces its sentence, unless it is "".
func (j *judge) say(c Check, s checklist.State, w word, detail string, args ...any) {
	t := table[w]
	if detail == "" {
		detail = t.Sentence
	} else if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	j.rows[c] = checklist.Row{
		Name: names[c].name, Title: names[c].title, State: s, Sentence: text.Clean(detail, 0), Advice: t.Advice, Code: t.Code,
	}
}

// skip sets a row that was not reached because of another.
func (j *judge) skip(c Check, w word, ground Check) {
	j.say(c, checklist.NotReached, w, "Not checked: "+names[ground].title+" comes first.")
	j.rows[c].Waits = true
}

func (j *judge) settings() {
	if j.Settings != nil {
		j.say(Settings, checklist.Fail, settingsWrong, "%s", j.Settings)
		return
	}
	j.say(Settings, checklist.Pass, settingsGood, "")
}

func (j *judge) clock() {
	switch ahead := j.Head.At.Sub(j.At); {
	case j.Books == nil && ahead > maxAhead:
		j.say(Clock, checklist.Fail, clockBehind, "The clock is %s behind the newest record of the audit.",
			ahead.Round(time.Second))
	case !j.ClockKnown:
		j.say(Clock, checklist.Warning, clockUnknown, "")
	case !j.Synchronised:
		j.say(Clock, checklist.Warning, clockAlone, "")
	default:
		j.say(Clock, checklist.Pass, clockGood, "")
	}
}

func (j *judge) files() {
	for _, f := range j.Files {
		named := f.Name
		if f.Setting != "" {
			named += " (" + f.Setting + ")"
		}
		switch {
		case f.Err != nil:
			j.say(Files, checklist.Fail, filesUnreadable, "%s cannot be read: %s.", named, f.Err)
			return
		case f.OfOthers:
			j.say(Files, checklist.Fail, filesOfOthers, "%s is not of the data folder's owner: the hub cannot open it.", named)
			return
		case f.Open:
			j.say(Files, checklist.Fail, filesOpen, "%s can be read or written by every user of this computer.", named)
			return
		}
	}
	j.say(Files, checklist.Pass, filesGood, "")
}

func (j *judge) certificates() {
	var soonest *Certificate
	for i, c := range j.Certificates {
		switch {
		case c.Err != nil:
			j.say(Certificates, checklist.Fail, certificatesEnded, "%s: %s.", c.Setting, c.Err)
			return
		case j.At.After(c.NotAfter):
			j.say(Certificates, checklist.Fail, certificatesEnded, "%s ended on %s.", called(c), day(c.NotAfter))
			return
		case j.At.Before(c.NotBefore):
			j.say(Certificates, checklist.Fail, certificatesEnded, "%s is valid from %s on.", called(c), day(c.NotBefore))
			return
		}
		if soonest == nil || c.NotAfter.Before(soonest.NotAfter) {
			soonest = &j.Certificates[i]
		}
	}
	switch {
	case soonest != nil && soonest.NotAfter.Sub(j.At) < EndsSoon:
		j.say(Certificates, checklist.Warning, certificatesEndSoon, "%s ends on %s.", called(*soonest), day(soonest.NotAfter))
	case !j.TLS:
		j.say(Certificates, checklist.Warning, certificatesNone, "")
	default:
		j.say(Certificates, checklist.Pass, certificatesGood, "%d certificates are valid; the first ends on %s.",
			len(j.Certificates), day(soonest.NotAfter))
	}
}

func called(c Certificate) string { return c.Subject.String() + " (" + c.Setting + ")" }

func day(t time.Time) string { return certerror.Day(t, time.UTC) }

func (j *judge) books() {
	switch {
	case errors.Is(j.Books, store.ErrOlder):
		j.say(Books, checklist.Fail, booksOlder, "")
	case j.Books != nil:
		j.say(Books, checklist.Fail, booksFail, "The books cannot be read: %s.", j.Books)
	case j.Unsafe != nil:
		j.say(Books, checklist.Fail, booksUnsafe, "The database may forget what was committed: %s.", j.Unsafe)
	default:
		j.say(Books, checklist.Pass, booksGood, "")
	}
}

func (j *judge) audit() {
	switch {
	case j.HeadErr != nil:
		j.say(Audit, checklist.Fail, auditFails, "The audit cannot be read: %s.", j.HeadErr)
	case j.Checkpoint.Differs:
		j.say(Audit, checklist.Fail, auditNotIts, "The audit does not agree with its last checkpoint, of %d records.",
			j.Checkpoint.Records)
	case j.Head.Seq == 0:
		j.say(Audit, checklist.Pass, auditGood, "There is no record yet.")
	default:
		j.say(Audit, checklist.Pass, auditGood, "The last record is number %d, of %s.",
			j.Head.Seq, j.Head.At.UTC().Format(time.RFC3339))
	}
}

func (j *judge) checkpoints() {
	c := j.Checkpoint
	switch {
	case !c.Set:
		j.say(Checkpoints, checklist.Warning, checkpointsNone, "")
	case c.Err != nil:
		j.say(Checkpoints, checklist.Fail, checkpointsFail, "Checkpoints cannot be written: %s.", c.Err)
	case j.Head.Seq > c.Records && j.At.Sub(j.Head.At) > checkpointWithin:
		j.say(Checkpoints, checklist.Warning, checkpointsOld, "The last checkpoint is of record %d, and there are %d.",
			c.Records, j.Head.Seq)
	default:
		j.say(Checkpoints, checklist.Pass, checkpointsGood, "")
	}
}

func (j *judge) authorities() {
	if j.AuthoritiesErr != nil {
		j.say(Authorities, checklist.NotReached, authoritiesNotReached, "The authorities cannot be read: %s.",
			j.AuthoritiesErr)
		return
	}
	if len(j.Authorities) == 0 {
		j.say(Authorities, checklist.Warning, authoritiesNone, "")
		return
	}
	// What the hub lacks comes before what others lack.
	for _, a := range j.Authorities {
		if a.Unready != nil {
			j.say(Authorities, checklist.Fail, authoritiesUnready, "%s cannot be notified: %s.", a.Code, a.Unready)
			return
		}
	}
	for _, a := range j.Authorities {
		if a.Away != nil {
			j.say(Authorities, checklist.Fail, authoritiesAway, "The system of %s does not answer: %s.", a.Code, a.Away)
			return
		}
	}
	if len(j.Resends) > 0 {
		j.say(Authorities, checklist.Warning, authoritiesResend, "%s has to send its plans again after a restore.",
			cmp.Or(j.Resends[0], "Each other authority"))
		return
	}
	j.say(Authorities, checklist.Pass, authoritiesGood, "")
}

func (j *judge) outbox() {
	b := j.Backlog
	switch waited := j.At.Sub(b.Oldest); {
	case j.BacklogErr != nil:
		j.say(Outbox, checklist.NotReached, outboxNotReached, "The outbox cannot be read: %s.", j.BacklogErr)
	case b.Buried+b.Undelivered > 0:
		j.say(Outbox, checklist.Fail, outboxLost, "%d notifications were given up, and %d not delivered.",
			b.Buried, b.Undelivered)
	case b.Waiting > 0 && waited > maxWait:
		j.say(Outbox, checklist.Warning, outboxSlow, "%d notifications wait, the oldest since %s.",
			b.Waiting, b.Oldest.UTC().Format(time.RFC3339))
	default:
		j.say(Outbox, checklist.Pass, outboxGood, "")
	}
}

func (j *judge) backup() {
	b := j.Backup
	switch {
	case b.Elsewhere:
		j.say(Backup, checklist.Pass, backupElsewhere, "")
	case !b.Set:
		j.say(Backup, checklist.Warning, backupNotSet, "")
	case b.Err != nil:
		j.say(Backup, checklist.Fail, backupNone, "The backups cannot be read: %s.", b.Err)
	case b.Last.IsZero():
		j.say(Backup, checklist.Fail, backupNone, "")
	case j.At.Sub(b.Last) > b.MaxAge:
		j.say(Backup, checklist.Warning, backupOld, "The last backup is of %s.", b.Last.UTC().Format(time.RFC3339))
	default:
		j.say(Backup, checklist.Pass, backupGood, "The last backup is of %s.", b.Last.UTC().Format(time.RFC3339))
	}
}
