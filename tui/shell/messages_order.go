package shell

import (
	tea "charm.land/bubbletea/v2"
)

// InOrderMsg is two messages, one after the other.
type InOrderMsg struct{ First, Then tea.Msg }
