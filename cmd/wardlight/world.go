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
	"wardlight/internal/handover"
	"wardlight/internal/keep"
	"wardlight/internal/sealed"
	"wardlight/internal/training"
	"wardlight/tui"
	"wardlight/tui/settings"
)

// world is everything outside of the program that its commands touch.
type world struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	machine  string // the file of the computer's own settings
	settings string // the file of the user's own settings
	clock    func() time.Time
	newID    func() string
	// system is the readers; open is the driver of the PIV cards in them.
	system func() cardreader.System
	open   func(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error)
	// program is this program's own binary, which runs vendors' modules in a process of its own; "" runs none.
	program string
	ring    *keep.Ring // where a sign-in is kept between commands
	// followPage is how long a page is followed to its printer; 0 is cups's default.
	followPage time.Duration
	// sealedFolder is where encrypted files stand.
	sealedFolder string
	// handOver is where the screens and 'wardlight show' meet.
	handOver handover.Config
	// terminal is where a secret is asked for. inherited returns an error unless the descriptor was handed over by the
	// program that started this one (see checkDescriptor); file is such a descriptor.
	terminal  func() (terminal, error)
	inherited func(fd int) error
	file      func(fd int) io.ReadCloser
	// onTerminal tells whether there is a terminal for the screens, and show shows them.
	onTerminal func() bool
	show       func(ctx context.Context, cfg tui.Config) error
	// training is the training that this program takes part in; nil for none.
	training *training.Training
}

// theWorld returns the real one.
func theWorld() world {
	handed := newDescriptors()
	return world{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(),
		machine: settings.Machine(), settings: settings.User(),
		clock: time.Now, newID: uuid.NewString,
		ring: keep.OS(os.Environ()), sealedFolder: sealed.Folder(),
		handOver: handover.Config{Folders: handover.Folders(os.Environ(), sealed.Folder())},
		system:   pcsc.New, open: new(piv.Memory).Open, program: ownBinary(),
		terminal: openTerminal, inherited: handed.take, file: handed.open,
		onTerminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) },
		show:       tui.Run,
	}
}
