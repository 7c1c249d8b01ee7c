package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/fault"
	"wardlight/internal/nhs"
	"wardlight/internal/procedure"
	"wardlight/rbac"
)

func newAlert(a *app) *cobra.Command {
	var o opening
	cmd := &cobra.Command{
		Use:   "alert NHS-NUMBER",
		Short: "Ask whether a patient has a child protection alert, and open it",
		Long: `Ask whether a patient has a child protection alert. Asking notifies nobody.

The state is one of: alert, none recorded, not checked, could not check. 'None recorded' does not prove
that there is no plan: it leaves out Scotland, Wales, Northern Ireland, private placements, sensitive records and
plans not yet sent.

Other flags that the role may see follow: reasonable adjustments, and FGM where the site has set its code. Each has a
state of its own, which changes neither the exit code nor the state of child protection.

With --open the alert, where there is one, is opened: in unscheduled care that writes the access history and
notifies the local authority; in scheduled care (B0170) it is silent.

An opening whose answer never came may have counted. The command says so, and keeps its request id, encrypted, for a day: the
same command again makes one record and one notification with the first. --request-id names that id where it could not be kept.

With --print as well, what was opened is printed on that CUPS queue. Printing never opens.

With --receipt the receipt of the opening, or of the check if nothing was opened, is saved in a new file. 'wardlight receipt verify'
checks it without the hub.

Where a plan is on file under a number that no record has, the alert is shown, and that the record is missing.

The exit code is 0 when the hub answered, whichever it is, 5 when the alert could not be checked, and 6 when no patient
has the number or the record was marked invalid.`,
		Example: "  wardlight alert 999 000 0018\n  wardlight alert 9990000018 --open --json\n" +
			"  wardlight alert 9990000018 --open --receipt receipt.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{problem: "give an NHS number", hint: "wardlight alert NHS-NUMBER"}
			}

			number, err := nhs.ParseNumber(strings.Join(args, " "))
			if err != nil {
				return err
			}
			if err := o.check(cmd.Flags().Changed("request-id")); err != nil {
				return err
			}
			if cmd.Flags().Changed("print") && !o.wanted {
				return &usageError{
					problem: "--print prints what was opened, and opens nothing",
					hint:    "add --open, which writes the access history and notifies the local authority",
				}
			}

			if err := checkQueue(cmd, o.queue); err != nil {
				return err
			}

			if cmd.Flags().Changed("receipt") {
				if err := checkReceiptFile("--receipt", o.receipt); err != nil {
					return err
				}
			}

			needs := func(r rbac.RoleProfile) []rbac.Action {
				if o.wanted {
					return []rbac.Action{rbac.SeeLamp, rbac.OpeningOf(r)}
				}
				return []rbac.Action{rbac.SeeLamp}
			}

			return a.inRole(cmd.Context(), needs, func(ctx context.Context, s *cardSession) error {
				return a.alert(ctx, s, number, o)
			})
		},
	}

	cmd.Flags().BoolVar(&o.wanted, "open", false, "open the alert: writes the access history and notifies the "+
		"local authority")
	cmd.Flags().StringVar(&o.requestID, "request-id", "",
		"open again under the `ID` of an opening whose answer never came")
	cmd.Flags().StringVar(&o.queue, "print", "", "print what was opened on the CUPS queue of this `NAME`")
	cmd.Flags().StringVar(&o.receipt, "receipt", "",
		"save the receipt of the opening, or of the check, in a new `FILE`")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	if err := cmd.RegisterFlagCompletionFunc("print", completion(a.queueChoices)); err != nil {
		panic(err) // there is no such flag
	}

	return cmd
}

// alert checks the alert state of a patient, opens and prints the alert as the options require, and shows the result.
func (a *app) alert(ctx context.Context, s *cardSession, number nhs.Number, o opening) error {
	// The record is read first because a superseded number has no alert of its own: the lamp for it would read "none
	// recorded".
	p, err := s.sessions.Patient(ctx, number)
	missing := client.KindOf(err) == client.NotFound
	if err != nil && !missing {
		return err
	}

	if missing {
		p = client.Patient{Number: number}
	}

	check := checkResult{patient: p, lamp: s.sessions.Lamp(ctx, p.Number), role: s.role, procedure: s.config.Procedure}

	// A plan can be on file under a number that no record has. In that case there is an alert; otherwise the patient
	// is unknown.
	if missing && (check.lamp.State == client.NoneRecorded || client.KindOf(check.lamp.Err) == client.NotFound) {
		return err
	}

	switch {
	case o.wanted && check.lamp.State == client.Alert:
		opened, err := s.sessions.OpenAgain(ctx, p.Number, o.requestID)
		check.opened, check.openErr = &opened, err
	case o.wanted && check.lamp.OpeningAsks() && rbac.Unscheduled(s.role):
		check.openByQuery(s.sessions.OpenAgain(ctx, p.Number, o.requestID))
	}

	if o.queue != "" && check.wasOpened() {
		check.printed = a.printAlertOn(ctx, s, check, o.queue)
	}

	if o.receipt != "" && check.lamp.Answered() && check.openErr == nil {
		check.receipt = o.receipt
		_, check.receiptErr = s.saveReceipt(ctx, check.requestID(), o.receipt)
	}

	if ctx.Err() != nil && !check.wasOpened() { // an opening that was recorded is shown
		return interruptedOpening(check.openErr)
	}

	show := a.showAlert
	if a.json {
		show = a.printAlert
	}

	if err := show(check); err != nil {
		if check.wasOpened() {
			_ = s.sessions.MarkUnseen(ctx, check.opened.RequestID) // an error here is shown at the next attempt
		}
		return err
	}

	if why := check.failed(); why != nil {
		return shownError{why}
	}

	return nil
}

// checkResult is the result of one check.
type checkResult struct {
	patient   client.Patient
	lamp      client.Lamp
	role      rbac.RoleProfile
	opened    *client.Opened // nil when it was not opened
	openErr   error
	procedure procedure.Local // procedure of the site

	printed printJob

	receipt    string // file of the receipt; "" when none was requested
	receiptErr error
}

// openByQuery sets the result of an opening that is the one query of a national service: the lamp is what it answered.
func (c *checkResult) openByQuery(opened client.Opened, err error) {
	if err != nil {
		c.lamp, c.openErr = client.UnopenedLamp(c.patient.Number, err), err
		return
	}
	if c.lamp = opened.Lamp(); c.lamp.State == client.Alert {
		c.opened = &opened
	}
}

// requestID returns the id of the opening, or of the check if nothing was opened.
func (c checkResult) requestID() string {
	if c.wasOpened() {
		return c.opened.RequestID
	}
	return c.lamp.RequestID
}

// wasOpened reports whether the alert was opened and its plans were received.
func (c checkResult) wasOpened() bool { return c.opened != nil && c.openErr == nil }

// failed returns the error of the check or of the opening, or nil when both succeeded. A failed check never exits with
// exitNotFound, whatever HTTP status the hub sent, so that scripts don't read it as "no such patient".
func (c checkResult) failed() error {
	err := c.openErr
	if !c.lamp.Answered() { // also one that only an opening asks about
		err = c.lamp.Err
	}
	switch {
	case err == nil:
		return cmp.Or(c.printed.err, c.receiptErr)
	case codeOf(err) != exitSignIn:
		return exitError{err, exitHub}
	}
	return err
}

// showAlert writes the check as text.
func (a *app) showAlert(c checkResult) error {
	w := &lines{out: a.out}
	w.text(strings.TrimSuffix(banner(c.patient, a.now()), "\n"))
	asOf := nhs.Instant(c.lamp.AsOf, a.zone())
	switch c.lamp.State {
	case client.Alert:
		w.text("%s   child protection alert, as of %s", c.lamp.State, asOf)
		if c.lamp.RecordMissing {
			w.text("%s", client.WordsRecordMissing)
		}
	case client.NoneRecorded:
		w.text("%s   as of %s", c.lamp.State, asOf)
		w.text("%s", client.WordsNoneRecorded)
	case client.NotChecked:
		w.text("%s   %s", c.lamp.State, fault.Find(c.lamp.Err).Sentence())
	default:
		what, meaning := client.WordsUnchecked(client.KindOf(c.lamp.Err))
		w.text("%s   %s %s", c.lamp.State, strings.TrimSpace(what+" "+meaning), c.procedure.Words())
	}

	switch {
	case c.lamp.OpeningAsks() && rbac.Unscheduled(c.role):
		w.text("It was not opened: nobody was notified. --open opens it.")
	case c.lamp.State != client.Alert && c.openErr != nil:
		w.text("%s", strings.TrimSpace(outcomeUnknownWords(c.openErr)))
	case c.lamp.State != client.Alert:
	case c.opened == nil:
		w.text("It was not opened: nobody was notified. --open opens it.")
	case c.openErr != nil:
		w.text("It could not be opened.%s", outcomeUnknownWords(c.openErr))
	default:
		a.showOpened(w, *c.opened)
	}

	a.showFlags(w, c.lamp.Flags)
	c.printed.show(w)
	switch {
	case c.receipt == "":
	case c.receiptErr == nil:
		w.text("")
		w.text("%s has the receipt.", c.receipt)
	default:
		w.text("")
		w.text("There is no receipt. Its request id is %s.", c.requestID())
	}

	return w.err
}

// showOpened writes the plans and the access history.
func (a *app) showOpened(w *lines, o client.Opened) {
	at := nhs.Instant(o.AsOf, a.zone())
	switch {
	case len(o.Plans) == 0:
		w.text("Opened %s. There is no plan to show any more; ask the local authority.", at)
	case o.Notifies:
		w.text("Opened %s. Recorded; the local authority will be notified.", at)
	default:
		w.text("Opened %s, silently: nobody was notified.", at)
	}

	today := nhs.DateOf(a.now())
	for _, p := range o.Plans {
		until := "now"
		switch {
		case p.Ended(today):
			until = p.End.String() + ", ended"
		case !p.End.IsZero():
			until = p.End.String()
		}
		w.text("")
		w.text("%s   from %s until %s", p.Kind.Words(), p.Start, until)
		w.text("  Authority            %s", orNotKnown(p.Authority))
		w.text("  Office hours         %s", orNotKnown(p.OfficePhone))
		w.text("  Emergency duty team  %s", orNotKnown(p.EmergencyPhone))
	}

	w.text("")
	if o.HistoryNotOffered() {
		w.text(client.WordsHistoryNotOffered)
		return
	}
	if o.ListErr != nil {
		w.text("The list of who has looked did not come. The plans are complete.")
		return
	}

	w.text("Who has looked: %d", len(o.Accesses))
	for _, x := range o.Accesses {
		w.text("  %s  %s, %s, %s", nhs.Instant(x.When, a.zone()), orNotKnown(x.Who), orNotKnown(x.JobRole),
			orNotKnown(x.Organisation))
	}
}

func orNotKnown(s string) string {
	if s == "" {
		return nhs.NotKnown
	}
	return s
}

// text writes one formatted line.
func (l *lines) text(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.out, format+"\n", args...)
	}
}
