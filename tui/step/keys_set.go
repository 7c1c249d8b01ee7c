package step

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
)

// KeyEntry is a line of the list of keys: an action and its key.
type KeyLine struct {
	Action string // name in the table [keys] of the settings, such as "page_down"
	Key    string // as shown, such as "PgDn"
	Set    string // as written in the settings, such as "ctrl+l"
	Does   string
	Fixed  bool // can't be set
}

// Keys returns the list of keys with the settings in set, which maps actions to keys. Errors are *[KeyError].
func Keys(set map[string]string) ([]KeyLine, error) {
	k, err := ApplyKeys(set)
	if err != nil {
		return nil, err
	}
	var card []KeyLine
	for _, a := range k.All() {
		if a.Name == "scroll" { // listed as up and down
			continue
		}
		h := a.Binding.Help()
		card = append(card, KeyLine{
			Action: a.Name, Key: h.Key, Set: a.Binding.Keys()[0], Does: h.Desc,
			Fixed: FixedKey(a.Name),
		})
	}
	return card, nil
}

// KeyError reports that the key set for an action can't be used.
type KeyError struct {
	Action  string // the action
	Problem string
	Hint    string // what to do
}

// Error returns the action, the problem and what to do.
func (e *KeyError) Error() string { return "keys." + e.Action + ": " + e.Problem + "; " + e.Hint }

// NamedBinding is a binding and the name of its action.
type NamedBinding struct {
	Name    string
	Binding *key.Binding
}

// All returns all bindings in order. The names are made from the fields of [Bindings], so that a new field is added to
// the settings, the list of keys and the checks automatically.
func (k *Bindings) All() []NamedBinding {
	v := reflect.ValueOf(k).Elem()
	all := make([]NamedBinding, 0, v.NumField())
	for i := range v.NumField() {
		if b, ok := v.Field(i).Addr().Interface().(*key.Binding); ok {
			all = append(all, NamedBinding{settingName(v.Type().Field(i).Name), b})
		}
	}
	return all
}

// settingName returns the name in the settings of a field: PageDown becomes page_down.
func settingName(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// FixedKey reports whether the key of an action can't be set. These are the keys for moving, Enter and Esc, the
// terminal's keys for ending and suspending a program, and the digits, which choose from a list.
func FixedKey(action string) bool {
	return slices.Contains([]string{
		"enter", "esc", "next", "prev", "up", "down", "page_up", "page_down", "left", "right", "home", "end",
		"interrupt", "suspend", "yes", "number", "scroll", "empty",
	}, action)
}

// ApplyKeys returns the default bindings changed by the settings in set. Errors are *[KeyError].
func ApplyKeys(set map[string]string) (Bindings, error) {
	k := DefaultKeys()
	changed := map[string]bool{}
	for _, a := range k.All() {
		spelt, given := set[a.Name]
		if !given || FixedKey(a.Name) || spelt == a.Binding.Keys()[0] {
			continue
		}
		name, shown, err := ReadKey(a, spelt)
		if err != nil {
			return k, err
		}
		a.Binding.SetKeys(append([]string{name}, a.Binding.Keys()[1:]...)...)
		a.Binding.SetHelp(shown, a.Binding.Help().Desc)
		changed[a.Name] = true
	}
	return k, k.clash(changed)
}

// clash returns an error if the key of a changed action is used by another action too. A key has one meaning on all
// screens.
func (k *Bindings) clash(changed map[string]bool) error {
	all := k.All()
	for _, a := range all {
		if !changed[a.Name] {
			continue
		}
		for _, b := range all {
			if a.Name != b.Name && slices.ContainsFunc(a.Binding.Keys(), func(s string) bool {
				return slices.Contains(b.Binding.Keys(), s)
			}) {
				return &KeyError{
					Action: a.Name,
					Problem: fmt.Sprintf("%q already has another meaning: %s", a.Binding.Help().Key,
						b.Binding.Help().Desc),
					Hint: "choose another key" + moveAdvice(b.Name),
				}
			}
		}
	}
	return nil
}

// moveAdvice returns the advice to set the key of the other action, if that can be set.
func moveAdvice(action string) string {
	if FixedKey(action) {
		return ""
	}
	return ", or set keys." + action + ", too"
}

// ReadKey parses a key as written in the settings. It returns the key's name, and the form in which it is shown.
func ReadKey(a NamedBinding, spelt string) (name, shown string, err error) {
	refuse := func(problem, hint string) (string, string, error) {
		return "", "", &KeyError{Action: a.Name, Problem: problem, Hint: hint}
	}

	const good = "a letter or sign such as x, or Ctrl with a letter such as ctrl+g"
	lower := strings.ToLower(spelt)
	if letter, ctrl := strings.CutPrefix(strings.ReplaceAll(lower, "ctrl-", "ctrl+"), "ctrl+"); ctrl {
		if len(letter) != 1 || letter[0] < 'a' || letter[0] > 'z' {
			return refuse(fmt.Sprintf("%q is no key that every terminal has", spelt), "write "+good)
		}
		if who := reservedFor(letter[0]); who != "" {
			return refuse(fmt.Sprintf("Ctrl-%s never arrives as a key of its own: it is %s", strings.ToUpper(letter),
				who), "choose "+good)
		}
		return "ctrl+" + letter, "Ctrl-" + strings.ToUpper(letter), nil
	}

	switch {
	case (lower == "enter" || lower == "return") && a.Name == "open":
		return refuse("Enter goes on, and never opens an alert", "choose "+good)
	case len(lower) > 1 && lower[0] == 'f' && strings.Trim(lower[1:], "0123456789") == "":
		return refuse("many terminals keep the function keys for themselves", "choose "+good)
	case len(spelt) != 1 || spelt[0] <= ' ' || spelt[0] > '~':
		return refuse(fmt.Sprintf("%q is no key that can be set", spelt), "write "+good)
	case spelt[0] >= 'A' && spelt[0] <= 'E':
		return refuse(fmt.Sprintf("%q is what the Linux console sends for a function key", spelt),
			"choose a small letter")
	case spelt[0] >= '0' && spelt[0] <= '9':
		return refuse("digits are the numbers of a list", "choose "+good)
	case strings.HasPrefix(a.Binding.Keys()[0], "ctrl+"):
		return refuse(fmt.Sprintf("this has to work while a field is typed in, where %q is text", spelt),
			"write Ctrl with a letter, such as ctrl+g")
	}

	return spelt, spelt, nil
}

// reservedFor returns what uses Ctrl with this letter before a program receives it, or which key sends the same byte.
// It returns "" if the combination is free.
func reservedFor(letter byte) string {
	switch letter {
	case 'a':
		return "the key of GNU screen"
	case 'b':
		return "the key of tmux"
	case 'h':
		return "the backspace key"
	case 'i':
		return "the Tab key"
	case 'j', 'm':
		return "the Enter key"
	case 's', 'q':
		return "the terminal's flow control"
	case 'c', 'z', 'd':
		return "the terminal's own"
	case 'u':
		return "how a field is emptied"
	case 't':
		return "how the diagnostics are opened from a field"
	default:
		return ""
	}
}
