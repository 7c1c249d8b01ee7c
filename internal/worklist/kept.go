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

// Kept is a saved list. Whoever stores it must encrypt it.
type Kept struct {
	Made    time.Time // when the list was read
	By      string    // UUID of the person to whom the hub gave the answers
	Checked []Checked
}

// Checked is a patient and the answer.
type Checked struct {
	Patient Patient
	Answer  Answer
	Opened  time.Time // when that person opened the alert, or zero
}

// errNoList is returned by Open for malformed input.
var errNoList = errors.New("this is no list that was kept")

// keptVersion is the version of the format. Answers of version 1 were not compared with the record, and are dropped;
// see [Open].
const keptVersion = 2

type keptDocument struct {
	Version  int        `json:"version"`
	Made     time.Time  `json:"made"`
	By       string     `json:"by"`
	Patients []keptLine `json:"patients"`
}

type keptLine struct {
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
}

// Keep encodes the list and its answers for Open. by is the person to whom the hub gave the answers.
func (c *Check) Keep(made time.Time, by string) []byte {
	d := keptDocument{Version: keptVersion, Made: made.UTC(), By: by, Patients: make([]keptLine, len(c.patients))}
	for i, p := range c.patients {
		a := c.answers[i]
		line := keptLine{
			Patient: p, State: a.State.Name(), Missing: a.RecordMissing, Request: a.RequestID, Why: a.Why,
			Unread: a.RecordUnread, NameIs: a.Name, BornIs: a.Born, Current: a.Current,
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

// Open decodes a list encoded by Keep, and cleans its texts like those of a list file. Incomplete answers are dropped,
// so that the patient is not checked. All answers of a list of version 1 are dropped, because its rows were not
// compared with the records.
func Open(b []byte) (Kept, error) {
	var d keptDocument
	if err := json.Unmarshal(b, &d); err != nil || d.Version < 1 || d.Version > keptVersion || len(d.Patients) == 0 || len(d.Patients) > MostPatients {
		return Kept{}, errNoList // the error of json quotes the input
	}
	k := Kept{Made: d.Made, By: d.By, Checked: make([]Checked, len(d.Patients))}
	for i, line := range d.Patients {
		if line.Number != "" {
			if n, err := nhs.ParseNumber(line.Number.Digits()); err != nil || n != line.Number {
				return Kept{}, errNoList
			}
		}
		k.Checked[i].Patient = line.cleaned()
		if d.Version == keptVersion {
			k.Checked[i].Answer = line.answer()
			if line.Opened != nil {
				k.Checked[i].Opened = *line.Opened
			}
		}
	}
	return k, nil
}

func (l keptLine) cleaned() Patient {
	p := l.Patient
	for _, s := range []*string{&p.Given, &p.Fault, &p.FaultKind, &p.Name, &p.Family, &p.Born} {
		*s = text.Clean(*s, 0)
	}
	return p
}

func (l keptLine) answer() Answer {
	a := Answer{RequestID: text.Clean(l.Request, 0)}
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
		a.Why = &Reason{text.Clean(l.Why.Kind, 0), text.Clean(l.Why.Sentence, 0), text.Clean(l.Why.Advice, 0), text.Clean(l.Why.Code, 0)}
	default:
		return Answer{}
	}
	if a.Known() || a.ofAnother() {
		a.Name, a.Born = l.NameIs.known(), l.BornIs.known()
		if n, err := nhs.ParseNumber(l.Current.Digits()); err == nil {
			a.Current = n
		}
	}
	return a
}

// known returns c, or NotCompared if c is not a valid value.
func (c Comparison) known() Comparison {
	if c < NotListed || c > Differs {
		return NotCompared
	}
	return c
}

// Patients returns the patients of the list, without the answers.
func (k Kept) Patients() []Patient {
	all := make([]Patient, len(k.Checked))
	for i, c := range k.Checked {
		all[i] = c.Patient
	}
	return all
}

// Same reports whether the list consists of exactly these patients.
func (k Kept) Same(patients []Patient) bool { return reflect.DeepEqual(k.Patients(), patients) }

// Merge returns k with newer answers of copied, which another process saved. It returns k unchanged if the answers of
// copied were given to another person: the hub has no record that this person has seen them.
func (k Kept) Merge(copied Kept) Kept {
	if copied.By != k.By {
		return k
	}
	k.Checked = slices.Clone(k.Checked)
	for i := range min(len(k.Checked), len(copied.Checked)) {
		ours, theirs := &k.Checked[i].Answer, copied.Checked[i].Answer
		switch { // that the number is another patient's counts more than an alert that was not compared
		case ours.ofAnother() && theirs.RecordUnread:
			continue
		case theirs.ofAnother() && ours.RecordUnread:
			*ours = theirs
			continue
		}
		if theirs.Known() && (!ours.Known() || theirs.AsOf.After(ours.AsOf)) {
			*ours = theirs
		}
	}
	return k
}

// Bytes encodes the list for Open.
func (k Kept) Bytes() []byte { return k.Check(k.By, 0).Keep(k.Made, k.By) }

// Tally returns the counts that the person would see (see Check).
func (k Kept) Tally(person string) Tally { return k.Check(person, 1).Tally() }

// Check returns a check that continues with the list, at most perMinute patients a minute. The answers are used only
// if the hub gave them to person: it has no record that anybody else has seen them. For others, all patients are not
// checked.
func (k Kept) Check(person string, perMinute int) *Check {
	c := NewCheck(k.Patients(), perMinute)
	if person != k.By {
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
