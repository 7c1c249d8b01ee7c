package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
)

// pressNumber takes a key for a field that holds an NHS number: grouped 3-3-4 after every key, with the spaces passed over as
// if they were not there.
func (f *field) pressNumber(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left", "backspace":
		for f.at > 0 && f.value[f.at-1] == ' ' {
			f.at--
		}
	case "right", "delete":
		for f.at < len(f.value) && f.value[f.at] == ' ' {
			f.at++
		}
	}
	taken := f.press(k)
	if taken {
		f.group()
	}
	return taken
}

// group groups what is in the field; the cursor stays behind its digit.
func (f *field) group() {
	old := f.value
	grouped, at := nhs.GroupTyped(old, f.at)
	f.value = append(make([]rune, 0, f.limit), grouped...)
	clear(old)
	f.at = at
}
