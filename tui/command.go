package tui

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/tui/act"
)

// command returns the command of a key on a screen, with the key's words and ready where the key is enabled. do does
// it, and returns what is left for the model to do.
func command(b key.Binding, do func() action) act.Command {
	return act.Command{Keys: b.Keys(), Key: b.Help().Key, Does: b.Help().Desc, Ready: b.Enabled(), Do: do}
}

// effect returns a command's function that has nothing to do but to hand an action to the model.
func effect(a action) func() action { return func() action { return a } }

// wordless returns a command that works and is shown nowhere: a second way to what another command does.
func wordless(c act.Command) act.Command {
	c.Does = ""
	return c
}

// shown reports whether a command belongs into the foot, the help and the commands of the linear mode.
func shown(c act.Command) bool { return c.Ready && !c.Running && c.Does != "" }

// delayed gives a command the key delay. It has been in sight since the screen came into sight, or since a later time
// at which what it is about has changed.
func (c *common) delayed(cmd act.Command, since time.Time) act.Command {
	cmd.Delay, cmd.Since = act.KeyDelay, c.shownAt
	if since.After(cmd.Since) {
		cmd.Since = since
	}
	return cmd
}

// chooser is a screen with a list, one of whose entries is chosen.
type chooser interface {
	// choices returns a command for each entry, with the number that names it as its word.
	Choices() []act.Command
}

// chosenBy returns the command of a key that chooses an entry of a list.
func chosenBy(b key.Binding, choice act.Command) act.Command {
	choice.Keys, choice.Key, choice.Word, choice.Does = b.Keys(), b.Help().Key, "", b.Help().Desc
	choice.Ready = choice.Ready && b.Enabled()
	return choice
}

// updown returns the commands of the arrows that move n rows up or down, under one key in the foot.
func (c *common) updown(does string, works bool, move func(n int)) []act.Command {
	arrow := func(b key.Binding, n int) act.Command {
		cmd := command(when(as(c.keys.Scroll, does), works), func() action { move(n); return nil })
		cmd.Keys = b.Keys()
		return cmd
	}
	return []act.Command{arrow(c.keys.Up, -1), arrow(c.keys.Down, 1)}
}

// paging returns the commands of the keys that move a page up or down; page is how many rows are on one.
func (c *common) paging(works bool, page int, move func(n int)) []act.Command {
	return []act.Command{
		command(when(c.keys.PageUp, works), func() action { move(-page); return nil }),
		command(when(c.keys.PageDown, works), func() action { move(page); return nil }),
	}
}

// toEnds returns the commands of the keys that move to the first and the last of n rows.
func (c *common) toEnds(works bool, n int, to func(row int)) []act.Command {
	return []act.Command{
		command(when(c.keys.Home, works), func() action { to(0); return nil }),
		command(when(c.keys.End, works), func() action { to(n - 1); return nil }),
	}
}

// unfocused is the part of a screen without a field.
type unfocused struct{}

func (unfocused) Typing() bool { return false }
func (unfocused) Paste(string) {}
