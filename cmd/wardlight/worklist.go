package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
	worklists "wardlight/internal/worklist/savedlist"
	"wardlight/rbac"
)

// Limits of --wait.
const (
	defaultHubWait = 5 * time.Minute
	maxHubWait     = 12 * time.Hour
)

// worklistFlags are the flags of the worklist command.
type worklistFlags struct {
	afresh, fileOrder, csv bool
	wait                   string
}

func newWorklist(a *app) *cobra.Command {
	var f worklistFlags
	cmd := &cobra.Command{
		Use:   "worklist FILE|-",
		Short: "Ask for each patient of a list whether there is an alert; notifies nobody",
		Long: `Ask for each patient of a list whether there is an alert. Asking notifies nobody, and nothing is opened.

FILE is a table with a column headed NHS number (nhs_no, NHSNumber, ...) and, if you like, name and birth date, with commas,
semicolons or tabs; or NHS numbers, one a line. - reads standard input. Titles above the headings are skipped. A line without a
valid number stays in the list as not checked, with the reason; a number that comes again is asked about once.

For each line the patient's record and the alert are asked for at the same time: two requests. Where the list has family name or
birth date, they are compared with the record. A line with another patient's number could not be checked, nor one with a number
that nobody has.

At most four patients are asked about at the same time, at most worklist.rate a minute, and not while the hub asks to wait.
While the hub does not answer, the rest stays not checked, and is checked when it is back; --wait says for how long to look
out for it.

A list that was not finished (the command was ended, or the computer) is kept encrypted, and the next 'wardlight worklist' with
the same FILE, or without one, goes on with it. Without a keyring it is only in memory, and standard error says so.

The exit code is 0 when the hub has answered about every line, whichever it is; 5 when somebody could not be checked, 2 when
all that is missing are lines without a valid NHS number.`,
		Example: "  wardlight worklist waiting-room.csv\n  wardlight worklist - --json < numbers.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			wait, err := f.read(args)
			if err != nil {
				return err
			}
			return a.worklist(cmd.Context(), args, f, wait)
		},
	}

	flags := cmd.Flags()
	flags.BoolVar(&f.afresh, "afresh", false, "drop the list that is kept, and ask about everybody")
	flags.BoolVar(&f.fileOrder, "file-order", false, "list the patients as the file does, instead of alerts first")
	flags.BoolVar(&f.csv, "csv", false, "write the list as a table (CSV)")
	flags.StringVar(&f.wait, "wait", config.Short(defaultHubWait), "how long to look out for a hub that does not "+
		"answer, such as 30s or 1h")
	return cmd
}

// read returns the value of --wait. The error is a *usageError.
func (f worklistFlags) read(args []string) (time.Duration, error) {
	if len(args) > 1 {
		return 0, &usageError{problem: "give one file", hint: "wardlight worklist FILE, or - for standard input"}
	}
	if len(args) == 0 && f.afresh {
		return 0, &usageError{problem: "--afresh needs a file", hint: "wardlight worklist FILE --afresh"}
	}
	wait, err := config.ReadSpan(f.wait, 0, maxHubWait)
	if err != nil {
		return 0, &usageError{problem: "--wait: " + err.Error(), hint: "such as 30s or 1h"}
	}
	return wait, nil
}

func needLamp(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.SeeLamp} }

// worklistStore returns the store of worklists, which also reads list files.
func (a *app) worklistStore(c *wardlight.Config) *worklists.Store {
	return worklists.New(worklists.Config{
		Keys: a.keyring, Folder: a.sealedFolder, Hub: c.HubURL,
		MaxAge: c.WorklistTimeout, PerPerson: c.WorklistOwnerOnly, Input: a.in,
	})
}

// worklist reads the list, signs in, and checks the list. A list that cannot be read fails before the passcode is
// asked for.
func (a *app) worklist(ctx context.Context, args []string, f worklistFlags, wait time.Duration) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	if len(args) == 1 && args[0] == "-" && a.passcodeFD == 0 {
		return &usageError{
			problem: "standard input cannot be both the list and the passcode",
			hint:    "give the passcode on another descriptor, as in --passcode-fd 3",
		}
	}
	r := &worklistRun{app: a, store: a.worklistStore(c), flags: f, wait: wait}
	if len(args) == 1 {
		read, err := r.store.ReadList(ctx, args[0], nhs.DateOf(a.now()))
		if err != nil {
			return err
		}
		r.read, r.file = read.Patients, &readPart{Skipped: read.Skipped, Headings: !read.NoHeadings}
	}
	return a.inRole(ctx, needLamp, r.check)
}

// worklistRun is the state of one run of the worklist command.
type worklistRun struct {
	*app
	store *worklists.Store
	flags worklistFlags
	wait  time.Duration
	read  []worklist.Patient // nil continues the saved list
	file  *readPart          // nil likewise

	s             *cardSession
	owner         worklist.Owner
	list          *worklist.Check
	made          time.Time
	saveError     error // why the list could not be saved and is only in memory
	progressShown bool  // the terminal shows a progress line that has no newline yet
}

// check loads the list, checks it, and shows the result.
func (r *worklistRun) check(ctx context.Context, s *cardSession) error {
	r.s = s
	owner := worklist.Owner{Person: s.in.Person.UUID, Organisation: s.role.OrgODS}
	switch {
	case r.list == nil || r.owner != owner:
		r.owner = owner
		if err := r.load(ctx); err != nil {
			return err
		}
	default: // a second sign-in after the saved one had ended
		r.list.Restart(r.clock())
	}

	r.save(ctx)
	ended := r.ask(ctx)
	r.endLine()
	if signedOut(ended) && s.saved != nil { // check is called again after a new sign-in
		return ended
	}

	r.save(ctx)
	finished := r.list.Tally().NotChecked == r.list.Tally().Faulty
	if finished && r.saveError == nil {
		_ = r.store.RemoveSaved(ctx, r.owner) // a file that remains is encrypted, and removed when it expires
	}

	return r.show(ended, finished)
}

// load loads the list: the one read from the file, or the saved one.
func (r *worklistRun) load(ctx context.Context) error {
	saved, err := r.store.LoadSaved(ctx, r.owner, r.clock())
	if err != nil && !sealed.Unreadable(err) && sealed.KindOf(err) != sealed.NoKeyring {
		return err
	}

	rate := r.s.config.WorklistRate
	open := saved != nil && saved.Check(r.owner.Person, rate).Unanswered()
	switch {
	case r.read == nil && saved == nil:
		return &usageError{problem: "no list is kept", hint: "wardlight worklist FILE, or - for standard input"}
	case r.read == nil, open && saved.Same(r.read) && !r.flags.afresh:
		r.list, r.made = saved.Check(r.owner.Person, rate), saved.ReadAt
		r.list.Restart(r.clock())
		fmt.Fprintf(r.err, "wardlight: goes on with the list of %s\n", nhs.Instant(saved.ReadAt, r.zone()))
	case open && !r.flags.afresh:
		return &usageError{
			problem: fmt.Sprintf("another list is kept, of %s, which is not finished",
				nhs.Instant(saved.ReadAt, r.zone())),
			hint: "'wardlight worklist' without a file goes on with it; --afresh drops it",
		}
	default:
		r.list, r.made = worklist.NewCheck(r.read, rate), r.clock()
	}

	return nil
}

// save saves the current state of the list, and shows the first failure to do so.
func (r *worklistRun) save(ctx context.Context) {
	err := r.store.SaveList(context.WithoutCancel(ctx), r.owner, r.list.Encode(r.made, r.owner.Person))
	if err != nil && r.saveError == nil {
		var told interface{ Sentence() string }
		if errors.As(err, &told) {
			fmt.Fprintf(r.err, "wardlight: the list is only in memory: %s\n", told.Sentence())
		}
	}
	r.saveError = err
}

// ask checks patients until none is left. It returns the error that ended it early, if any.
func (r *worklistRun) ask(ctx context.Context) error {
	w := &session.Worklist{List: r.list, Checker: r.s.sessions, Probe: func(ctx context.Context) error {
		return r.s.hub.Probe(ctx).Err
	}}
	err := w.Run(ctx, session.ListRun{
		Clock: r.clock, HubTimeout: r.wait,
		OnChange: func() { r.save(ctx); r.progress() },
		OnHubDown: func(why *worklist.Reason) {
			r.endLine()
			fmt.Fprintf(r.err, "wardlight: %s (%s) The rest is not checked until it is back.\n", why.Sentence, why.Code)
		},
	})
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
