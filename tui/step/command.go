package step

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/tui/act"
)

// Command returns a command with the keys and words of b, which is ready if b is enabled. do carries the command out,
// and returns an action for the model, or nil.
func Command(b key.Binding, do func() Action) act.Command {
	return act.Command{Keys: b.Keys(), Key: b.Help().Key, Does: b.Help().Desc, Ready: b.Enabled(), Do: do}
}

// Effect returns a function for [Command] that only returns the action a.
func Effect(a Action) func() Action { return func() Action { return a } }

// Wordless returns c without words, so that it works but isn't shown. It is for a second key of another command.
func Wordless(c act.Command) act.Command {
	c.Does = ""
	return c
}

// Shown reports whether a command is listed: in the bottom row, in the help and in linear mode.
func Shown(c act.Command) bool { return c.Ready && !c.Running && c.Does != "" }

// Delayed returns cmd with the key delay. The delay starts when the screen was shown, or at since if that is later.
func (c *Common) Delayed(cmd act.Command, since time.Time) act.Command {
	cmd.Delay, cmd.Since = act.KeyDelay, c.ShownAt
	if since.After(cmd.Since) {
		cmd.Since = since
	}
	return cmd
}

// Chooser is a screen with a list of which one entry is chosen.
type Chooser interface {
	// Choices returns a command for each entry. Its word is the number of the entry.
	Choices() []act.Command
}

// ChosenBy returns the command of a key that carries out choice.
func ChosenBy(b key.Binding, choice act.Command) act.Command {
	choice.Keys, choice.Key, choice.Word, choice.Does = b.Keys(), b.Help().Key, "", b.Help().Desc
	choice.Ready = choice.Ready && b.Enabled()
	return choice
}

// Updown returns the commands of the arrow keys, which call move with -1 and 1. They are shown as one key.
func (c *Common) Updown(does string, works bool, move func(n int)) []act.Command {
	arrow := func(b key.Binding, n int) act.Command {
		cmd := Command(When(As(c.Keys.Scroll, does), works), func() Action { move(n); return nil })
		cmd.Keys = b.Keys()
		return cmd
	}
	return []act.Command{arrow(c.Keys.Up, -1), arrow(c.Keys.Down, 1)}
}

// Paging returns the commands of the page keys, which call move with -page and page.
func (c *Common) Paging(works bool, page int, move func(n int)) []act.Command {
	return []act.Command{
		Command(When(c.Keys.PageUp, works), func() Action { move(-page); return nil }),
		Command(When(c.Keys.PageDown, works), func() Action { move(page); return nil }),
	}
}

// ToEnds returns the commands of Home and End, which call to with the first and the last of n rows.
func (c *Common) ToEnds(works bool, n int, to func(row int)) []act.Command {
	return []act.Command{
		Command(When(c.Keys.Home, works), func() Action { to(0); return nil }),
		Command(When(c.Keys.End, works), func() Action { to(n - 1); return nil }),
	}
}

// Unfocused implements the methods about fields for a screen without one.
type Unfocused struct{}

// Typing returns false.
func (Unfocused) Typing() bool { return false }

// Paste does nothing.
func (Unfocused) Paste(string) {}
