// Package wardlight defines the settings of the terminal program.
package wardlight

import (
	"slices"
	"time"

	"wardlight/internal/config"
	"wardlight/internal/hours"
	"wardlight/internal/nhs"
	"wardlight/internal/procedure"
)

// Config is the validated settings.
type Config struct {
	HubURL     string          // hub.url; "" if it isn't set
	HubCAFile  string          // hub.ca_file: PEM, absolute or relative to the working folder; "": system roots
	HubTimeout time.Duration   // hub.timeout, of one request
	Reader     string          // reader.name; "" means any
	Keypad     bool            // reader.keypad: the passcode is typed on the reader, if it has a keypad
	CardCAFile string          // card.ca_file: PEM, as hub.ca_file; "" means that only the hub checks the cards' issuer
	IdleLock   time.Duration   // idle.lock: time without a key after which the session ends
	IdleWarn   time.Duration   // idle.warn: how long before that the user is warned
	Site       string          // site.name, shown at the top
	Procedure  procedure.Local // site.procedure, site.procedure_phone
	Zone       *time.Location
	Screen     Screen // screen.* and keys.*

	CardDriver      string   // card.driver: one of the Driver constants
	CardModules     []string // card.modules: absolute paths of PKCS#11 modules; nil: known ones; empty: none
	CardCertificate string   // card.certificate: its label, or ID in hex; "" selects by content

	PrintQueue   string // print.queue, of CUPS; "" lets the user choose
	PrintDestroy string // print.destroy: how to dispose of a printout; "" means the default text

	SummaryPrint        bool          // summary.print: Summary Care Records can be printed
	SummaryDestroyAfter time.Duration // summary.destroy_after: how long after that the paper must have been destroyed

	Clipboard bool // clipboard.osc52: also copy receipts to the terminal's clipboard

	Office hours.Office // office.hours, office.closed, office.open: when the authorities' offices answer

	WorklistRate      int           // worklist.rate: patients per minute
	WorklistMaxAge    time.Duration // worklist.old: age from which an answer is marked as old
	WorklistTimeout   time.Duration // worklist.keep: how long a list is saved, encrypted
	WorklistOwnerOnly bool          // worklist.offer_to is person: a saved list is offered only to its owner

	officeWeek               hours.Week
	officeClosed, officeOpen []nhs.Date
	RecordURL                string        // record.url, of the site's record system; "" disables flags
	RecordCAFile             string        // record.ca_file: PEM, as hub.ca_file
	RecordName               string        // record.name, as displayed; "" means the host of record.url
	RecordTimeout            time.Duration // record.timeout, of one request

	settings *config.Settings
}

// Settings returns all settings, in the order of the documentation.
func (c *Config) Settings() []config.Setting { return c.settings.All() }

// Origin returns where the setting came from, or "" if there is no such setting.
func (c *Config) Origin(key string) string { return c.settings.Origin(key) }

// Final reports whether the computer's own file makes the setting final.
func (c *Config) Final(key string) bool { return c.settings.Final(key) }

// Load reads the settings, including those for the keys of the actions. Errors are *config.Error.
func Load(from config.Sources, actions ...Action) (*Config, error) {
	c := &Config{}
	var err error
	if c.settings, err = program(actions).Load(c, from); err != nil {
		return nil, err
	}
	if c.IdleWarn >= c.IdleLock {
		return nil, c.settings.Reject("idle.warn", "the warning must come before the lock",
			"idle.lock is "+c.IdleLock.String()+" ("+c.Origin("idle.lock")+")")
	}
	for _, day := range c.officeOpen {
		if slices.Contains(c.officeClosed, day) {
			return nil, c.settings.Reject("office.open", day.FHIR()+" is closed as well", "office.closed has it ("+
				c.Origin("office.closed")+")")
		}
	}
	c.Office = hours.New(c.officeWeek, c.officeClosed, c.officeOpen)
	return c, nil
}
