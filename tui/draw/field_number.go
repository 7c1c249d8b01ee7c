package draw

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
)

// PressNumber handles a key in a field for an NHS number. The digits are grouped 3-3-4 after every key, and the cursor
// skips the spaces.
func (f *Field) PressNumber(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left", "backspace":
		for f.At > 0 && f.Value[f.At-1] == ' ' {
			f.At--
		}
	case "right", "delete":
		for f.At < len(f.Value) && f.Value[f.At] == ' ' {
			f.At++
		}
	}
	taken := f.Press(k)
	if taken {
		f.Group()
	}
	return taken
}

// Group groups the digits in the field. The cursor stays after the same digit.
func (f *Field) Group() {
	old := f.Value
	grouped, at := nhs.GroupTyped(old, f.At)
	f.Value = append(make([]rune, 0, f.limit), grouped...)
	clear(old)
	f.At = at
}
