package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// key is a setting: its name in a file, its flag, what it is without being set, and how it is taken.
type key struct {
	name  string
	flag  string // "" when there is none
	usual string
	form  string // what a good value looks like
	take  func(*Config, string) error
}

// The bounds of the times. Idle times are there to be shortened: NHS guidance for a session of this kind is 15 minutes.
const (
	minTimeout, maxTimeout = 100 * time.Millisecond, time.Minute
	minLock, maxLock       = time.Minute, 15 * time.Minute
	minWarn                = 10 * time.Second
)

// keys are all settings.
var keys = []key{
	{"hub.url", "hub", "", "the hub's address, such as https://hub.example", func(c *Config, s string) error {
		c.HubURL = s
		return oneLine(s)
	}},
	{"hub.ca_file", "ca-file", "", "a file with the hub's CA certificate, in PEM", func(c *Config, s string) error {
		c.HubCAFile = s
		return oneLine(s)
	}},
	{"hub.timeout", "timeout", "5s", "a time from 100ms to 1m, such as 5s", func(c *Config, s string) (err error) {
		c.HubTimeout, err = span(s, minTimeout, maxTimeout)
		return err
	}},
	{"reader.name", "reader", "", "a reader's name, as 'wardlight card show' gives it", func(c *Config, s string) error {
		c.Reader = s
		return oneLine(s)
	}},
	{"card.ca_file", "", "", "a file with the CA certificates that smartcards have to be of, in PEM", func(c *Config, s string) error {
		c.CardCAFile = s
		return oneLine(s)
	}},
	{"card.modules", "", "", "absolute paths of PKCS#11 modules, with " + listed + " between them; or none", func(c *Config, s string) (err error) {
		c.CardModules, err = paths(s)
		return err
	}},
	{"card.certificate", "", "", "the label of a certificate, or its id in hex, as 'pkcs11-tool --list-objects' gives them", func(c *Config, s string) error {
		c.CardCertificate = s
		return oneLine(s)
	}},
	{"idle.lock", "", "15m", "a time from 1m to 15m, such as 10m", func(c *Config, s string) (err error) {
		c.IdleLock, err = span(s, minLock, maxLock)
		return err
	}},
	{"idle.warn", "", "2m", "a time from 10s, shorter than idle.lock, such as 2m", func(c *Config, s string) (err error) {
		c.IdleWarn, err = span(s, minWarn, maxLock)
		return err
	}},
	{"site.name", "", "", "a line of text, such as Example General Hospital, ED", func(c *Config, s string) error {
		c.Site = s
		return oneLine(s)
	}},
	{"site.time_zone", "", "Europe/London", "a time zone, such as Europe/London", func(c *Config, s string) (err error) {
		if c.Zone, err = time.LoadLocation(s); err != nil || s == "" {
			return fmt.Errorf("there is no time zone %q", s)
		}
		return nil
	}},
}

// listed is what stands between the paths of a list, as in PATH.
const listed = string(filepath.ListSeparator)

// paths reads a list of absolute paths: nil for "", and an empty one for "none".
func paths(s string) ([]string, error) {
	switch s {
	case "":
		return nil, nil
	case "none":
		return []string{}, nil
	}
	all := filepath.SplitList(s)
	for _, path := range all {
		if !filepath.IsAbs(path) { // else the system would look for it in folders that others may write to
			return nil, fmt.Errorf("%q is not an absolute path", path)
		}
	}
	return all, oneLine(s)
}

// span reads a time between two bounds.
func span(s string, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a time", s)
	case d < least || d > most:
		return 0, fmt.Errorf("%s is not between %s and %s", s, short(least), short(most))
	}
	return d, nil
}

// short is a time without zero parts: "15m", not "15m0s".
func short(d time.Duration) string {
	return strings.TrimSuffix(d.String(), "0s")
}

// oneLine refuses what would not show as it is.
func oneLine(s string) error {
	if len(s) > 1024 || strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		return errors.New("this is not one line of plain text")
	}
	return nil
}
