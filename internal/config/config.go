// Package config gathers the settings of a program and remembers where each value came from.
//
// Later sources win: what is built in, the files, the environment, the command line. A setting that does not exist,
// or has a value that cannot be, is refused when it is read, with file and line and what was probably meant: a
// program that quietly ignored a misspelt setting would be found out at the worst moment.
package config

import (
	"slices"
	"strings"

	"wardlight/internal/text"
)

// Program is what can be set in a program. T is the settings once they are read.
type Program[T any] struct {
	Prefix  string // of its environment variables: "WARDLIGHT_" makes hub.url WARDLIGHT_HUB_URL
	Shared  bool   // variables of others begin with Prefix too, so that only a near miss is refused
	Example string // a setting as a file has it, for whoever left out the quotes
	Keys    []Key[T]
}

// Key is a setting: its name in a file, its flag, what it is without being set, and how it is taken.
type Key[T any] struct {
	Name  string // "hub.url": url in the table [hub]
	Flag  string // "" when there is none
	Usual string // what is built in
	Form  string // what a good value looks like
	Kind  Kind
	Take  func(into *T, text string) error // an error says what is wrong with the text, and of a Secret does not quote it
}

// Kind is what a value is, besides text.
type Kind int

// The kinds of value.
const (
	Text   Kind = iota
	Number      // a file may have it without quotes
	Path        // of a file or folder: in a file it is relative to that file's folder
	Paths       // several, in a file a list, elsewhere with the system's list separator between them
	Secret      // never shown and never quoted
	Switch      // a file may have true or false without quotes
)

// Sources are where settings come from.
type Sources struct {
	// Machine is the file of the computer's own settings; "" is none. It is read first, and passed over when it is not
	// there. It alone may make settings final: then no other source may set them to something else.
	Machine string
	// Files are read in this order; one that is not there is passed over.
	Files []string
	// Named is a file that the user named: it is read instead of Machine and Files, and must be there. What Machine
	// makes final holds all the same. When it is empty, the environment may name one: WARDLIGHT_CONFIG.
	Named string
	// Environ is the environment as os.Environ gives it.
	Environ []string
	// Flags are the flags that were given, by their names without dashes.
	Flags map[string]string
}

// Load gathers the settings into into. Errors are *Error.
func (p Program[T]) Load(into *T, from Sources) (*Settings, error) {
	t := p.table()
	layers, final, err := t.layers(from)
	if err != nil {
		return nil, err
	}
	s := &Settings{}
	for i, k := range p.Keys {
		v := topmost(layers, k.Name)
		if err := k.Take(into, v.meant(t.keys[i].kind)); err != nil {
			return nil, &Error{Where: v.origin, Key: k.Name, Problem: err.Error(), Hint: k.Form}
		}
		s.all = append(s.all, Setting{
			Key: k.Name, Value: v.shown(k.Kind), Origin: v.origin, Final: slices.Contains(final, k.Name),
		})
	}
	return s, nil
}

// EnvName returns the environment variable of a setting.
func (p Program[T]) EnvName(key string) string { return Variable(p.Prefix, key) }

// table returns what the layers need to know of the keys, whatever they are taken into.
func (p Program[T]) table() table {
	t := table{prefix: p.Prefix, shared: p.Shared, example: p.Example}
	for _, k := range p.Keys {
		t.keys = append(t.keys, key{name: k.Name, flag: k.Flag, usual: k.Usual, form: k.Form, kind: k.Kind})
	}
	return t
}

// Setting is one value and where it came from.
type Setting struct {
	Key    string // "hub.url"
	Value  string // as it was written, without a name and password in an address; of a secret only whether there is one
	Origin string // "built in", "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
	Final  bool   // the computer's own file makes it final
}

// Settings are the settings of a program with their origins.
type Settings struct{ all []Setting }

// All returns all settings, in the order of the documentation.
func (s *Settings) All() []Setting { return slices.Clone(s.all) }

// Origin returns where the setting came from; "" when there is no such setting.
func (s *Settings) Origin(key string) string { return s.find(key).Origin }

// Final reports whether the computer's own file makes the setting final.
func (s *Settings) Final(key string) bool { return s.find(key).Final }

// find returns the setting of that name; an empty one when there is none.
func (s *Settings) find(key string) Setting {
	for _, set := range s.all {
		if set.Key == key {
			return set
		}
	}
	return Setting{}
}

// Refuse returns the refusal of a setting that reads, and is wrong all the same: beside another one, or because of
// what it names.
func (s *Settings) Refuse(key, problem, hint string) *Error {
	return &Error{Where: s.Origin(key), Key: key, Problem: problem, Hint: hint}
}

// Error is a setting that was refused.
type Error struct {
	Where   string // "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
	Key     string // "" when the whole file cannot be read
	Problem string
	Hint    string // what was probably meant; "" when there is no telling
}

// Error returns where, what, and why, on one line, without a name and password in an address; the hint is apart.
func (e *Error) Error() string {
	problem := text.WithoutCredentials(e.Problem)
	switch e.Key {
	case "", e.Where:
		return e.Where + ": " + problem
	}
	return e.Where + ": " + e.Key + ": " + problem
}

// Variable returns the environment variable of a setting: WARDLIGHT_HUB_CA_FILE.
func Variable(prefix, key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// String names the kind as a refusal does.
func (k Kind) String() string {
	switch k {
	case Number:
		return "a number"
	case Switch:
		return "true or false"
	case Paths:
		return "text in quotes, or a list of such"
	default:
		return "text in quotes"
	}
}
