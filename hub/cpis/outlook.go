package cpis

import (
	"fmt"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Outlook describes what the sender of a plan may not expect. The zero Outlook is of a plan that is an alert now and
// ends when its authority says so.
type Outlook struct {
	Starts nhs.Date // the day on which it becomes an alert; zero if that is over
	By     Rule     // the rule by which the hub ends it
	Over   bool     // it isn't an alert any more

	end, until, today nhs.Date
	byDue             nhs.Date // the due date, if that determines until when it is an alert
}

// Outlook returns the outlook of a stored plan today. born is as in [EndOf].
func (w Window) Outlook(p store.Plan, born, today nhs.Date) Outlook {
	o := Outlook{until: w.VisibleUntil(p, born), today: today}
	o.end, o.By = EndOf(p, born)
	if p.Kind == store.UnbornChild && o.end.Before(p.Due) {
		o.byDue = p.Due
	}
	o.Over = !o.until.IsZero() && o.until.Before(today)
	if today.Before(p.Start) {
		o.Starts = p.Start
	}
	return o
}

// String returns the outlook in sentences, or "" for the zero Outlook.
func (o Outlook) String() string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if !o.Starts.IsZero() {
		say("It becomes an alert on %s.", inWords(o.Starts))
	}

	switch {
	case o.Over && o.By != NoRule:
		say("No alert is shown: the hub ended this plan on %s, %s.", inWords(o.end), o.By)
	case o.Over && !o.byDue.IsZero():
		say("No alert is shown: the child was due on %s.", inWords(o.byDue))
	case o.Over:
		say("No alert is shown: this plan ended on %s.", inWords(o.end))
	case o.end.IsZero() && !o.byDue.IsZero():
		say("It has no end date: the alert is shown until %s, which depends on the due date.", inWords(o.until))
	case o.By != NoRule && o.end.Before(o.today):
		say("The hub ended this plan on %s, %s. The alert is shown until %s.", inWords(o.end), o.By, inWords(o.until))
	case o.By != NoRule:
		say("The hub ends this plan on %s, %s.", inWords(o.end), o.By)
	}

	return strings.Join(all, " ")
}

// joinOr returns a full date as in a letter: "4 March 2034".
func inWords(d nhs.Date) string { return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year) }
