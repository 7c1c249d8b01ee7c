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

// Kept is a list as it outlasts a process: encrypted, by whoever keeps it.
type Kept struct {
	Made    time.Time // when the list was read
	By      string    // the UUID of the person to whom the hub gave the answers
	Checked []Checked
}

// Checked is a patient with what is known.
type Checked struct {
	Patient Patient
	Answer  Answer
	Opened  time.Time // when that person opened the alert; zero for not opened
}

// errNoList is what Open says of bytes that are no list.
var errNoList = errors.New("this is no list that was kept")

// keptVersion is the form of the document. Answers of version 1 were by the number alone, and are not used: see [Open].
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

// Keep returns the list as it stands, for Open. The answers are those given to the person.
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
	if err != nil { // there is nothing in it that cannot be written
		panic(err)
	}
	return b
}

// Open reads what Keep wrote, and cleans its texts as those of the file that it was read from. An answer that is not
// whole is none: the patient is not checked. So is everybody of a list of version 1, whose lines nobody has compared
// with the records.
func Open(b []byte) (Kept, error) {
	var d keptDocument
	if err := json.Unmarshal(b, &d); err != nil || d.Version < 1 || d.Version > keptVersion || len(d.Patients) == 0 || len(d.Patients) > MostPatients {
		return Kept{}, errNoList // json's own error quotes what it read
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

// known returns the comparison; NotCompared for a number that is none.
func (c Comparison) known() Comparison {
	if c < NotListed || c > Differs {
		return NotCompared
	}
	return c
}

// Patients returns the patients of the list, without what is known.
func (k Kept) Patients() []Patient {
	all := make([]Patient, len(k.Checked))
	for i, c := range k.Checked {
		all[i] = c.Patient
	}
	return all
}

// Same reports whether the list is made of exactly these patients.
func (k Kept) Same(patients []Patient) bool { return reflect.DeepEqual(k.Patients(), patients) }

// Merge returns this list with the answers of another program's copy of it that are newer. Answers that the hub gave
// to another person are left out: it has no record that this one has seen them.
func (k Kept) Merge(copied Kept) Kept {
	if copied.By != k.By {
		return k
	}
	k.Checked = slices.Clone(k.Checked)
	for i := range min(len(k.Checked), len(copied.Checked)) {
		ours, theirs := &k.Checked[i].Answer, copied.Checked[i].Answer
		switch { // an alert that was not compared with the record says less than that the number is another patient's
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

// Bytes returns the list for Open.
func (k Kept) Bytes() []byte { return k.Check(k.By, 0).Keep(k.Made, k.By) }

// Tally counts what the person would see (see Check).
func (k Kept) Tally(person string) Tally { return k.Check(person, 1).Tally() }

// Check goes on with the list for the person, at most perMinute patients a minute. The answers go along only to the
// person to whom the hub gave them: it has no record that another one has seen them, so for another one everybody is
// not checked.
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

// Owner is whose list is kept: the person who is signed in, and the organisation that they act for.
type Owner struct {
	Person       string // UUID
	Organisation string // ODS code
}
