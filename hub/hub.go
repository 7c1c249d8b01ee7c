// Package hub is the reference hub: sign-in, trace, alerts, notifications and audit behind one HTTP handler.
//
//	store    what is kept, and the one interface to it; sqlite/ keeps it in two files, postgres/ in a database that hubs share
//	identity who is asking
//	trace    which patient
//	cpis     which plans, who is told, who has looked
//	upload   what the authorities send
//	notify   telling the authorities
//	audit    the chained record, and its one writer
//	api      HTTP
package hub

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"
	_ "time/tzdata" // plans begin and end by the day in the United Kingdom, on machines without a zone database too

	"github.com/google/uuid"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/holder"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
)

// How long a session lasts where Config does not say.
const (
	DefaultIdle = 15 * time.Minute
	DefaultMax  = 8 * time.Hour
)

// How often a checkpoint of the audit is signed where Config does not say.
const (
	DefaultCheckpointEvery  = 1000
	DefaultCheckpointWithin = 5 * time.Minute
)

// StandardRetention returns how long is kept what has served its purpose where Config does not say: sessions a day
// after they expired, bodies of notifications and answers to uploads a year.
func StandardRetention() store.Retention {
	const day = 24 * time.Hour
	return store.Retention{Sessions: day, Bodies: 365 * day, Answers: 365 * day}
}

// Config is what a hub is made of. Store, CA, Issuer and Transport are required; the rest has a default.
type Config struct {
	Store     store.Store
	CA        *holder.CAs // whose certificates may sign in
	Issuer    string      // the hub's public URL, without a slash at the end; proofs and assertions are held against it
	Transport notify.Transport
	MESH      *notify.MESH // whose inbox is read for non-delivery reports; nil for none

	SigningKey  *ecdsa.PrivateKey // of P-256, for id_tokens; one for this process when nil
	Clock       func() time.Time
	After       func(time.Duration) <-chan time.Time // waits; goes with Clock
	NewID       func() string                        // UUIDs
	Rand        io.Reader
	Log         *slog.Logger   // gets nothing of patients
	SessionIdle time.Duration  // a session ends when unused for so long
	SessionMax  time.Duration  // and after so long in any case
	Window      cpis.Window    // how long an ended plan stays visible
	Audit       audit.Options  // how requests share the commits of the ledger
	Limits      *limit.Config  // how often somebody may ask; limit.Standard when nil
	Proxies     []netip.Prefix // whose word about where a request comes from is taken
	Observer    Observer       // is told what the hub does; nobody when nil

	Retention store.Retention // how long is kept what has served its purpose; StandardRetention when zero

	Checkpoints      audit.Checkpoints // where signed checkpoints of the audit go; nil for none
	CheckpointEvery  int64             // so many records a checkpoint
	CheckpointWithin time.Duration     // and no record waits longer for one
}

// Hub is the hub.
type Hub struct {
	api        *api.API
	dispatcher *notify.Dispatcher
	inbox      *notify.Inbox // nil without MESH
	identity   *identity.Service
	ledger     *audit.Writer
	config     Config
}

// New makes a hub. It starts nothing: Handler serves, Run delivers.
func New(c Config) (*Hub, error) {
	if c.Store == nil || c.CA == nil || c.Transport == nil {
		return nil, errors.New("hub: Store, CA and Transport are required")
	}
	if err := c.fill(); err != nil {
		return nil, err
	}
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	ledger := audit.NewWriterWith(observed{c.Store, c.Observer, c.Clock}, c.Audit)
	who, err := identity.New(identity.Config{
		Store: c.Store, Callers: identity.NewCallers(identity.MostCallers, identity.CallersAge), Ledger: ledger, CA: c.CA, Issuer: c.Issuer, Key: c.SigningKey,
		Clock: c.Clock, NewID: c.NewID, Rand: c.Rand, Idle: c.SessionIdle, Max: c.SessionMax, Limits: *c.Limits,
	})
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	patients := trace.NewLogging(c.Store, c.Log)
	d := notify.NewDispatcher(c.Store, c.Transport, c.Clock, c.After, c.Log)
	var inbox *notify.Inbox
	if c.MESH != nil {
		inbox = notify.NewInbox(c.MESH, c.Store, c.Clock, c.After, c.Log)
	}
	return &Hub{
		config: c, dispatcher: d, inbox: inbox, identity: who, ledger: ledger,
		api: api.New(api.Config{
			Issuer: c.Issuer, Identity: who, Trace: patients, Ledger: ledger, Openings: c.Store, Authorities: c.Store, Outbox: c.Store, Books: c.Store,
			Uploads: upload.New(c.Store, patients, c.Store, c.Window, c.NewID),
			CPIS:    cpis.New(c.Store, patients, c.Window, c.NewID, notify.Compose(c.Issuer)),
			Told:    d.Wake, Clock: c.Clock, UK: uk, NewID: c.NewID, Log: c.Log, Observer: c.Observer,
			Sources: limit.Sources{Proxies: c.Proxies}, Searches: limit.NewBuckets(c.Limits.SearchPerson, limit.Most),
			Requests: limit.NewBuckets(c.Limits.RequestPerson, limit.Most), Patients: limit.NewDistinct(c.Limits.PatientsPerson, time.Hour),
			CredentialRequests: limit.NewBuckets(c.Limits.RequestCredential, limit.Most),
		}),
	}, nil
}

// fill puts defaults where Config is silent.
func (c *Config) fill() error {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.SessionIdle == 0 {
		c.SessionIdle = DefaultIdle
	}
	if c.SessionMax == 0 {
		c.SessionMax = DefaultMax
	}
	if c.Window == (cpis.Window{}) {
		c.Window = cpis.Standard()
	}
	if c.Retention == (store.Retention{}) {
		c.Retention = StandardRetention()
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	if c.Limits == nil {
		standard := limit.Standard()
		c.Limits = &standard
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = DefaultCheckpointEvery
	}
	if c.CheckpointWithin == 0 {
		c.CheckpointWithin = DefaultCheckpointWithin
	}
	if c.SigningKey == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), c.Rand)
		if err != nil {
			return fmt.Errorf("hub: signing key: %w", err)
		}
		c.SigningKey = key
	}
	return nil
}

// Trust replaces the CAs whose certificates may sign in.
func (h *Hub) Trust(ca *holder.CAs) { h.identity.Trust(ca) }

// Handler returns the hub's API (docs/api.md).
func (h *Hub) Handler() http.Handler { return h.api.Handler() }

// Health returns /livez and /readyz alone, for a listener of the operator's own.
func (h *Hub) Health() http.Handler { return h.api.Health() }

// Stopping has /readyz say from now on that the hub takes no more: whoever sends requests here should send them
// elsewhere. Requests that come all the same are answered.
func (h *Hub) Stopping() { h.api.Stopping() }

// Routes lists what the handler serves, and what each route needs.
func (h *Hub) Routes() []api.Route { return h.api.Routes() }

// Run delivers the outbox, reads the MESH inbox, signs checkpoints of the audit and forgets what has lapsed, until
// ctx ends. It gives nil: what fails is logged and tried again. The last checkpoint is signed after ctx has ended:
// end it once nothing is served any more.
func (h *Hub) Run(ctx context.Context) error {
	var all sync.WaitGroup
	c := h.config
	all.Go(func() {
		(&pruner{store: c.Store, clock: c.Clock, after: c.After, log: c.Log, keep: c.Retention}).run(ctx)
	})
	if h.inbox != nil {
		all.Go(func() { h.inbox.Run(ctx) })
	}
	if c.Checkpoints != nil {
		settled, settle := context.WithCancel(context.WithoutCancel(ctx))
		all.Go(func() {
			defer settle()
			<-ctx.Done()
			// Requests whose clients have gone are answered to nobody and recorded all the same, after they have ended.
			last, cancel := context.WithTimeout(settled, settleTimeout)
			defer cancel()
			if err := h.ledger.Settle(last); err != nil {
				c.Log.ErrorContext(last, "The audit does not come to rest: the last checkpoint may leave out what is still being written.", "error", err)
			}
		})
		all.Go(func() {
			(&audit.Checkpointer{
				Log: c.Store, To: c.Checkpoints, Every: c.CheckpointEvery, Within: c.CheckpointWithin,
				Clock: c.Clock, After: c.After, Alarm: c.Log,
			}).Run(settled)
		})
	}
	h.dispatcher.Run(ctx)
	all.Wait()
	return nil
}

// settleTimeout is how long the audit may take to come to rest when the hub stops.
const settleTimeout = 10 * time.Second
