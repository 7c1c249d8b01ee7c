package shell

import (
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// habits is how the last person at this terminal searched. It outlives the session, so there is nothing in it of a patient:
// whether they searched by name, and whether they had all fields shown. The wider search is not part of it. PDS wants a search
// as typed first, for each patient anew.
type habits struct {
	person string // UUID; "" is nobody
	form   find.Habit
}

// of is how the person searches; somebody else begins with the usual form.
func (h habits) of(person string) find.Habit {
	if person == "" || person != h.person {
		return find.Habit{}
	}
	return h.form
}

// keepHabit remembers how the person who is signed in searches.
func (m *Model) keepHabit() {
	if s, ok := step.ScreenOf[*find.Form](m.Screens); ok && m.In != nil {
		m.habits = habits{m.In.Person.UUID, s.Form}
	}
}
