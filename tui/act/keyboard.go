package act

import (
	"slices"
	"strings"
	"time"
)

// Keyboard is the properties of the keyboard that do not depend on the screen.
type Keyboard struct {
	// Bound reports whether a key has a command on any screen; nil means that none has.
	Bound func(key string) bool
	// Console is set on the Linux console, where ESC [ [ A to E are the keys F1 to F5. A slow line can split the
	// sequence and leave the letter alone, so capital A to E are never read as commands there.
	Console bool
}

// Find returns the command of a key: the first with this key that is ready or running, or else the first that has a
// reason for not being ready. A capital without a command of its own counts as the small letter, because Caps Lock may
// be on.
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

// Presses stores when each key was last pressed, for firstRepeat. Characters typed into a field must not be recorded.
type Presses struct {
	last map[string]time.Time
	any  time.Time // set by MarkAll: any key may have been pressed then
}

// Last returns when the key was last pressed, or the zero time if that is long ago.
func (p *Presses) Last(key string) time.Time {
	if last := p.last[strings.ToLower(key)]; last.After(p.any) {
		return last
	}
	return p.any
}

// MarkAll makes every key count as pressed now. It is for a screen that appears without a key press. Normally the
// press of another key ends the repeats of a key that is held down; here any key may be held down, and may repeat for
// the first time after the key delay.
func (p *Presses) MarkAll(now time.Time) { p.any = now }

// Note records a key press, and removes those older than firstRepeat.
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

// Reset removes all recorded presses.
func (p *Presses) Reset() {
	clear(p.last)
	p.any = time.Time{}
}
