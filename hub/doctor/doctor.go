// Package doctor diagnoses problems of a hub for its operator: it returns a list of checks, each with a sentence,
// advice and a code. The command collects [Facts]; [Judge], a pure function, derives the list from them.
package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/certerror"
	"wardlight/internal/checklist"
	"wardlight/internal/text"
)

// Thresholds of the checks.
const (
	// EndsSoon is the time before a certificate's end from which there is a warning.
	EndsSoon = 30 * 24 * time.Hour
	// maxWait is the maximum age of a waiting notification or privacy alert.
	maxWait = time.Hour
	// checkpointWithin is the maximum age of a record without a checkpoint. The hub signs one every five minutes.
	checkpointWithin = 10 * time.Minute
	// maxAhead is how far the newest record may be ahead of the clock, because the clocks of several hubs may differ.
	maxAhead = 5 * time.Minute
)

// Check is one row of the list.
type Check int

// Checks from top to bottom.
const (
	Settings Check = iota
	Clock
	Files
	Certificates
	Store
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
	Store:        {"books", "Books"},
	Audit:        {"audit", "Audit"},
	Checkpoints:  {"checkpoints", "Checkpoints"},
	Authorities:  {"authorities", "Authorities"},
	Outbox:       {"outbox", "Outbox"},
	Backup:       {"backup", "Last backup"},
}

// judge builds the list.
type judge struct {
	Facts
	rows []checklist.Row
}

// Judge returns one row for each check, from top to bottom.
func Judge(f Facts) []checklist.Row {
	j := &judge{Facts: f, rows: make([]checklist.Row, len(names))}
	j.settings()

	if f.Settings != nil {
		for c, w := range map[Check]word{
			Clock: clockNotReached, Files: filesNotReached, Certificates: certificatesNotReached,
			Store:       storeNotReached,
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
	j.store()
	j.clock()

	if f.Store != nil {
		for c, w := range map[Check]word{
			Audit: auditNotReached, Checkpoints: checkpointsNotReached, Authorities: authoritiesNotReached,
			Outbox: outboxNotReached,
		} {
			j.skip(c, w, Store)
		}
		return j.rows
	}

	j.audit()
	j.checkpoints()
	j.authorities()
	j.outbox()
	return j.rows
}

// say sets a check's row from the table. A detail that isn't "" replaces the sentence, in the format of fmt.Sprintf.
func (j *judge) say(c Check, s checklist.State, w word, detail string, args ...any) {
	t := table[w]
	if detail == "" {
		detail = t.Sentence
	} else if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	j.rows[c] = checklist.Row{
		Name: names[c].name, Title: names[c].title, State: s, Sentence: text.Clean(detail, 0), Advice: t.Advice,
		Code: t.Code,
	}
}

// skip sets the row of a check that wasn't made because of another.
func (j *judge) skip(c Check, w word, ground Check) {
	j.say(c, checklist.NotReached, w, "Not checked: "+names[ground].title+" comes first.")
	j.rows[c].Blocked = true
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
	case j.Store == nil && ahead > maxAhead:
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
			j.say(Files, checklist.Fail, filesOfOthers, "%s does not belong to the data folder's owner: the hub "+
				"cannot open it.", named)
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
			j.say(Certificates, checklist.Fail, certificatesEnded, "%s is not valid before %s.", called(c),
				day(c.NotBefore))
			return
		}

		if soonest == nil || c.NotAfter.Before(soonest.NotAfter) {
			soonest = &j.Certificates[i]
		}
	}

	switch {
	case soonest != nil && soonest.NotAfter.Sub(j.At) < EndsSoon:
		j.say(Certificates, checklist.Warning, certificatesEndSoon, "%s ends on %s.", called(*soonest),
			day(soonest.NotAfter))
	case !j.TLS:
		j.say(Certificates, checklist.Warning, certificatesNone, "")
	default:
		j.say(Certificates, checklist.Pass, certificatesGood, "%d certificates are valid; the first ends on %s.",
			len(j.Certificates), day(soonest.NotAfter))
	}
}

func called(c Certificate) string { return c.Subject.String() + " (" + c.Setting + ")" }

func day(t time.Time) string { return certerror.Day(t, time.UTC) }

func (j *judge) store() {
	switch {
	case errors.Is(j.Store, store.ErrOlder):
		j.say(Store, checklist.Fail, storeOlder, "")
	case j.Store != nil:
		j.say(Store, checklist.Fail, storeFails, "The databases cannot be read: %s.", j.Store)
	case j.Unsafe != nil:
		j.say(Store, checklist.Fail, storeUnsafe, "The database can lose committed data: %s.", j.Unsafe)
	default:
		j.say(Store, checklist.Pass, storeGood, "")
	}
}

func (j *judge) audit() {
	switch {
	case j.HeadErr != nil:
		j.say(Audit, checklist.Fail, auditFails, "The audit cannot be read: %s.", j.HeadErr)
	case j.Checkpoint.Differs:
		j.say(Audit, checklist.Fail, auditNotIts, "The audit does not match its last checkpoint, which covers %d "+
			"records.",
			j.Checkpoint.Records)
	case j.Cut != nil:
		j.say(Audit, checklist.Fail, auditCut, "The audit does not match its tree: %s.", j.Cut)
	case j.Head.Seq == 0:
		j.say(Audit, checklist.Pass, auditGood, "The audit has no records yet.")
	default:
		j.say(Audit, checklist.Pass, auditGood, "The last record is number %d, written at %s.",
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
		j.say(Checkpoints, checklist.Warning, checkpointsOld,
			"The last checkpoint covers records up to %d; the audit has %d.",
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

	// Errors of the hub come before those of authorities.
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
	late := func(b store.Backlog) bool { return b.Waiting > 0 && j.At.Sub(b.Oldest) > maxWait }
	b, alerts := j.Backlog, j.Alerts
	switch {
	case j.BacklogErr != nil:
		j.say(Outbox, checklist.NotReached, outboxNotReached, "The outbox cannot be read: %s.", j.BacklogErr)
	case b.Buried+b.Undelivered > 0:
		j.say(Outbox, checklist.Fail, outboxLost, "%d notifications were refused or abandoned, and %d were not "+
			"delivered.",
			b.Buried, b.Undelivered)
	case alerts.Buried > 0:
		j.say(Outbox, checklist.Warning, outboxAlertsLost, "%d privacy alerts were not sent to the national service, "+
			"and will not be.", alerts.Buried)
	case late(b):
		j.say(Outbox, checklist.Warning, outboxSlow, "%d notifications are waiting, the oldest since %s.",
			b.Waiting, b.Oldest.UTC().Format(time.RFC3339))
	case late(alerts):
		j.say(Outbox, checklist.Warning, outboxAlertsSlow, "%d privacy alerts are waiting, the oldest since %s.",
			alerts.Waiting, alerts.Oldest.UTC().Format(time.RFC3339))
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
		j.say(Backup, checklist.Warning, backupOld, "The last backup was made at %s.",
			b.Last.UTC().Format(time.RFC3339))
	default:
		j.say(Backup, checklist.Pass, backupGood, "The last backup was made at %s.", b.Last.UTC().Format(time.RFC3339))
	}
}
