// Package wardlight is the settings of the terminal program.
package wardlight

import (
	"slices"
	"time"

	"wardlight/internal/config"
	"wardlight/internal/hours"
	"wardlight/internal/nhs"
	"wardlight/internal/procedure"
)

// Config is the settings, checked.
type Config struct {
	HubURL     string          // hub.url; "" when nobody has set it
	HubCAFile  string          // hub.ca_file: PEM, an absolute path or relative to the working folder; "" trusts what the system trusts
	HubTimeout time.Duration   // hub.timeout, of one call
	Reader     string          // reader.name; "" is any
	Keypad     bool            // reader.keypad: a passcode is typed on the reader, where that has keys
	CardCAFile string          // card.ca_file: PEM, as hub.ca_file; "" leaves it to the hub whose cards it takes
	IdleLock   time.Duration   // idle.lock: without a key for so long, the session ends
	IdleWarn   time.Duration   // idle.warn: and so long before, the user is warned
	Site       string          // site.name, shown at the top
	Procedure  procedure.Local // site.procedure, site.procedure_phone
	Zone       *time.Location
	Screen     Screen // screen.* and keys.*

	CardDriver      string   // card.driver: one of the Driver constants
	CardModules     []string // card.modules: PKCS#11 modules by absolute path; nil is the known ones, empty is none
	CardCertificate string   // card.certificate: label, or id in hex, of the one to sign in with; "" is chosen by what they say

	PrintQueue   string // print.queue, of CUPS; "" has the user choose
	PrintDestroy string // print.destroy: what is to become of a paper; "" is the usual words
	Clipboard    bool   // clipboard.osc52: a receipt goes to the terminal's clipboard, too

	Office hours.Office // office.hours, office.closed, office.open: when the authorities' offices answer

	WorklistRate int           // worklist.rate: patients a minute
	WorklistOld  time.Duration // worklist.old: past it an answer is told to be old
	WorklistFor  time.Duration // worklist.keep: for so long a list is kept, encrypted
	WorklistOwn  bool          // worklist.offer_to is person: a kept list is offered to nobody else

	officeWeek               hours.Week
	officeClosed, officeOpen []nhs.Date
	RecordURL                string        // record.url, of the site's record system; "" sets no flags
	RecordCAFile             string        // record.ca_file: PEM, as hub.ca_file
	RecordName               string        // record.name, on the screen; "" is the host of record.url
	RecordTimeout            time.Duration // record.timeout, of one call

	settings *config.Settings
}

// Settings returns all settings, in the order of the documentation.
func (c *Config) Settings() []config.Setting { return c.settings.All() }

// Origin returns where the setting came from; "" when there is no such setting.
func (c *Config) Origin(key string) string { return c.settings.Origin(key) }

// Final reports whether the computer's own file makes the setting final.
func (c *Config) Final(key string) bool { return c.settings.Final(key) }

// Load gathers the settings, with those of the keys for the actions that there are. Errors are *config.Error.
func Load(from config.Sources, actions ...Action) (*Config, error) {
	c := &Config{}
	var err error
	if c.settings, err = program(actions).Load(c, from); err != nil {
		return nil, err
	}
	if c.IdleWarn >= c.IdleLock {
		return nil, c.settings.Refuse("idle.warn", "the warning must come before the lock",
			"idle.lock is "+c.IdleLock.String()+" ("+c.Origin("idle.lock")+")")
	}
	for _, day := range c.officeOpen {
		if slices.Contains(c.officeClosed, day) {
			return nil, c.settings.Refuse("office.open", day.FHIR()+" is closed as well", "office.closed has it ("+c.Origin("office.closed")+")")
		}
	}
	c.Office = hours.New(c.officeWeek, c.officeClosed, c.officeOpen)
	return c, nil
}
