package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/piv"
	"wardlight/internal/browser"
	"wardlight/internal/handover"
	"wardlight/internal/receiptfile"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/session"
	"wardlight/internal/training"
	"wardlight/tui"
	"wardlight/tui/settings"
)

// environment is the environment of the program: everything outside it that its commands use.
type environment struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	machine  string // path of the computer's settings file
	settings string // path of the user's settings file
	clock    func() time.Time
	newID    func() string
	// system returns the card readers. open is the driver for the PIV cards in them.
	system func() cardreader.System
	open   func(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error)
	// program is the path of this program's binary, which runs vendors' modules in a child process. If it is "", no
	// modules are run.
	program string
	keyring *secretstore.Keyring // stores sign-ins between commands
	// systemBrowser opens a sign-in in the browser; nil if there is no browser.
	systemBrowser session.Browser
	// followPage is the time to wait for a page to be printed. 0 means the default of package cups.
	followPage time.Duration
	// sealedFolder is the folder of the encrypted files.
	sealedFolder string
	// receiptFolder is the folder in which the screens save receipts; "" if the user has no home folder.
	receiptFolder string
	// handOver configures the socket between the screens and 'wardlight show'.
	handOver handover.Config
	// terminal opens the terminal for reading a secret. inherited returns an error unless the descriptor was inherited
	// from the parent process (see checkDescriptor). file returns such a descriptor for reading.
	terminal  func() (terminal, error)
	inherited func(fd int) error
	file      func(fd int) io.ReadCloser
	// onTerminal reports whether there is a terminal for the screens. show runs the screens.
	onTerminal func() bool
	show       func(ctx context.Context, cfg tui.Config) error
	// training is the training session that the program takes part in, or nil.
	training *training.Training
}

// newEnvironment returns the world of a real process.
func newEnvironment() environment {
	handed := newDescriptors()
	return environment{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(),
		machine: settings.Machine(), settings: settings.User(),
		clock: time.Now, newID: uuid.NewString, systemBrowser: browser.System{Environ: os.Environ()},
		keyring: secretstore.SystemKeyring(os.Environ()), sealedFolder: sealed.Folder(),
		receiptFolder: receiptfile.Folder(),
		handOver:      handover.Config{Folders: handover.Folders(os.Environ(), sealed.Folder())},
		system:        pcsc.New, open: new(piv.Cache).Open, program: ownBinary(),
		terminal: openTerminal, inherited: handed.claim, file: handed.open,
		onTerminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) },
		show:       tui.Run,
	}
}
