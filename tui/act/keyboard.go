package act

import (
	"slices"
	"strings"
	"time"
)

// Keyboard is what is known of the keys besides the commands of one screen.
type Keyboard struct {
	// Bound reports whether a key has a meaning on any screen; nil means that none has.
	Bound func(key string) bool
	// Console is set on the Linux console, where ESC [ [ A to E are the keys F1 to F5. A line that tears the sequence
	// leaves the letter, so that these capitals are never taken for commands there.
	Console bool
}

// Find returns the command that a key is for: the first one that has the key and can be done, or is being done; where
// there is none, the first one that says why it cannot be done. A capital that has no meaning of its own counts as its
// letter, as Caps Lock may be on.
func (k Keyboard) Find(all []Command, key string) (Command, bool) {
	c, found := find(all, key)
	capital := len(key) == 1 && key[0] >= 'A' && key[0] <= 'Z'
	if found || !capital || k.Console && key[0] <= 'E' || k.Bound != nil && k.Bound(key) {
		return c, found
	}
	return find(all, strings.ToLower(key))
}

func find(all []Command, key string) (Command, bool) {
	for _, c := range all {
		if (c.Ready || c.Running) && slices.Contains(c.Keys, key) {
			return c, true
		}
	}
	for _, c := range all {
		if c.Why != "" && slices.Contains(c.Keys, key) {
			return c, true
		}
	}
	return Command{}, false
}

// Presses remembers when each key was last pressed, as long as that matters. It holds no text: what is typed into a
// field does not belong here.
type Presses struct {
	last map[string]time.Time
	any  time.Time // when any key may have gone down: see Disturb
}

// Last returns when the key was pressed before; the zero value for a key that has been silent for long.
func (p *Presses) Last(key string) time.Time {
	if last := p.last[strings.ToLower(key)]; last.After(p.any) {
		return last
	}
	return p.any
}

// Disturb counts every key as pressed now. It is for a screen that comes without a press: the press of another key ends
// the repeats of a key that is held down, and here there was none, so that any key may be held and repeat for the first
// time after the key delay.
func (p *Presses) Disturb(now time.Time) { p.any = now }

// Note remembers a press, and forgets those that no longer matter.
func (p *Presses) Note(key string, at time.Time) {
	for k, was := range p.last {
		if at.Sub(was) >= firstRepeat {
			delete(p.last, k)
		}
	}
	if p.last == nil {
		p.last = make(map[string]time.Time)
	}
	p.last[strings.ToLower(key)] = at
}

// Forget forgets all of them.
func (p *Presses) Forget() {
	clear(p.last)
	p.any = time.Time{}
}
