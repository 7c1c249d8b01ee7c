package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
)

// worklistDocument is the JSON document wardlight.worklist/1.
type worklistDocument struct {
	Schema   string         `json:"schema"`
	Made     *string        `json:"made"` // when the list was read
	File     *readPart      `json:"file"` // null when the command continued a saved list
	Complete bool           `json:"complete"`
	Kept     bool           `json:"kept"` // saved encrypted; another command can continue it
	Counts   countsPart     `json:"counts"`
	Role     rolePart       `json:"role"`
	Patients []worklistPart `json:"patients"`
	Error    *errorPart     `json:"error"` // why the list is incomplete; null when it is complete
}

// readPart describes how the file was read.
type readPart struct {
	Skipped  int  `json:"skipped_lines"` // lines above the headings
	Headings bool `json:"headings"`      // false: only NHS numbers were read, and nothing is compared
}

type countsPart struct {
	All           int `json:"all"`
	Alert         int `json:"alert"`
	NoneRecorded  int `json:"none_recorded"`
	CouldNotCheck int `json:"could_not_check"`
	NotChecked    int `json:"not_checked"`
	Faulty        int `json:"not_a_number"` // of NotChecked, the lines without a valid NHS number
}

// worklistPart is one patient of the list. State is alert, none_recorded, not_checked or could_not_check. Error gives
// the reason for the last two.
type worklistPart struct {
	Line      int     `json:"line"`
	Again     []int   `json:"same_number_on_lines"`
	OtherName bool    `json:"same_number_other_name"`
	NotUTF8   bool    `json:"not_utf8"`   // letters of the name may be wrong
	Number    string  `json:"nhs_number"` // ten digits; "" if the line has no valid number
	Given     string  `json:"given"`      // text found instead of a number
	Name      string  `json:"name"`       // as in the file
	Born      string  `json:"born"`       // as in the file
	State     string  `json:"state"`
	AsOf      *string `json:"as_of"`          // time of the hub
	Old       bool    `json:"old"`            // older than worklist.old
	Missing   bool    `json:"record_missing"` // an alert under a number that no current patient record has
	// NameCompared and BornCompared report whether the line's family name and birth date match the record: "same",
	// "not_compared" if one of the two cannot be read, or "not_listed".
	NameCompared string     `json:"name_compared"`
	BornCompared string     `json:"birth_date_compared"`
	Unread       bool       `json:"record_unread"`      // an alert whose record could not be read
	Current      string     `json:"current_nhs_number"` // replaces nhs_number; "" unless that was superseded
	RequestID    string     `json:"request_id"`
	Flags        []rowFlag  `json:"flags"` // the flags that the role may see, besides child protection
	Error        *errorPart `json:"error"`
}

// rowFlag is a flag other than child protection. State is flag, none_recorded, not_checked or could_not_check.
type rowFlag struct {
	Kind  string `json:"kind"` // code of England-FlagCategoryPatient
	State string `json:"state"`
}

// show writes the list and returns the reason why it is incomplete, or nil when it is complete.
func (r *worklistRun) show(ended error, finished bool) error {
	why := r.incomplete(ended)
	show := r.showList
	switch {
	case r.json:
		show = r.printList
	case r.flags.csv:
		show = r.writeTable
	}
	if err := show(why, !finished && r.saveError == nil); err != nil {
		return err
	}
	if why != nil {
		return shownError{why}
	}
	return nil
}

// incomplete returns the error of an incomplete list: the one that ended the check early, or else a summary of what
// could not be checked.
func (r *worklistRun) incomplete(ended error) error {
	t := r.list.Tally()
	switch {
	case ended != nil:
		return ended
	case t.CouldNotCheck > 0:
		return exitError{&incompleteError{
			fmt.Sprintf("%s could not be checked.", counted(t.CouldNotCheck, "patient", "patients")),
			"What stands beside each says why. Until there is an answer: " + r.s.config.Procedure.Words(),
		}, exitHub}
	case t.Faulty > 0:
		return exitError{&incompleteError{
			fmt.Sprintf("%s without a valid NHS number.", counted(t.Faulty, "line is", "lines are")),
			"Correct them in the file, or search for the patients by name and birth date.",
		}, exitUsage}
	}
	return nil
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// order returns the sort order for showing the list.
func (r *worklistRun) order() worklist.Order {
	if r.flags.fileOrder {
		return worklist.AsInFile
	}
	return worklist.AlertsFirst
}

func (r *worklistRun) printList(why error, saved bool) error {
	t := r.list.Tally()
	d := worklistDocument{
		Schema: "wardlight.worklist/1", Made: instant(r.made), File: r.file, Complete: why == nil, Kept: saved,
		Role:     partOfRole(r.s.role),
		Counts:   countsPart{t.All, t.Alerts, t.NoneRecorded, t.CouldNotCheck, t.NotChecked, t.Faulty},
		Patients: []worklistPart{},
	}

	for _, at := range r.list.Indexes(r.order()) {
		p, answer := r.list.Patient(at), r.list.Answer(at)
		part := worklistPart{
			Line: p.Line, Again: p.Again, OtherName: p.OtherName || len(p.Others) > 0, NotUTF8: p.NotUTF8,
			Number: p.Number.Digits(), Given: p.NumberText, Name: p.Name, Born: p.Born,
			State: answer.State.Name(), AsOf: instant(answer.AsOf),
			Old: answer.OlderThan(r.clock(), r.s.config.WorklistMaxAge), Missing: answer.RecordMissing,
			RequestID:    answer.RequestID,
			NameCompared: answer.Name.String(), BornCompared: answer.Born.String(), Unread: answer.RecordUnread,
			Current: answer.Current.Digits(), Flags: []rowFlag{},
		}

		for _, f := range answer.Flags.All() {
			part.Flags = append(part.Flags, rowFlag{string(f.Kind), f.Lamp().Name()})
		}

		part.Again = slices.Sorted(slices.Values(append(part.Again, p.Others...)))
		if part.Again == nil {
			part.Again = []int{}
		}

		switch {
		case !p.HasNumber():
			part.Error = &errorPart{
				Kind: cmp.Or(p.FaultKind, worklist.NoNumber), Sentence: p.Fault,
				Code: worklist.FaultCode,
			}
		case answer.Why != nil:
			part.Error = &errorPart{
				Kind: answer.Why.Kind, Sentence: answer.Why.Sentence, Advice: answer.Why.Advice,
				Code: answer.Why.Code,
			}
		}

		d.Patients = append(d.Patients, part)
	}

	if why != nil {
		part := errorOf(why)
		d.Error = &part
	}

	return r.print(d)
}

// writeTable writes the list as a table.
func (r *worklistRun) writeTable(error, bool) error {
	_, err := r.out.Write(r.list.CSV(r.order(), r.zone()))
	return err
}

// The columns of the table, in cells.
const (
	stateCells  = 15
	asOfCells   = 17
	numberCells = 12
	nameCells   = 30
)

// showList writes the list as text.
func (r *worklistRun) showList(_ error, saved bool) error {
	w := &lines{out: r.out}
	t := r.list.Tally()
	w.text("%s: %d %s, %d %s, %d %s, %d %s", counted(t.All, "patient", "patients"), t.Alerts, client.Alert,
		t.NoneRecorded, client.NoneRecorded,
		t.CouldNotCheck, client.CouldNotCheck, t.NotChecked, client.NotChecked)

	if r.file != nil && r.file.Skipped > 0 {
		w.text("%s skipped above the headings.", counted(r.file.Skipped, "line was", "lines were"))
	}

	if r.file != nil && !r.file.Headings {
		w.text("The file has no headings that are known: the NHS numbers alone were read, and no names or birth " +
			"dates compared.")
	}

	for _, at := range r.list.Indexes(r.order()) {
		w.text("%s", r.row(at))
	}

	if t.NoneRecorded > 0 {
		w.text("'None recorded' does not prove that there is no plan: it leaves out Scotland, Wales, Northern " +
			"Ireland, private placements, sensitive records and plans not yet sent.")
	}

	if saved {
		w.text("The list is kept, encrypted: 'wardlight worklist' goes on with it.")
	}

	return w.err
}

// row returns the table row of one patient, with notes.
func (r *worklistRun) row(at int) string {
	p, answer := r.list.Patient(at), r.list.Answer(at)
	asOf, number := "", p.Number.String()
	var notes []string
	if answer.Known() {
		asOf = nhs.Instant(answer.AsOf, r.zone())
	}

	if !p.HasNumber() {
		number = text.Truncate(p.NumberText, numberCells)
		notes = append(notes, faultNote(p))
	}

	if answer.OlderThan(r.clock(), r.s.config.WorklistMaxAge) {
		notes = append(notes, "old")
	}

	if answer.Why != nil {
		notes = append(notes, answer.Why.Sentence+" ("+answer.Why.Code+")")
	}

	notes = append(notes, worklist.Notes(p, answer)...)
	notes = append(notes, worklist.LineNotes(p)...)
	name := p.Name
	if p.Born != "" {
		name = strings.TrimSpace(name + " " + p.Born)
	}

	cells := []string{
		text.Pad(answer.State.String(), stateCells), text.Pad(asOf, asOfCells), text.Pad(number, numberCells),
		text.Pad(name, nameCells),
		fmt.Sprintf("line %d", p.Line),
	}

	return strings.Join(append(cells, notes...), "  ")
}

// faultNote returns why the line has no usable NHS number.
func faultNote(p worklist.Patient) string {
	if p.FaultKind == worklist.TwoNumbers {
		return p.Fault + " (" + worklist.FaultCode + ")"
	}
	return "not a valid NHS number: " + p.Fault + " (" + worklist.FaultCode + ")"
}

// progress shows on a terminal how many patients have been checked.
func (r *worklistRun) progress() {
	if !isTerminal(r.err) {
		return
	}
	t := r.list.Tally()
	fmt.Fprintf(r.err, "wardlight: %d of %d, %d %s\r", t.Finished(), t.All, t.Alerts, client.Alert)
	r.progressShown = true
}

// endLine ends the progress line, so that a shorter line doesn't overwrite only its beginning.
func (r *worklistRun) endLine() {
	if r.progressShown {
		fmt.Fprintln(r.err)
	}
	r.progressShown = false
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
