package step

import (
	"errors"

	"wardlight/client"
	"wardlight/tui/draw"
)

// AboutNumber reports whether err is an answer of the hub about the NHS number: not found, invalidated or malformed.
func AboutNumber(err error) bool {
	for _, k := range []client.Kind{client.NotFound, client.Invalidated, client.BadRequest} {
		if errors.Is(err, &client.Error{Kind: k}) {
			return true
		}
	}
	return false
}

// StateWords returns the text of an alert state with its sign and style. It is the same on all screens.
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

// FlagSign returns the sign of a kind of flag. It differs from that of an alert in shape and in ASCII.
func FlagSign(k client.FlagKind) string {
	switch k {
	case client.ReasonableAdjustments:
		return draw.SignAdjustments
	case client.FGM:
		return draw.SignFGM
	default:
		return draw.SignOtherFlag
	}
}

// FlagWords returns the text of the state of a flag with its sign and style. The style differs from that of an alert
// also without colours.
func FlagWords(t draw.Styles, l client.FlagLamp) string {
	if l.State == client.Alert {
		return t.Strong.Render(FlagSign(l.Kind) + " " + l.Words())
	}
	return StateWords(t, l.State)
}

// MaxNameWidth is the maximum width of the column of names. With a wider one, the cells of a row are hard to follow.
const MaxNameWidth = 50

// BoxWidth returns the width of a box that is alone on the screen, limited for easy reading.
func BoxWidth(l draw.Layout) int { return min(l.Body.W-2, 68) }

// Padded returns p with a cell of space around it.
func Padded(p draw.Pane) draw.Pane { return draw.Stack(draw.Gap(1), p.Indent(1), draw.Gap(1)) }

// Hints returns the lines for a demo, or nothing.
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

// MaxFormWidth is the maximum width of a form, in cells.
const MaxFormWidth = 100

// MinSpaciousRows is the height of the body from which space is left between parts.
const MinSpaciousRows = 26
