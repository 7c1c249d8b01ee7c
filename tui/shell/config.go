package shell

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/handover"
	"wardlight/internal/hours"
	"wardlight/internal/procedure"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Config configures the terminal program. Fields that are not marked as required may be left out.
type Config struct {
	Sessions SessionManager          // required
	Events   <-chan cardreader.Event // events of the card watcher; nil means no readers
	Clock    func() time.Time        // required
	// Location is the time zone of the times on the screen and of office hours; nil means UTC.
	Location *time.Location
	// Office is the office hours of the local authorities; the zero value means Monday to Friday from 09:00 to 17:00.
	Office hours.Office

	// IdleLock is the time without a key press after which the session is locked; zero means 15 minutes. IdleWarn is
	// how long before that the user is warned; zero means 2 minutes.
	IdleLock, IdleWarn time.Duration

	// HandOver delivers the NHS numbers that another program of the user hands over; nil disables it.
	HandOver <-chan handover.Request

	Flags Flags // the site's own record system; nil disables flags

	Site      string          // shown at the top: "Example General Hospital, ED"
	Procedure procedure.Local // the site's procedure, shown wherever it is not known whether there is an alert
	DemoHints []string        // lines on the first screens of a demo: the passcode and a child to try
	Version   string

	// Used by the diagnostics: Probe checks the hub without a sign-in (client.Hub.Probe; nil leaves the hub out),
	// Reader is the setting reader.name, and Issuers and IssuersErr are as in doctor.Facts.
	Probe      func(context.Context) client.ProbeResult
	Reader     string
	Issuers    []*x509.Certificate
	IssuersErr error

	Printing     Printing // nil disables printing
	Printer      string   // the initial print queue; "" asks the user
	DisposalNote string   // instruction on printouts for their disposal; "" means paper.DefaultDestroy
	// PrintSummaries allows printing Summary Care Records. DestroyAfter is how long after that the printout must have
	// been destroyed; 0 means printout.DefaultDestroyAfter.
	PrintSummaries bool
	DestroyAfter   time.Duration
	CopyReceipts   bool // copy receipts to the terminal's clipboard (OSC 52)
	// SaveReceipt saves a receipt in a file, and returns the file; nil disables that. Errors have a sentence and advice
	// for the user. It must be safe for concurrent use.
	SaveReceipt func(client.Receipt) (file string, err error)

	Worklist Worklist

	Browser bool // begin with a sign-in in the browser

	Theme draw.Theme // "" is the default; without colours, Mono is used whatever the value
	ASCII bool       // use only ASCII, whatever the locale
	// Plain selects linear mode, for screen readers; dumb terminals always get it. Clear empties such a terminal and
	// its scrollback when the session ends.
	Plain, Clear bool
	Keys         map[string]string // keys by action, as Keys names them; other actions have their default keys
	keys         step.Bindings
	Shell        bool // a shell with job control started the program
	Console      bool // the terminal is the Linux console

	// The rest is for tests and special terminals. Nil means that of the process.
	Input         io.Reader
	Output        io.Writer
	Environ       []string
	Width, Height int // size in cells if Output is not a terminal
}

// The default idle times, which are those of the NHS's prescription tracker.
const (
	defaultIdleLock = 15 * time.Minute
	defaultIdleWarn = 2 * time.Minute
)

// Complete returns c with defaults for the fields that were left out. It returns an error if a required field is
// missing or Keys is invalid.
func (c Config) Complete() (Config, error) {
	if c.Sessions == nil {
		return c, errors.New("tui: no desk")
	}
	if c.Clock == nil {
		return c, errors.New("tui: no clock")
	}

	if c.Location == nil {
		c.Location = time.UTC
	}

	if c.Office.String() == "" {
		week, err := hours.ParseWeek(hours.DefaultWeek)
		if err != nil {
			return c, fmt.Errorf("tui: office hours: %w", err)
		}
		c.Office = hours.New(week, nil, nil)
	}

	if c.IdleLock <= 0 {
		c.IdleLock = defaultIdleLock
	}

	if c.IdleWarn <= 0 || c.IdleWarn >= c.IdleLock {
		c.IdleWarn = min(defaultIdleWarn, c.IdleLock/2)
	}

	var err error
	c.keys, err = step.ApplyKeys(c.Keys)
	return c, err
}
