package summary

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// maxEffects is the maximum number of open elements that change the meaning of their text.
const maxEffects = 1000

// effect is what an element means for its text.
type effect int

const (
	noEffect effect = iota
	struck          // it is deleted
	power           // it is raised
	index           // it is lowered
)

// Marks of text whose meaning depends on its element. Without them, 10 to the power of 9 would be 109.
const (
	markStruck    = "[struck out: "
	markStruckEnd = "]"
	markPower     = "^"
	markIndex     = "_" // only between digits: H2O needs none
)

// opened is an open element with an effect, or one within it that has the same name.
type opened struct {
	name   string
	effect effect
}

// effects is the open elements with an effect, the innermost last.
type effects struct {
	all    []opened
	marked int  // the first ones, whose marks are in the text already or can't be any more
	struck int  // the number of those whose text is deleted
	open   bool // the current line has markStruck without its end
	raised bool // the text so far ends with a power
}

// effectOf returns the effect of an element by its name and its style.
func effectOf(name string, attrs []html.Attribute) effect {
	switch name {
	case "del", "s", "strike":
		return struck
	case "sup":
		return power
	case "sub":
		return index
	}
	style := strings.ToLower(attr(attrs, "style"))
	switch {
	case strings.Contains(style, "line-through"):
		return struck
	case strings.Contains(style, "vertical-align") && strings.Contains(style, "super"):
		return power
	case strings.Contains(style, "vertical-align") && strings.Contains(style, "sub"):
		return index
	}
	return noEffect
}

// openEffect begins an element. Elements without content have no effect.
func (r *reader) openEffect(name string, attrs []html.Attribute) {
	e := effectOf(name, attrs)
	if e == noEffect && !r.effects.has(name) || voidElements[name] {
		return
	}
	if len(r.effects.all) == maxEffects {
		r.err = errTooLarge
		return
	}
	r.effects.all = append(r.effects.all, opened{name, e})
	if e == struck {
		r.effects.struck++
	}
}

func (e *effects) has(name string) bool { return e.last(name) >= 0 }

// last returns the position of the innermost element with the name, or -1.
func (e *effects) last(name string) int {
	for i := len(e.all) - 1; i >= 0; i-- {
		if e.all[i].name == name {
			return i
		}
	}
	return -1
}

// closeEffect ends the innermost element with the name, and those within it.
func (r *reader) closeEffect(name string) {
	if i := r.effects.last(name); i >= 0 {
		r.closeEffects(i)
	}
}

// closeEffects ends all elements but the first n.
func (r *reader) closeEffects(n int) {
	e := &r.effects
	for len(e.all) > n {
		last := len(e.all) - 1
		switch e.all[last].effect {
		case struck:
			if e.struck--; e.struck == 0 {
				r.endStruck()
			}
		case power:
			e.raised = e.raised || last < e.marked
		case index, noEffect:
		}
		e.all = e.all[:last]
	}
	e.marked = min(e.marked, len(e.all))
}

// endStruck writes the end of deleted text, if the line has any.
func (r *reader) endStruck() {
	if r.effects.open {
		r.raw.WriteString(markStruckEnd)
		r.effects.open = false
	}
}

// beginsNumber matches text that would continue a number.
var beginsNumber = regexp.MustCompile(`^[.,]?[0-9]`)

// mark writes the marks of the open elements before their text.
func (r *reader) mark(text string) {
	e := &r.effects
	begins, _ := utf8.DecodeRuneInString(text)
	before, _ := utf8.DecodeLastRuneInString(r.raw.String())
	if e.raised && beginsNumber.MatchString(text) {
		r.raw.WriteByte(' ')
	}
	e.raised = false
	if strings.Trim(text, blanks) == "" {
		return
	}
	if e.struck > 0 && !e.open {
		r.raw.WriteString(markStruck)
		e.open = true
	}
	for _, o := range e.all[e.marked:] {
		switch {
		case o.effect == power:
			r.raw.WriteString(markPower)
		case o.effect == index && unicode.IsDigit(before) && unicode.IsDigit(begins):
			r.raw.WriteString(markIndex)
		}
	}
	e.marked = len(e.all)
}
