package shell

import (
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// searchPrefs is the search preferences of the last user of this terminal: search by name, and all fields shown. They
// stay after the session ends, so they contain no patient data. The wider search is not included, because PDS requires
// a search as typed first for each patient.
type searchPrefs struct {
	person string // UUID; "" for nobody
	prefs  find.Prefs
}

// of returns the preferences of a person, or the defaults if they are another's.
func (h searchPrefs) of(person string) find.Prefs {
	if person == "" || person != h.person {
		return find.Prefs{}
	}
	return h.prefs
}

// saveSearchPrefs stores the search preferences of the signed-in user.
func (m *Model) saveSearchPrefs() {
	if s, ok := step.ScreenOf[*find.Form](m.Screens); ok && m.In != nil {
		m.searchPrefs = searchPrefs{m.In.Person.UUID, s.Prefs}
	}
}
