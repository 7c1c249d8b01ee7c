// Package config gathers the settings of the terminal program and remembers where each value came from.
//
// Later sources win: what is built in, /etc/wardlight/config.toml, the user's own wardlight/config.toml, the environment
// (WARDLIGHT_HUB_URL and so on), the command line. A setting that does not exist, or has a value that cannot be, is refused
// when it is read, with file and line and what was probably meant: a terminal that quietly ignored its hub's address
// would be found out at the worst moment.
package config

import (
	"time"
)

// Config is the settings, checked.
type Config struct {
	HubURL     string        // hub.url; "" when nobody has set it
	HubCAFile  string        // hub.ca_file: PEM, an absolute path or relative to the working folder; "" trusts what the system trusts
	HubTimeout time.Duration // hub.timeout, of one call
	Reader     string        // reader.name; "" is any
	CardCAFile string        // card.ca_file: PEM, as hub.ca_file; "" leaves it to the hub whose cards it takes
	IdleLock   time.Duration // idle.lock: without a key for so long, the session ends
	IdleWarn   time.Duration // idle.warn: and so long before, the user is warned
	Site       string        // site.name, shown at the top
	Zone       *time.Location

	CardModules     []string // card.modules: PKCS#11 modules by absolute path; nil is the known ones, empty is none
	CardCertificate string   // card.certificate: label, or id in hex, of the one to sign in with; "" is chosen by what they say

	settings []Setting
}

// Setting is one value and where it came from.
type Setting struct {
	Key    string // "hub.url"
	Value  string // as it was written
	Origin string // "built in", "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
}

// Settings are all settings, in the order of the documentation.
func (c *Config) Settings() []Setting { return append([]Setting(nil), c.settings...) }

// Origin is where the setting came from; "" when there is no such setting.
func (c *Config) Origin(key string) string {
	for _, s := range c.settings {
		if s.Key == key {
			return s.Origin
		}
	}
	return ""
}

// Sources are where settings come from.
type Sources struct {
	// Files are read in this order; one that is not there is passed over.
	Files []string
	// Named is a file that the user named: it is read instead of Files and must be there.
	Named string
	// Environ is the environment as os.Environ gives it.
	Environ []string
	// Flags are the flags that were given, by their names without dashes.
	Flags map[string]string
}

// Load gathers the settings. Errors are *Error.
func Load(from Sources) (*Config, error) {
	layers := []layer{builtIn()}
	files, must := from.Files, false
	if from.Named != "" {
		files, must = []string{from.Named}, true
	}
	for _, path := range files {
		l, err := fromFile(path, must)
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
	}
	env, err := fromEnviron(from.Environ)
	if err != nil {
		return nil, err
	}
	layers = append(layers, env, fromFlags(from.Flags))

	c := &Config{}
	for _, k := range keys {
		v := topmost(layers, k.name)
		if err := k.take(c, v.text); err != nil {
			return nil, &Error{Where: v.origin, Key: k.name, Problem: err.Error(), Hint: k.form}
		}
		switch k.name { // a path in a file is relative to that file
		case "hub.ca_file":
			c.HubCAFile = v.beside(c.HubCAFile)
		case "card.ca_file":
			c.CardCAFile = v.beside(c.CardCAFile)
		}
		c.settings = append(c.settings, Setting{Key: k.name, Value: v.text, Origin: v.origin})
	}
	if c.IdleWarn >= c.IdleLock {
		return nil, &Error{
			Where: c.Origin("idle.warn"), Key: "idle.warn", Problem: "the warning must come before the lock",
			Hint: "idle.lock is " + c.IdleLock.String() + " (" + c.Origin("idle.lock") + ")",
		}
	}
	return c, nil
}

// Error is a setting that was refused.
type Error struct {
	Where   string // "/etc/wardlight/config.toml:3", "WARDLIGHT_HUB_URL", "--hub"
	Key     string // "" when the whole file cannot be read
	Problem string
	Hint    string // what was probably meant; "" when there is no telling
}

// Error is where, what, and why, on one line; the hint is apart.
func (e *Error) Error() string {
	switch e.Key {
	case "", e.Where:
		return e.Where + ": " + e.Problem
	}
	return e.Where + ": " + e.Key + ": " + e.Problem
}
