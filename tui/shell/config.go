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

// Config is everything that the program on the terminal needs from outside.
type Config struct {
	Desk   Desk                    // required
	Events <-chan cardreader.Event // what the card watcher sees; nil means no readers
	Clock  func() time.Time        // required
	// Location is where the times on the screen are told and office hours are counted; nil means UTC.
	Location *time.Location
	// Office is when the authorities' offices answer; the zero value means Monday to Friday from 09:00 to 17:00.
	Office hours.Office

	// IdleLock is how long a session may go without a key; zero means 15 minutes. IdleWarn is how long before that the
	// user is warned; zero means 2 minutes.
	IdleLock, IdleWarn time.Duration

	// HandOver brings the NHS numbers that another program of the user hands over; nil where none does.
	HandOver <-chan handover.Request

	Flags Flags // the site's own record system; nil where none is set

	Site      string          // shown at the top: "Example General Hospital, ED"
	Procedure procedure.Local // the site's own, shown wherever it is not known whether there is an alert
	Hint      []string        // lines on the first screens, for a demo: the passcode and a child to try
	Version   string

	// What the diagnostics look at beside reader and card: Probe asks the hub without a sign-in (client.Hub.Probe; nil
	// leaves the hub out), Reader is reader.name of the settings, Issuers and IssuersErr are as in doctor.Facts.
	Probe      func(context.Context) client.Probed
	Reader     string
	Issuers    []*x509.Certificate
	IssuersErr error

	Printing Printing // nil where nothing can be printed
	Printer  string   // the print queue to begin with; "" has the user choose
	Destroy  string   // what is to become of a paper; "" is paper.UsualDestroy
	Copies   bool     // a receipt goes to the terminal's clipboard (OSC 52), too

	Worklist Worklist

	Theme draw.Theme // "" is the usual one; a terminal without colours gets Mono whatever stands here
	ASCII bool       // no letters or borders beyond ASCII, whatever the locale says
	// Plain tells everything in lines, for screen readers (plain.go); a terminal that is dumb gets it anyway. Clear
	// empties such a terminal, with what has scrolled off it, when the session ends.
	Plain, Clear bool
	Keys         map[string]string // keys by action, as Keys names them; what is not in it keeps its key
	keys         step.Bindings
	Shell        bool // there is one to go to
	Console      bool // the terminal is the Linux console

	// The rest is for tests and unusual terminals. Nil means the process's own.
	Input         io.Reader
	Output        io.Writer
	Environ       []string
	Width, Height int // size in cells where Output is no terminal
}

// The usual idle times: 15 minutes, and a warning for the last 2 (as the NHS's prescription tracker has it).
const (
	defaultIdleLock = 15 * time.Minute
	defaultIdleWarn = 2 * time.Minute
)

// Complete returns the configuration with the usual values where none were given. The error says what is missing.
func (c Config) Complete() (Config, error) {
	if c.Desk == nil {
		return c, errors.New("tui: no desk")
	}
	if c.Clock == nil {
		return c, errors.New("tui: no clock")
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.Office.String() == "" {
		week, err := hours.ParseWeek(hours.UsualWeek)
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
	c.keys, err = step.KeysOf(c.Keys)
	return c, err
}
