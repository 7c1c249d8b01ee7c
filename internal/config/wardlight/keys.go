package wardlight

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardlight/internal/config"
	"wardlight/internal/hours"
	"wardlight/internal/text"
)

// Limits of the times. Idle times can only be shortened: NHS guidance for such a session is 15 minutes.
const (
	minTimeout, maxTimeout = 100 * time.Millisecond, time.Minute
	minLock, maxLock       = time.Minute, 15 * time.Minute
	minWarn                = 10 * time.Second
)

// maxDestroy is the maximum length of the text about destroying a printout, in bytes: four or five lines of the
// page's footer.
const maxDestroy = 300

// The values of card.driver.
const (
	DriverAuto   = "auto"   // PIV, otherwise the vendor's module
	DriverPIV    = "piv"    // only PIV
	DriverPKCS11 = "pkcs11" // only the vendor's module
)

// baseSettings returns all settings except those of the screen.
func baseSettings() config.Program[Config] {
	return config.Program[Config]{
		Prefix: "WARDLIGHT_", Shared: true, Example: `url = "https://hub.example"`, Keys: []config.Key[Config]{
			{
				Name: "hub.url", Flag: "hub", Format: "the hub's address, such as https://hub.example",
				Parse: func(c *Config, s string) error {
					c.HubURL = s
					return config.OneLine(s)
				},
			},
			{
				Name: "hub.ca_file", Flag: "ca-file", Kind: config.Path,
				Format: "a file with the hub's CA certificate, in PEM", Parse: func(c *Config, s string) error {
					c.HubCAFile = s
					return config.OneLine(s)
				},
			},
			{
				Name: "hub.timeout", Flag: "timeout", Default: "5s", Format: "a time from 100ms to 1m, such as 5s",
				Parse: func(c *Config, s string) (err error) {
					c.HubTimeout, err = config.ReadSpan(s, minTimeout, maxTimeout)
					return err
				},
			},
			{
				Name: "reader.name", Flag: "reader", Format: "a reader's name, as 'wardlight card show' gives it",
				Parse: func(c *Config, s string) error {
					c.Reader = s
					return config.OneLine(s)
				},
			},
			{
				Name: "reader.keypad", Default: "true", Kind: config.Switch, Format: "true or false",
				Parse: func(c *Config, s string) (err error) {
					c.Keypad, err = config.ReadSwitch(s)
					return err
				},
			},
			{Name: "card.ca_file", Kind: config.Path, Format: "a file with the CA certificates that smartcards " +
				"have to be of, in PEM", Parse: func(c *Config, s string) error {
				c.CardCAFile = s
				return config.OneLine(s)
			}},
			{
				Name: "card.driver", Default: DriverAuto, Format: "auto, piv or pkcs11",
				Parse: func(c *Config, s string) error {
					c.CardDriver = s
					if !slices.Contains([]string{DriverAuto, DriverPIV, DriverPKCS11}, s) {
						return fmt.Errorf("%q is none of auto, piv, pkcs11", s)
					}
					return nil
				},
			},
			{Name: "card.modules", Format: "absolute paths of PKCS#11 modules, with " + listed +
				" between them; or none", Parse: func(c *Config, s string) (err error) {
				c.CardModules, err = paths(s)
				return err
			}},
			{Name: "card.certificate", Format: "the label of a certificate, or its id in hex, as 'pkcs11-tool " +
				"--list-objects' gives them", Parse: func(c *Config, s string) error {
				c.CardCertificate = s
				return config.OneLine(s)
			}},
			{Name: "record.url", Format: "the FHIR R4 address of the site's record system, such as " +
				"https://records.example/fhir", Parse: func(c *Config, s string) error {
				c.RecordURL = s
				return config.OneLine(s)
			}},
			{
				Name: "record.ca_file", Kind: config.Path,
				Format: "a file with the record system's CA certificate, in PEM",
				Parse: func(c *Config, s string) error {
					c.RecordCAFile = s
					return config.OneLine(s)
				},
			},
			{
				Name: "record.name", Format: "what people call the record system, such as Symphony",
				Parse: func(c *Config, s string) error {
					c.RecordName = text.Clean(s, 0)
					return config.OneLine(s)
				},
			},
			{
				Name: "record.timeout", Default: "10s", Format: "a time from 100ms to 1m, such as 10s",
				Parse: func(c *Config, s string) (err error) {
					c.RecordTimeout, err = config.ReadSpan(s, minTimeout, maxTimeout)
					return err
				},
			},
			{
				Name: "idle.lock", Default: "15m", Format: "a time from 1m to 15m, such as 10m",
				Parse: func(c *Config, s string) (err error) {
					c.IdleLock, err = config.ReadSpan(s, minLock, maxLock)
					return err
				},
			},
			{
				Name: "idle.warn", Default: "2m", Format: "a time from 10s, shorter than idle.lock, such as 2m",
				Parse: func(c *Config, s string) (err error) {
					c.IdleWarn, err = config.ReadSpan(s, minWarn, maxLock)
					return err
				},
			},
			{
				Name: "print.queue", Format: "a print queue's name, as 'lpstat -e' gives it",
				Parse: func(c *Config, s string) error {
					if c.PrintQueue = s; text.Clean(s, 0) != s {
						return errors.New("this name cannot be shown, so nothing is ever printed there")
					}
					return config.OneLine(s)
				},
			},
			{Name: "print.destroy", Format: "a line of text of at most 300 letters, such as Shred it when it has " +
				"been used.", Parse: func(c *Config, s string) error {
				if c.PrintDestroy = text.Clean(s, 0); len(s) > maxDestroy {
					return fmt.Errorf("%d letters do not fit on the paper", len(s))
				}
				return config.OneLine(s)
			}},
			{
				Name: "summary.print", Default: "false", Kind: config.Switch, Format: "true or false",
				Parse: func(c *Config, s string) (err error) {
					c.SummaryPrint, err = config.ReadSwitch(s)
					return err
				},
			},
			{
				Name: "summary.destroy_after", Default: "12h", Format: "a time from 1h to 168h, such as 12h",
				Parse: func(c *Config, s string) (err error) {
					c.SummaryDestroyAfter, err = config.ReadSpan(s, time.Hour, 7*24*time.Hour)
					return err
				},
			},
			{
				Name: "clipboard.osc52", Default: "false", Kind: config.Switch, Format: "true or false",
				Parse: func(c *Config, s string) (err error) {
					c.Clipboard, err = config.ReadSwitch(s)
					return err
				},
			},
			{
				Name: "site.name", Format: "a line of text, such as Example General Hospital, ED",
				Parse: func(c *Config, s string) error {
					c.Site = text.Clean(s, 0)
					return config.OneLine(s)
				},
			},
			{
				Name: "site.procedure", Format: "a line of text of at most 200 letters, such as Ask the nurse in " +
					"charge.",
				Parse: func(c *Config, s string) error {
					if c.Procedure.Text = text.Clean(s, 0); len(s) > maxProcedure {
						return fmt.Errorf("%d letters do not fit on the screen", len(s))
					}
					return config.OneLine(s)
				},
			},
			{
				Name: "site.procedure_phone", Format: "a telephone number, such as 020 7946 0000 or bleep 1234",
				Parse: func(c *Config, s string) error {
					if c.Procedure.Phone = text.Clean(s, 0); s != "" && (!strings.ContainsAny(s, "0123456789") ||
						len(s) > maxPhone) {
						return errors.New("this is no telephone number")
					}
					return config.OneLine(s)
				},
			},
			{
				Name: "site.time_zone", Default: "Europe/London", Format: "a time zone, such as Europe/London",
				Parse: func(c *Config, s string) (err error) {
					if c.Zone, err = time.LoadLocation(s); err != nil || s == "" {
						return fmt.Errorf("there is no time zone %q", s)
					}
					return nil
				},
			},
			{
				Name: "office.hours", Default: hours.DefaultWeek,
				Format: "days and times, such as Mon-Thu 09:00-17:00, Fri 09:00-16:30",
				Parse: func(c *Config, s string) (err error) {
					c.officeWeek, err = hours.ParseWeek(s)
					return err
				},
			},
			{
				Name: "office.closed", Format: "days besides the usual bank holidays, such as 2027-05-10, 2027-06-11",
				Parse: func(c *Config, s string) (err error) {
					c.officeClosed, err = hours.ParseDays(s)
					return err
				},
			},
			{
				Name: "office.open", Format: "bank holidays that are none this year, such as 2027-05-03",
				Parse: func(c *Config, s string) (err error) {
					c.officeOpen, err = hours.ParseDays(s)
					return err
				},
			},
			{
				Name: "worklist.rate", Default: "240", Kind: config.Number,
				Format: "a whole number of patients a minute, from 1 to 6000",
				Parse: func(c *Config, s string) (err error) {
					c.WorklistRate, err = config.ReadNumber(s, 1, maxRate)
					return err
				},
			},
			{
				Name: "worklist.old", Default: "1h", Format: "a time from 1m to 24h, such as 1h",
				Parse: func(c *Config, s string) (err error) {
					c.WorklistMaxAge, err = config.ReadSpan(s, time.Minute, 24*time.Hour)
					return err
				},
			},
			{
				Name: "worklist.keep", Default: "12h", Format: "a time from 10m to 168h, such as 12h",
				Parse: func(c *Config, s string) (err error) {
					c.WorklistTimeout, err = config.ReadSpan(s, 10*time.Minute, 7*24*time.Hour)
					return err
				},
			},
			{
				Name: "worklist.offer_to", Default: "organisation", Format: "organisation or person",
				Parse: func(c *Config, s string) error {
					to, err := config.ReadOne(s, "organisation", "person")
					c.WorklistOwnerOnly = to == "person"
					return err
				},
			},
		},
	}
}

// Maximum lengths of a procedure and of a telephone number, in bytes.
const maxProcedure, maxPhone = 200, 40

// maxRate is the maximum of worklist.rate, far above what a hub accepts from one person. High rates are for tests
// with one's own hub.
const maxRate = 6000

// listed separates the paths in a list, as in PATH.
const listed = string(filepath.ListSeparator)

// paths parses a list of absolute paths. It returns nil for "", and an empty list for "none".
func paths(s string) ([]string, error) {
	switch s {
	case "":
		return nil, nil
	case "none":
		return []string{}, nil
	}
	all := filepath.SplitList(s)
	for _, path := range all {
		if !filepath.IsAbs(path) { // a relative path would be looked up in folders to which others may write
			return nil, fmt.Errorf("%q is not an absolute path", path)
		}
	}
	return all, config.OneLine(s)
}
