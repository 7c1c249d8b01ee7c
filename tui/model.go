// Package tui is Wardlight on the terminal, from the card in the reader to the number to ring.
package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// stopMsg asks the program to end: a signal came.
type stopMsg struct{}

// model is the root of the program.
type model struct {
	ctx context.Context
	cfg Config
}

func newModel(ctx context.Context, cfg Config) *model { return &model{ctx: ctx, cfg: cfg} }

// Init begins.
func (m *model) Init() tea.Cmd { return nil }

// Update takes one message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg.(type) {
	case stopMsg, tea.KeyPressMsg:
		return m, tea.Quit
	}
	return m, nil
}

// View draws.
func (m *model) View() tea.View {
	v := tea.NewView("Wardlight")
	v.AltScreen = true
	return v
}

func (m *model) wipe() {}
