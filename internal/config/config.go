// Package config reads the settings of a program and records where each value came from.
//
// Later sources override earlier ones: defaults, files, the environment, the command line. A setting that is unknown
// or has an invalid value is rejected when it is read, with file, line and a suggestion. If a misspelt setting were
// ignored, nobody would notice until it mattered.
package config

import (
	"slices"
	"strings"

	"wardlight/internal/text"
)

// Program defines the settings of a program. T is the type into which they are read.
type Program[T any] struct {
	Prefix  string // of environment variables: with "WARDLIGHT_", hub.url is WARDLIGHT_HUB_URL
	Shared  bool   // other programs' variables begin with Prefix, too; only those that resemble a setting are rejected
	Example string // a setting in file syntax, shown if quotes are missing
	Keys    []Key[T]
}

// Key defines a setting.
type Key[T any] struct {
	Name    string // name in a file: "hub.url" is url in the table [hub]
	Flag    string // command-line flag; "" if there is none
	Default string // default value
	Format  string // description of a valid value
	Kind    Kind
	// parses text and stores the value; errors about a Secret must not quote it
	Parse func(into *T, text string) error
}

// Kind is the type of a value.
type Kind int

// The kinds of value.
const (
	Text   Kind = iota
	Number      // may be unquoted in a file
	Path        // of a file or folder; in a file it is relative to that file's folder
	Paths       // several paths: a list in a file, elsewhere joined by the system's list separator
	Secret      // never shown or quoted
	Switch      // may be an unquoted true or false in a file
)

// Sources are the places from which settings are read.
type Sources struct {
	// Machine is the path of the computer's own file, or "". It is read first, and ignored if it doesn't exist. Only
	// this file can make settings final. Then no other source may set them to another value.
	Machine string
	// Files are read in this order. Missing files are ignored.
	Files []string
	// Named is a file that the user named. It is read instead of Machine and Files, and must exist. Settings that
	// Machine makes final still apply. If Named is empty, the environment may name a file: WARDLIGHT_CONFIG.
	Named string
	// Environ is the environment as os.Environ returns it.
	Environ []string
	// Flags maps the given command-line flags, without dashes, to their values.
	Flags map[string]string
}

// Load reads the settings into into. Errors are *Error.
func (p Program[T]) Load(into *T, from Sources) (*Settings, error) {
	t := p.table()
	layers, final, err := t.layers(from)
	if err != nil {
		return nil, err
	}
	s := &Settings{}
	for i, k := range p.Keys {
		v := lookup(layers, k.Name)
		if err := k.Parse(into, v.resolved(t.keys[i].kind)); err != nil {
			return nil, &Error{Where: v.origin, Key: k.Name, Problem: err.Error(), Hint: k.Format}
		}
		s.all = append(s.all, Setting{
			Key: k.Name, Value: v.shown(k.Kind), Origin: v.origin, Final: slices.Contains(final, k.Name),
		})
	}
	return s, nil
}

// EnvName returns the environment variable for a setting.
func (p Program[T]) EnvName(key string) string { return Variable(p.Prefix, key) }

// table returns the keys without their type parameter.
func (p Program[T]) table() table {
	t := table{prefix: p.Prefix, shared: p.Shared, example: p.Example}
	for _, k := range p.Keys {
		t.keys = append(t.keys, key{name: k.Name, flag: k.Flag, def: k.Default, form: k.Format, kind: k.Kind})
	}
	return t
}

// Setting is a value and its origin.
type Setting struct {
	Key    string // "hub.url"
	Value  string // as written, without user name and password in a URL; for a secret only whether it is set
	Origin string // "built in", "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
	Final  bool   // made final by the computer's own file
}

// Settings are the settings of a program with their origins.
type Settings struct{ all []Setting }

// All returns all settings, in the order of the documentation.
func (s *Settings) All() []Setting { return slices.Clone(s.all) }

// Origin returns where the setting came from, or "" if there is no such setting.
func (s *Settings) Origin(key string) string { return s.find(key).Origin }

// Final reports whether the computer's own file makes the setting final.
func (s *Settings) Final(key string) bool { return s.find(key).Final }

// find returns the setting with that name, or the zero Setting if there is none.
func (s *Settings) find(key string) Setting {
	for _, set := range s.all {
		if set.Key == key {
			return set
		}
	}
	return Setting{}
}

// Reject returns the error for a setting that was parsed and is still invalid, because of another setting or of what
// it refers to.
func (s *Settings) Reject(key, problem, hint string) *Error {
	return &Error{Where: s.Origin(key), Key: key, Problem: problem, Hint: hint}
}

// Error describes a rejected setting.
type Error struct {
	Where   string // "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
	Key     string // "" if the whole file is invalid
	Problem string
	Hint    string // suggestion; may be ""
}

// Error returns the origin, the key and the problem on one line, without user name and password in a URL and without
// the hint.
func (e *Error) Error() string {
	problem := text.WithoutCredentials(e.Problem)
	switch e.Key {
	case "", e.Where:
		return e.Where + ": " + problem
	}
	return e.Where + ": " + e.Key + ": " + problem
}

// Variable returns the environment variable for a setting: WARDLIGHT_HUB_CA_FILE.
func Variable(prefix, key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// String returns a description of the kind for errors.
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
