package worklist

import (
	"fmt"
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Result is what the hub's answers mean for the patient of a row; see [ResultOf].
type Result struct {
	Lamp client.Lamp // its Number is the row's
	// Name and Born compare the family name and the birth date of the row with the record. If one is Differs, the lamp
	// is could not check.
	Name, Born Comparison
	Current    nhs.Number // the number that superseded the row's, or ""
	RecordErr  error      // for an alert: why the record could not be read
}

// Notes returns sentences about a row that its state and its reason do not cover.
func Notes(p Patient, a Answer) []string {
	var notes []string
	switch {
	case a.RecordMissing:
		notes = append(notes, client.WordsRecordMissing)
	case a.RecordUnread:
		notes = append(notes, "The record could not be read: name and birth date were not compared. Make sure who "+
			"this is.")
	case !a.Known():
	case a.Name == NotCompared && a.Born == NotCompared:
		notes = append(notes, "Name and birth date were not compared: the list's or the record's cannot be read.")
	case a.Name == NotCompared:
		notes = append(notes, "The name was not compared: the list's or the record's cannot be read.")
	case a.Born == NotCompared:
		notes = append(notes, "The birth date was not compared: the list's or the record's cannot be read.")
	}

	if len(p.Others) > 0 {
		notes = append(notes, "The same number is on "+onLines(p.Others)+" for somebody else.")
	}

	if a.Current != "" {
		notes = append(notes, fmt.Sprintf("The number was superseded by %s.", a.Current))
	}

	for _, f := range a.Flags.Noted() {
		notes = append(notes, f.words())
	}

	return notes
}

// LineNotes returns what there is to say about a patient's lines in the file, a sentence each.
func LineNotes(p Patient) []string {
	var notes []string
	if len(p.Again) > 0 {
		notes = append(notes, "Also on "+onLines(p.Again)+".")
	}
	if p.OtherName {
		notes = append(notes, "The same number stands there under another name. Check both.")
	}
	if p.NotUTF8 {
		notes = append(notes, "This line is not UTF-8: letters of the name may be wrong.")
	}
	return notes
}

// onLines returns "line 7" or "lines 7, 9".
func onLines(all []int) string {
	if len(all) == 1 {
		return fmt.Sprintf("line %d", all[0])
	}
	return "lines " + strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]")
}
