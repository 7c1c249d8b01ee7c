// Package demo is the whole of Wardlight on one computer: a hub that is a real one, with a CA, staff, patients and
// local authorities that are made up, and a smartcard made of software.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wardlight/cardreader"
	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/authority"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/control"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// ReaderKind says where the card is put.
type ReaderKind string

// The kinds of reader.
const (
	InProcess   ReaderKind = "virtual" // inside the demo
	RealService ReaderKind = "pcsc"    // in this computer's pcscd, by its virtual reader driver vpcd
)

// MostPeople is how many patients a demo can be asked for.
const MostPeople = people.Most

// Options say what a demo is made of.
type Options struct {
	Folder string           // where its files go; "" is a temporary folder. It must be new or empty
	Keep   bool             // leave the folder behind
	Seed   uint64           // of the patients
	People int              // how many patients besides the named ones
	Clock  func() time.Time // required
	Reader ReaderKind       // "" is InProcess
	VPCD   string           // host:port of vpcd, with RealService; "" is DefaultVPCD
	Plug   Plug             // puts cards into the service's reader, with RealService; nil does it at VPCD
	Card   string           // the card that is in at the start; "" for none
	World  *World           // what the hub begins with in place of the demo's own people; nil for these
}

// Demo is a running demo. Its methods may be called from any goroutine.
type Demo struct {
	options  Options
	folder   folder
	log      *slog.Logger
	logFile  *os.File
	box      *box
	slot     slot
	receiver *authority.Receiver
	store    store.Store
	people   int
	parts    hubParts
	proxy    *proxy

	mu   sync.Mutex
	hub  *runningHub // nil while stopped
	url  string
	card string // the name of the card that is in
}

// Start makes everything and starts it; ctx bounds the starting alone. When it fails, nothing is left. Errors are
// those of the parts, among them *NoReaderError and *cards.UnknownError, as sentences.
func Start(ctx context.Context, o Options) (_ *Demo, err error) {
	if o.Clock == nil {
		return nil, errors.New("a demo needs a clock")
	}
	d := &Demo{options: o, proxy: new(proxy)}
	if d.options.World == nil {
		d.options.World = &World{Authorities: people.Authorities(), demo: true}
	}
	if d.folder, err = openFolder(o.Folder); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.options.Keep = false
			err = errors.Join(err, d.Close())
		}
	}()
	if d.logFile, err = os.OpenFile(d.path(logName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return nil, fmt.Errorf("the demo's log: %w", err)
	}
	d.log = slog.New(slog.NewJSONHandler(d.logFile, nil))
	if d.box, err = newBox(o.Clock); err != nil {
		return nil, err
	}
	if err = os.WriteFile(d.path(caName), d.box.trusted.PEM(), 0o600); err != nil {
		return nil, fmt.Errorf("the demo's CA: %w", err)
	}
	carded := make(chan error, 1)
	go func() { carded <- d.startReader(ctx) }() // an RSA key takes as long as the patients do
	err = d.startHub(ctx)
	if err = errors.Join(<-carded, err); err != nil {
		return nil, err
	}
	return d, d.writeConfig()
}

// The files in a demo's folder.
const (
	logName    = "demo.log"
	caName     = "ca.pem"
	configName = "wardlight.toml"
	booksName  = "hub"
)

func (d *Demo) path(name string) string { return filepath.Join(d.folder.path, name) }

// startReader puts the first card into its reader.
func (d *Demo) startReader(ctx context.Context) error {
	var s slot = newInProcess()
	if d.options.Reader == RealService {
		where, plug := cmp.Or(d.options.VPCD, DefaultVPCD), d.options.Plug
		if plug == nil {
			plug = (&vpcd{address: where, log: d.log}).plug
		}
		service, err := newRealService(ctx, where, plug)
		if err != nil {
			return err
		}
		s = service
	}
	d.slot = s
	if d.options.Card == "" {
		return nil
	}
	return d.Insert(d.options.Card)
}

// startHub fills the books and starts the hub and those that it notifies.
func (d *Demo) startHub(ctx context.Context) error {
	keys, world := make(map[string][]byte), d.options.World
	for _, a := range world.Authorities {
		key, err := newSecret()
		if err != nil {
			return err
		}
		keys[a.ID] = key
	}
	var err error
	if d.receiver, err = authority.Start(ctx, authority.Options{Keys: keys, Clock: d.options.Clock, Log: d.log}); err != nil {
		return err
	}
	books := d.path(booksName)
	if err := os.Mkdir(books, 0o700); err != nil {
		return fmt.Errorf("the hub's folder: %w", err)
	}
	opened, err := sqlite.Open(ctx, books)
	if err != nil {
		return fmt.Errorf("the hub's store: %w", err)
	}
	d.store = opened // not before: a nil *sqlite.Store in the interface would be closed
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return err
	}
	l := loader{store: d.store, now: d.options.Clock().In(uk)}
	if err := l.authorities(ctx, world.Authorities, d.receiver.URL); err != nil {
		return err
	}
	if err := l.staff(ctx, d.box.trusted); err != nil {
		return err
	}
	if world.demo {
		d.people, err = l.patients(ctx, d.options.Seed, d.options.People)
	} else {
		err = d.importAll(ctx, world.Files)
	}
	if err != nil {
		return err
	}
	d.parts = hubParts{
		store: d.store, ca: d.box.trusted, keys: keys, clock: d.options.Clock, log: d.log, settings: world.Settings, proxy: d.proxy,
	}
	if d.hub, err = startHub(ctx, d.parts, "127.0.0.1:0"); err != nil {
		return err
	}
	d.url = d.hub.url
	return nil
}

// Insert puts the named card in, in place of the one that is in. Errors are *cards.UnknownError and *NoReaderError.
func (d *Demo) Insert(name string) error {
	card, err := d.box.card(name)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.card = ""
	if err := d.slot.put(context.Background(), card); err != nil {
		return err
	}
	d.card = name
	return nil
}

// Eject pulls the card.
func (d *Demo) Eject() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slot.pull()
	d.card = ""
}

// Events returns what a watcher of the demo's reader sees, until ctx ends.
func (d *Demo) Events(ctx context.Context) <-chan cardreader.Event {
	return cardreader.Watch(ctx, d.slot.system())
}

// HubURL returns the hub's base URL.
func (d *Demo) HubURL() string { return d.url }

// ConfigFile returns the configuration with which wardlight, in another terminal, uses this demo's hub.
func (d *Demo) ConfigFile() string { return d.path(configName) }

// CAFile holds the certificate of the demo's CA.
func (d *Demo) CAFile() string { return d.path(caName) }

// Folder returns where the demo's files are.
func (d *Demo) Folder() string { return d.folder.path }

// Authority returns the stand-in for the local authorities.
func (d *Demo) Authority() *authority.Receiver { return d.receiver }

// Notifications lists what the authorities received.
func (d *Demo) Notifications() []authority.Notification { return d.receiver.Received() }

// Accesses lists the accesses on record under an NHS number, newest first, the loaded ones included.
func (d *Demo) Accesses(ctx context.Context, n nhs.Number) ([]store.Access, error) {
	return d.store.Accesses(ctx, []nhs.Number{n}, maxAccesses)
}

// AccessHistory returns the accesses that are listed in a patient's access history, newest first, the loaded ones
// included.
func (d *Demo) AccessHistory(ctx context.Context, n nhs.Number) ([]store.Access, error) {
	return d.store.FirstAccesses(ctx, []nhs.Number{n}, cpis.RepeatWithin, maxAccesses)
}

// maxAccesses is how many accesses of a patient are looked at.
const maxAccesses = 1000

// Undelivered returns how many notifications wait to be delivered to the authorities.
func (d *Demo) Undelivered(ctx context.Context) (int, error) {
	backlog, err := d.store.Backlog(ctx)
	return backlog.Waiting, err
}

// StopHub stops the hub alone, as if it had been killed: what is under way is cut off.
func (d *Demo) StopHub() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hub == nil {
		return nil
	}
	err := d.hub.kill()
	d.hub = nil
	return err
}

// StartHub starts the hub that was stopped, at the address that it had and on the same books. On a hub that runs it
// does nothing.
func (d *Demo) StartHub(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hub != nil {
		return nil
	}
	started, err := startHub(ctx, d.parts, strings.TrimPrefix(d.url, "https://"))
	if err == nil {
		d.hub = started
	}
	return err
}

// Status implements control.Bench.
func (d *Demo) Status() control.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := control.Status{
		Hub: d.url, HubRuns: d.hub != nil, Config: d.ConfigFile(), Folder: d.Folder(), Log: d.path(logName), Reader: d.slot.name(),
		Card: d.card, Passcode: cards.Passcode, People: d.people, Notifications: len(d.Notifications()), PID: os.Getpid(),
	}
	if d.card != "" {
		if card, err := d.box.card(d.card); err == nil {
			s.TriesLeft = card.TriesLeft()
		}
	}
	return s
}

// Close ends all of it and removes the folder, unless it is to be kept.
func (d *Demo) Close() error {
	errs := []error{d.StopHub()}
	if d.slot != nil {
		errs = append(errs, d.slot.close())
	}
	if d.receiver != nil {
		errs = append(errs, d.receiver.Close())
	}
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	if d.logFile != nil {
		errs = append(errs, d.logFile.Close())
	}
	if !d.options.Keep {
		errs = append(errs, d.folder.remove())
	}
	return errors.Join(errs...)
}
