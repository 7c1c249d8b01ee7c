package step

import (
	"errors"

	"wardlight/client"
	"wardlight/tui/draw"
)

// AboutNumber reports whether the hub's answer is one about the NHS number that was typed.
func AboutNumber(err error) bool {
	for _, k := range []client.Kind{client.NotFound, client.Invalidated, client.BadRequest} {
		if errors.Is(err, &client.Error{Kind: k}) {
			return true
		}
	}
	return false
}

// StateWords returns one of the four states in its word, sign and style, the same wherever it stands.
func StateWords(t draw.Styles, s client.State) string {
	switch s {
	case client.Alert:
		return t.Alert.Render(" " + draw.SignAlert + " " + s.String() + " ")
	case client.NoneRecorded:
		return t.Strong.Render(draw.SignNoneRecorded + " " + s.String())
	case client.CouldNotCheck:
		return t.Warn.Render(draw.SignFailed + " " + s.String())
	default:
		return t.Strong.Render(draw.SignNotChecked + " " + client.NotChecked.String())
	}
}

// WidestName is how wide the column of names gets: further apart the eye loses the row.
const WidestName = 50

// BoxWidth returns how wide a box is that stands alone in the middle: no wider than is pleasant to read.
func BoxWidth(l draw.Layout) int { return min(l.Body.W-2, 68) }

// Roomy puts a cell of space round a pane that stands alone.
func Roomy(p draw.Pane) draw.Pane { return draw.Stack(draw.Gap(1), p.Indent(1), draw.Gap(1)) }

// Hints returns the lines for a demo.
func (c *Common) Hints(w int) draw.Pane {
	if len(c.Hint) == 0 {
		return draw.Pane{}
	}
	all := []draw.Pane{draw.Gap(1)}
	for _, h := range c.Hint {
		all = append(all, draw.Paragraph(c.Styles.Label, h, w-1).Indent(1))
	}
	return draw.Stack(all...)
}

// WidestForm is how wide a form gets, in cells.
const WidestForm = 100

// SpaciousRows is how high a body is that has room for space between things.
const SpaciousRows = 26
