package step

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/tui/act"
)

// Command returns the command of a key on a screen, with the key's words and ready where the key is enabled. do does
// it, and returns what is left for the model to do.
func Command(b key.Binding, do func() Action) act.Command {
	return act.Command{Keys: b.Keys(), Key: b.Help().Key, Does: b.Help().Desc, Ready: b.Enabled(), Do: do}
}

// Effect returns a command's function that has nothing to do but to hand an action to the model.
func Effect(a Action) func() Action { return func() Action { return a } }

// Wordless returns a command that works and is shown nowhere: a second way to what another command does.
func Wordless(c act.Command) act.Command {
	c.Does = ""
	return c
}

// Shown reports whether a command belongs into the foot, the help and the commands of the linear mode.
func Shown(c act.Command) bool { return c.Ready && !c.Running && c.Does != "" }

// Delayed returns a command the key delay. It has been in sight since the screen came into sight, or since a later time
// at which what it is about has changed.
func (c *Common) Delayed(cmd act.Command, since time.Time) act.Command {
	cmd.Delay, cmd.Since = act.KeyDelay, c.ShownAt
	if since.After(cmd.Since) {
		cmd.Since = since
	}
	return cmd
}

// Chooser is a screen with a list, one of whose entries is chosen.
type Chooser interface {
	// choices returns a command for each entry, with the number that names it as its word.
	Choices() []act.Command
}

// ChosenBy returns the command of a key that chooses an entry of a list.
func ChosenBy(b key.Binding, choice act.Command) act.Command {
	choice.Keys, choice.Key, choice.Word, choice.Does = b.Keys(), b.Help().Key, "", b.Help().Desc
	choice.Ready = choice.Ready && b.Enabled()
	return choice
}

// Updown returns the commands of the arrows that move n rows up or down, under one key in the foot.
func (c *Common) Updown(does string, works bool, move func(n int)) []act.Command {
	arrow := func(b key.Binding, n int) act.Command {
		cmd := Command(When(As(c.Keys.Scroll, does), works), func() Action { move(n); return nil })
		cmd.Keys = b.Keys()
		return cmd
	}
	return []act.Command{arrow(c.Keys.Up, -1), arrow(c.Keys.Down, 1)}
}

// Paging returns the commands of the keys that move a page up or down; page is how many rows are on one.
func (c *Common) Paging(works bool, page int, move func(n int)) []act.Command {
	return []act.Command{
		Command(When(c.Keys.PageUp, works), func() Action { move(-page); return nil }),
		Command(When(c.Keys.PageDown, works), func() Action { move(page); return nil }),
	}
}

// ToEnds returns the commands of the keys that move to the first and the last of n rows.
func (c *Common) ToEnds(works bool, n int, to func(row int)) []act.Command {
	return []act.Command{
		Command(When(c.Keys.Home, works), func() Action { to(0); return nil }),
		Command(When(c.Keys.End, works), func() Action { to(n - 1); return nil }),
	}
}

// Unfocused is the part of a screen without a field.
type Unfocused struct{}

// Typing reports whether a field has the focus.
func (Unfocused) Typing() bool { return false }

// Paste takes pasted text for the field that has the focus.
func (Unfocused) Paste(string) {}
