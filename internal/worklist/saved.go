package worklist

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// SavedList is a saved list. Whoever stores it must encrypt it.
type SavedList struct {
	ReadAt  time.Time // when the list was read
	Person  string    // UUID of the person to whom the hub gave the answers
	Checked []SavedPatient
}

// SavedPatient is a patient and the answer.
type SavedPatient struct {
	Patient Patient
	Answer  Answer
	Opened  time.Time // when that person opened the alert, or zero
}

// errMalformedList is returned by Decode for malformed input.
var errMalformedList = errors.New("this is no list that was kept")

// savedVersion is the version of the format. Answers of version 1 were not compared with the record, and are dropped;
// see [Decode].
const savedVersion = 2

type savedDocument struct {
	Version  int        `json:"version"`
	Made     time.Time  `json:"made"`
	By       string     `json:"by"`
	Patients []savedRow `json:"patients"`
}

type savedRow struct {
	Patient
	State   string     `json:"state"`
	Missing bool       `json:"record_missing,omitempty"`
	Unread  bool       `json:"record_unread,omitempty"`
	NameIs  Comparison `json:"name_compared,omitempty"`
	BornIs  Comparison `json:"born_compared,omitempty"`
	Current nhs.Number `json:"current_number,omitempty"`
	AsOf    *time.Time `json:"as_of,omitempty"`
	Request string     `json:"request,omitempty"`
	Opened  *time.Time `json:"opened,omitempty"`
	Why     *Reason    `json:"why,omitempty"`
	// Flags is absent in lists saved by versions without other flags.
	Flags []savedFlag `json:"flags,omitempty"`
}

// Encode encodes the list and its answers for Decode. by is the person to whom the hub gave the answers.
func (c *Check) Encode(made time.Time, by string) []byte {
	d := savedDocument{Version: savedVersion, Made: made.UTC(), By: by, Patients: make([]savedRow, len(c.patients))}
	for i, p := range c.patients {
		a := c.answers[i]
		line := savedRow{
			Patient: p, State: a.State.Name(), Missing: a.RecordMissing, Request: a.RequestID, Why: a.Why,
			Unread: a.RecordUnread, NameIs: a.Name, BornIs: a.Born, Current: a.Current, Flags: a.Flags.save(),
		}
		if a.Known() {
			asOf := a.AsOf.UTC()
			line.AsOf = &asOf
		}
		if at := c.opened[i]; !at.IsZero() {
			at = at.UTC()
			line.Opened = &at
		}
		d.Patients[i] = line
	}

	b, err := json.Marshal(d)
	if err != nil { // can't happen: all fields can be encoded
		panic(err)
	}

	return b
}

// Decode decodes a list encoded by Keep, and cleans its texts like those of a list file. Incomplete answers are
// dropped, so that the patient is not checked. All answers of a list of version 1 are dropped, because its rows were
// not compared with the records.
func Decode(b []byte) (SavedList, error) {
	var d savedDocument
	if err := json.Unmarshal(b, &d); err != nil || d.Version < 1 || d.Version > savedVersion || len(d.Patients) == 0 ||
		len(d.Patients) > MaxPatients {
		return SavedList{}, errMalformedList // the error of json quotes the input
	}

	k := SavedList{ReadAt: d.Made, Person: d.By, Checked: make([]SavedPatient, len(d.Patients))}
	for i, line := range d.Patients {
		if line.Number != "" {
			if n, err := nhs.ParseNumber(line.Number.Digits()); err != nil || n != line.Number {
				return SavedList{}, errMalformedList
			}
		}
		k.Checked[i].Patient = line.cleaned()
		if d.Version == savedVersion {
			k.Checked[i].Answer = line.answer()
			if line.Opened != nil {
				k.Checked[i].Opened = *line.Opened
			}
		}
	}

	return k, nil
}

func (l savedRow) cleaned() Patient {
	p := l.Patient
	for _, s := range []*string{&p.NumberText, &p.Fault, &p.FaultKind, &p.Name, &p.Family, &p.Born} {
		*s = text.Clean(*s, 0)
	}
	return p
}

func (l savedRow) answer() Answer {
	a := Answer{RequestID: text.Clean(l.Request, 0), Flags: readFlags(l.Flags)}
	dated := l.AsOf != nil && !l.AsOf.IsZero()
	switch {
	case l.Number == "":
		return Answer{}
	case l.State == client.Alert.Name() && dated:
		a.State, a.AsOf, a.RecordMissing, a.RecordUnread = client.Alert, *l.AsOf, l.Missing, l.Unread
	case l.State == client.NoneRecorded.Name() && dated:
		a.State, a.AsOf = client.NoneRecorded, *l.AsOf
	case l.State == client.CouldNotCheck.Name() && l.Why != nil:
		a.State = client.CouldNotCheck
		a.Why = &Reason{
			text.Clean(l.Why.Kind, 0), text.Clean(l.Why.Sentence, 0), text.Clean(l.Why.Advice, 0),
			text.Clean(l.Why.Code, 0),
		}
	default:
		return Answer{}
	}

	if a.Known() || a.isOtherPatient() {
		a.Name, a.Born = l.NameIs.validOrNotCompared(), l.BornIs.validOrNotCompared()
		if n, err := nhs.ParseNumber(l.Current.Digits()); err == nil {
			a.Current = n
		}
	}

	return a
}

// validOrNotCompared returns c, or NotCompared if c is not a valid value.
func (c Comparison) validOrNotCompared() Comparison {
	if c < NotListed || c > Differs {
		return NotCompared
	}
	return c
}

// Patients returns the patients of the list, without the answers.
func (k SavedList) Patients() []Patient {
	all := make([]Patient, len(k.Checked))
	for i, c := range k.Checked {
		all[i] = c.Patient
	}
	return all
}

// Same reports whether the list consists of exactly these patients.
func (k SavedList) Same(patients []Patient) bool { return reflect.DeepEqual(k.Patients(), patients) }

// Merge returns k with newer answers of copied, which another process saved. It returns k unchanged if the answers of
// copied were given to another person: the hub has no record that this person has seen them.
func (k SavedList) Merge(copied SavedList) SavedList {
	if copied.Person != k.Person {
		return k
	}
	k.Checked = slices.Clone(k.Checked)
	for i := range min(len(k.Checked), len(copied.Checked)) {
		ours, theirs := &k.Checked[i].Answer, copied.Checked[i].Answer
		switch { // that the number is another patient's counts more than an alert that was not compared
		case ours.isOtherPatient() && theirs.RecordUnread:
			continue
		case theirs.isOtherPatient() && ours.RecordUnread:
			*ours = theirs
			continue
		}
		if theirs.Known() && (!ours.Known() || theirs.AsOf.After(ours.AsOf)) {
			*ours = theirs
		}
	}
	return k
}

// Encode encodes the list for Decode.
func (k SavedList) Encode() []byte { return k.Check(k.Person, 0).Encode(k.ReadAt, k.Person) }

// Tally returns the counts that the person would see (see Check).
func (k SavedList) Tally(person string) Tally { return k.Check(person, 1).Tally() }

// Check returns a check that continues with the list, at most perMinute patients a minute. The answers are used only
// if the hub gave them to person: it has no record that anybody else has seen them. For others, all patients are not
// checked.
func (k SavedList) Check(person string, perMinute int) *Check {
	c := NewCheck(k.Patients(), perMinute)
	if person != k.Person {
		return c
	}
	for i, was := range k.Checked {
		c.answers[i] = was.Answer
		if !was.Opened.IsZero() {
			c.opened[i] = was.Opened
		}
	}
	return c
}

// Owner identifies whose list is saved: the user, and the organisation that they act for.
type Owner struct {
	Person       string // UUID
	Organisation string // ODS code
}
