package summary

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// list is an open list.
type list struct {
	numbered bool // it has numbers or letters
	letter   byte // the letter of the first item, 'a' or 'A'; 0 for numbers
	number   int  // of the last item
	effects  int  // the effects that were open where the last item began; -1 before the first
}

// newList returns a list that begins. Lists whose marks are neither numbers upwards nor letters get bullets: a wrong
// number would be worse than none.
func newList(name string, attrs []html.Attribute) list {
	l := list{effects: -1}
	_, reversed := find(attrs, "reversed")
	switch kind := attr(attrs, "type"); {
	case name != "ol" || reversed:
		return l
	case kind == "a" || kind == "A":
		l.letter = kind[0]
	case kind != "" && kind != "1":
		return l
	}
	l.numbered = true
	if n, err := strconv.Atoi(strings.TrimSpace(attr(attrs, "start"))); err == nil {
		l.number = n - 1
	}
	return l
}

// mark returns the mark of the current item.
func (l list) mark() string {
	switch n := l.number - 1; {
	case !l.numbered || l.letter != 0 && (n < 0 || n >= 26):
		return "- "
	case l.letter != 0:
		return string(rune(int(l.letter)+n)) + ". "
	}
	return strconv.Itoa(l.number) + ". "
}

// item begins a list item.
func (r *reader) item(attrs []html.Attribute) {
	r.bullet = "- "
	n := len(r.lists) - 1
	if n < 0 {
		return
	}

	r.endItem()
	l := &r.lists[n]
	l.effects = len(r.effects.all)
	l.number++
	if value, err := strconv.Atoi(strings.TrimSpace(attr(attrs, "value"))); err == nil {
		l.number = value
	}
	r.bullet = l.mark()
}

// endItem ends what is open in the last item of the innermost list.
func (r *reader) endItem() {
	if n := r.lists[len(r.lists)-1].effects; n >= 0 {
		r.closeEffects(n)
	}
}
