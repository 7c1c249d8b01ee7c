package shell

import (
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// searchPrefs is how the last person at this terminal searched. It outlives the session, so there is nothing in it of
// a patient: whether they searched by name, and whether they had all fields shown. The wider search is not part of
// it. PDS wants a search as typed first, for each patient anew.
type searchPrefs struct {
	person string // UUID; "" is nobody
	prefs  find.Prefs
}

// of returns how the person searches; somebody else begins with the usual form.
func (h searchPrefs) of(person string) find.Prefs {
	if person == "" || person != h.person {
		return find.Prefs{}
	}
	return h.prefs
}

// keepSearchPrefs remembers how the person who is signed in searches.
func (m *Model) keepSearchPrefs() {
	if s, ok := step.ScreenOf[*find.Form](m.Screens); ok && m.In != nil {
		m.searchPrefs = searchPrefs{m.In.Person.UUID, s.Prefs}
	}
}
