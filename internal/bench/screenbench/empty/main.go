// Command empty is a minimal Bubble Tea program: one line of text on the alternate screen, and q to quit. The time to
// its first frame is the minimum for any program with that library.
package main

import (
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
)

type nothing struct{}

func (nothing) Init() tea.Cmd { return nil }

func (n nothing) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "q" {
		return n, tea.Quit
	}
	return n, nil
}

func (nothing) View() tea.View {
	v := tea.NewView("nothing here")
	v.AltScreen = true
	return v
}

func main() {
	if _, err := tea.NewProgram(nothing{}).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "empty:", err)
		os.Exit(1)
	}
}
