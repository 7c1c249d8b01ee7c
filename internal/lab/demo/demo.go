// Package demo runs all of Wardlight on one computer: a real hub with a CA, synthetic staff, patients and local
// authorities, and a software smartcard. cmd/wardlight-lab, play, the benchmarks and tests import it.
package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/cardreader"
	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/authority"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/control"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// ReaderKind selects the reader into which cards are inserted.
type ReaderKind string

// The kinds of reader.
const (
	InProcess   ReaderKind = "virtual" // a reader inside the demo
	RealService ReaderKind = "pcsc"    // this computer's pcscd, through its virtual reader driver vpcd
)

// MaxPeople is the maximum number of patients of a demo.
const MaxPeople = people.MaxPeople

// Options configure a demo.
type Options struct {
	Folder     string            // folder for the demo's files, which must be new or empty; "" for a temporary one
	KeepFolder bool              // don't remove the folder at the end
	Seed       uint64            // seed for generating the patients
	People     int               // number of patients besides the named ones
	Clock      func() time.Time  // required
	Reader     ReaderKind        // "" means InProcess
	VPCD       string            // with RealService: host:port of vpcd; "" means DefaultVPCD
	Plug       Plug              // with RealService: inserts cards into its reader; nil connects to VPCD
	Card       string            // name of the card that is inserted at the start; "" for none
	PublicURL  string            // the hub's base URL, if a test's proxy is in front; "" for the hub's own address
	Data       *InitialData      // the hub's initial data; nil for the demo's own people
	Receipts   bool              // the hub signs checkpoints of its audit, and so makes receipts; see ReceiptKeyFile
	Configure  func(*hub.Config) // changes the hub's configuration before its start; nil for no change
}

// A Demo is a running demo. Its methods are safe for concurrent use.
type Demo struct {
	options  Options
	folder   folder
	log      *slog.Logger
	logFile  *os.File
	box      *cardBox
	slot     slot
	receiver *authority.Receiver
	store    store.Store
	people   int
	parts    hubParts
	proxy    *proxy

	mu      sync.Mutex
	hub     *runningHub // nil while stopped
	address string      // host and port where the hub listens
	url     string      // base URL for terminals
	card    string      // name of the inserted card
}

// Start creates and starts all parts of a demo. ctx applies only to the start. If Start fails, it removes everything
// that it created. The errors include *NoReaderError and *cards.UnknownError.
func Start(ctx context.Context, o Options) (_ *Demo, err error) {
	if o.Clock == nil {
		return nil, errors.New("a demo needs a clock")
	}

	d := &Demo{options: o, proxy: new(proxy)}
	if d.options.Data == nil {
		d.options.Data = &InitialData{Authorities: people.Authorities(), demo: true}
	}

	if d.folder, err = openFolder(o.Folder); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.options.KeepFolder = false
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

	// Concurrently, because creating an RSA key takes as long as loading the patients.
	go func() { carded <- d.startReader(ctx) }()
	err = d.startHub(ctx)
	if err = errors.Join(<-carded, err); err != nil {
		return nil, err
	}

	return d, d.writeConfig()
}

// Names in a demo's folder.
const (
	logName    = "demo.log"
	caName     = "ca.pem"
	configName = "wardlight.toml"
	storeName  = "hub"
	treeName   = "checkpoints"
	keyName    = "audit.key.pub"
)

func (d *Demo) path(name string) string { return filepath.Join(d.folder.path, name) }

// startReader creates the reader and inserts the first card.
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

// startHub fills the hub's store, and starts the hub and the receiver of its notifications.
func (d *Demo) startHub(ctx context.Context) error {
	keys, dataset := make(map[string][]byte), d.options.Data
	for _, a := range dataset.Authorities {
		key, err := newSecret()
		if err != nil {
			return err
		}
		keys[a.ID] = key
	}

	var err error
	if d.receiver, err = authority.Start(ctx, authority.Options{
		Keys: keys, Clock: d.options.Clock,
		Log: d.log,
	}); err != nil {
		return err
	}

	ledger := d.path(storeName)
	if err := os.Mkdir(ledger, 0o700); err != nil {
		return fmt.Errorf("the hub's folder: %w", err)
	}

	opened, err := sqlite.Open(ctx, ledger)
	if err != nil {
		return fmt.Errorf("the hub's store: %w", err)
	}

	d.store = opened // only on success: a nil *sqlite.Store in the interface isn't nil, and would be closed
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return err
	}

	l := loader{store: d.store, now: d.options.Clock().In(uk)}
	if err := l.authorities(ctx, dataset.Authorities, d.receiver.URL); err != nil {
		return err
	}
	if err := l.staff(ctx, d.box.trusted); err != nil {
		return err
	}

	if dataset.demo {
		d.people, err = l.patients(ctx, d.options.Seed, d.options.People)
	} else {
		err = d.importAll(ctx, dataset.Files)
	}

	if err != nil {
		return err
	}

	d.parts = hubParts{
		store: d.store, ca: d.box.trusted, keys: keys, clock: d.options.Clock, log: d.log, settings: dataset.Settings,
		proxy: d.proxy, publicURL: d.options.PublicURL,
		configure: d.options.Configure,
	}
	if d.options.Receipts {
		if d.parts.tree, err = d.newTree(); err != nil {
			return err
		}
	}

	if d.hub, err = startHub(ctx, d.parts, "127.0.0.1:0"); err != nil {
		return err
	}

	d.address, d.url = d.hub.address, d.hub.url
	return nil
}

// newTree creates the folder of the audit's checkpoints and their key.
func (d *Demo) newTree() (audit.TreeCheckpoints, error) {
	private, public, err := audit.NewCheckpointKey(rand.Reader, "demo.example")
	if err != nil {
		return nil, fmt.Errorf("the key of checkpoints: %w", err)
	}
	folder := d.path(treeName)
	err = errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(d.path(keyName), []byte(public+"\n"), 0o600))
	if err != nil {
		return nil, fmt.Errorf("the folder of checkpoints: %w", err)
	}
	return audit.OpenTreeFile(folder, private)
}

// Insert inserts the card with the name, after removing the present one. The error is a *cards.UnknownError or
// *NoReaderError.
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

// Eject removes the card from the reader.
func (d *Demo) Eject() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slot.pull()
	d.card = ""
}

// Events returns the events of the demo's reader until ctx is done.
func (d *Demo) Events(ctx context.Context) <-chan cardreader.Event {
	return cardreader.Watch(ctx, d.slot.system())
}

// HubURL returns the hub's base URL.
func (d *Demo) HubURL() string { return d.url }

// HubAddress returns the host and port where the hub listens with TLS.
func (d *Demo) HubAddress() string { return d.address }

// ConfigFile returns the path of the configuration with which wardlight, in another terminal, uses this demo's hub.
func (d *Demo) ConfigFile() string { return d.path(configName) }

// CAFile returns the path of the demo's CA certificate.
func (d *Demo) CAFile() string { return d.path(caName) }

// ReceiptKeyFile returns the path of the public key of the audit's checkpoints, with which receipts are checked.
func (d *Demo) ReceiptKeyFile() string { return d.path(keyName) }

// Folder returns the path of the demo's folder.
func (d *Demo) Folder() string { return d.folder.path }

// Authority returns the receiver that stands in for the local authorities.
func (d *Demo) Authority() *authority.Receiver { return d.receiver }

// Notifications returns the notifications that the authorities have received.
func (d *Demo) Notifications() []authority.Notification { return d.receiver.Received() }

// Accesses returns the accesses recorded under an NHS number, newest first, including those loaded at the start.
func (d *Demo) Accesses(ctx context.Context, n nhs.Number) ([]store.Access, error) {
	return d.store.Accesses(ctx, []nhs.Number{n}, maxAccesses)
}

// AccessHistory returns the accesses that a patient's access history lists, newest first, including those loaded at
// the start.
func (d *Demo) AccessHistory(ctx context.Context, n nhs.Number) ([]store.Access, error) {
	return d.store.FirstAccesses(ctx, []nhs.Number{n}, cpis.RepeatWithin, maxAccesses)
}

// maxAccesses is the maximum number of accesses to read for one patient.
const maxAccesses = 1000

// Undelivered returns the number of notifications that are waiting for delivery.
func (d *Demo) Undelivered(ctx context.Context) (int, error) {
	backlog, err := d.store.Backlog(ctx)
	return backlog.Waiting, err
}

// StopHub stops the hub abruptly, as if its process had been killed: requests in progress are cut off. It does nothing
// if the hub is stopped.
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

// StartHub restarts a stopped hub at its former address with the same store. It does nothing if the hub is running.
func (d *Demo) StartHub(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hub != nil {
		return nil
	}
	started, err := startHub(ctx, d.parts, d.address)
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
		Hub: d.url, HubRuns: d.hub != nil, Config: d.ConfigFile(), Folder: d.Folder(), Log: d.path(logName),
		Reader: d.slot.name(),
		Card:   d.card, Passcode: cards.Passcode, People: d.people, Notifications: len(d.Notifications()),
		PID: os.Getpid(),
	}
	if d.card != "" {
		if card, err := d.box.card(d.card); err == nil {
			s.TriesLeft = card.TriesLeft()
		}
	}
	return s
}

// Close stops all parts of the demo and removes its folder, unless [Options.KeepFolder] is set.
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
	if !d.options.KeepFolder {
		errs = append(errs, d.folder.remove())
	}
	return errors.Join(errs...)
}
