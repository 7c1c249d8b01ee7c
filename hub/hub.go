// Package hub is the reference hub: sign-in, trace, alerts, notifications and audit behind one HTTP handler.
//
//	store    the interface to stored data; sqlite/ stores it in two files, postgres/ in a database that hubs share
//	identity authenticates callers
//	trace    finds patients
//	patientflag reads the flags besides child protection
//	cpis     decides which plans are visible, who is notified, and what the access history shows
//	upload   processes files of plans from local authorities
//	notify   sends notifications to local authorities
//	audit    writes and verifies the chained audit
//	privacy  makes the privacy officer's reports from the audit
//	api      is the HTTP interface
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
	_ "time/tzdata" // plans start and end by UK local time, also on machines without a time zone database

	"github.com/google/uuid"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/holder"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/national"
	"wardlight/hub/notify"
	"wardlight/hub/patientflag"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/rbac"
)

// Default limits on the length of a session.
const (
	DefaultIdle = 15 * time.Minute
	DefaultMax  = 8 * time.Hour
)

// Default limits on the records and the time between two signed checkpoints of the audit.
const (
	DefaultCheckpointEvery  = 1000
	DefaultCheckpointWithin = 5 * time.Minute
)

// StandardRetention returns the default retention: sessions for a day after they expire; bodies of notifications and
// answers to uploads for a year.
func StandardRetention() store.Retention {
	const day = 24 * time.Hour
	return store.Retention{Sessions: day, Bodies: 365 * day, Answers: 365 * day}
}

// Config configures a hub. Store, CA, Issuer and Transport are required. The other fields have defaults.
type Config struct {
	Store     store.Store
	CA        *holder.CAs // CAs whose certificates may sign in
	Issuer    string      // the public URL without a trailing slash; proofs and assertions must be for it
	Transport notify.Transport
	CIS2      identity.Provider // of the sign-in by browser; nil for none
	// SessionEnded is called with the ID token of CIS2 of a session that was ended; may be nil.
	SessionEnded func(idToken string)
	MESH         *notify.MESH // its inbox is read for non-delivery reports; nil for none

	// Sources other than the store. nil means the store.
	People  api.People
	Records api.Records
	Alerts  api.Alerts
	// Summaries are the Summary Care Records.
	Summaries api.Summaries
	// SendAlert sends a privacy alert to the national service; nil sends none. After a *summary.Rejected an alert isn't
	// sent again.
	SendAlert func(ctx context.Context, a summary.Alert) error
	Flags     api.Flags
	Numbers   CurrentNumbers // asked daily about the numbers of plans; nil for nobody
	Rows      upload.People  // the records with which rows of authorities' files are compared

	// Attendances returns the site's list of attendances for privacy reports, or an error if it can't be used; nil if
	// there is none.
	Attendances func() (*privacy.Attendances, error)

	SigningKey  *ecdsa.PrivateKey // P-256 key that signs id_tokens; nil generates one for this process
	Clock       func() time.Time
	After       func(time.Duration) <-chan time.Time // waits; replace it together with Clock
	NewID       func() string                        // returns a new UUID
	Rand        io.Reader
	Log         *slog.Logger      // receives no patient data
	SessionIdle time.Duration     // a session ends when it hasn't been used for this long
	SessionMax  time.Duration     // a session ends at this age, used or not
	Window      cpis.Window       // how long an ended plan remains visible
	FGMCode     rbac.ActivityCode // the code of the roles that see FGM flags; "" for none
	Audit       audit.Options     // how requests share commits of the ledger
	Limits      *limit.Config     // request budgets; limit.Standard if nil
	Proxies     []netip.Prefix    // addresses whose forwarding headers are trusted
	Observer    Observer          // is called about the hub's activity; may be nil

	Retention store.Retention // how long old data is stored; StandardRetention if zero

	Checkpoints      audit.Checkpoints     // where signed checkpoints of the audit are written; nil for nowhere
	Tree             audit.TreeCheckpoints // where those of the audit's tree are written; nil for nowhere
	Witnesses        []audit.Witness       // asked to sign the checkpoints of the tree
	CheckpointEvery  int64                 // maximum records between checkpoints
	CheckpointWithin time.Duration         // maximum time from a record to its checkpoint
}

// Hub is a hub. Use [New] to create one.
type Hub struct {
	api        *api.API
	dispatcher *notify.Dispatcher
	inbox      *notify.Inbox // nil if Config.MESH is nil
	identity   *identity.Service
	ledger     *audit.Writer
	tail       *audit.Tail
	sender     *summary.Sender         // nil if Config.SendAlert is nil
	tree       *audit.TreeCheckpointer // nil if Config.Tree is nil
	config     Config
}

// New returns a hub, or an error if c lacks a required field. It starts no goroutine: call [Hub.Run] for
// notifications, checkpoints and pruning.
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

	tail := &audit.Tail{Log: c.Store, After: c.After, Alarm: c.Log, Looked: c.Observer.LookedAtAudit}
	ledger := audit.NewWriterWith(observedLedger{c.Store, c.Observer, tail, c.Clock}, c.Audit)
	who, err := identity.New(identity.Config{
		Store: c.Store, Callers: identity.NewCallers(identity.MaxCallers, identity.CallersAge), Ledger: ledger,
		CA: c.CA, Issuer: c.Issuer, Key: c.SigningKey,
		Clock: c.Clock, NewID: c.NewID, Rand: c.Rand, Idle: c.SessionIdle, Max: c.SessionMax, Limits: *c.Limits,
		Provider: c.CIS2, OnEnd: c.SessionEnded,
	})
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}

	patients := trace.NewLogging(c.Store, c.Log)
	if c.People == nil {
		c.People = patients
	}
	if c.Records == nil {
		c.Records = patients
	}
	if c.Rows == nil {
		c.Rows = c.Store
	}
	// With another source of alerts, nobody would see the plans that authorities send.
	var uploads *upload.Service
	if c.Alerts == nil {
		c.Alerts = cpis.New(c.Store, c.Records, c.Window, c.NewID, notify.Compose(c.Issuer))
		uploads = upload.New(c.Rows, rowPatients{c.Records, patients}, c.Store, c.Window, c.NewID)
	}
	if c.Flags == nil {
		c.Flags = patientflag.New(c.Store, mustResend(c.Store))
	}

	if c.Summaries == nil {
		c.Summaries = summary.New(c.Store, mustResend(c.Store), c.Clock, c.NewID)
	}

	d := notify.NewDispatcher(c.Store, c.Transport, c.Clock, c.After, c.Log)
	var inbox *notify.Inbox
	if c.MESH != nil {
		inbox = notify.NewInbox(c.MESH, c.Store, c.Clock, c.After, c.Log)
	}

	var sender *summary.Sender
	if c.SendAlert != nil {
		sender = summary.NewSender(c.Store, c.SendAlert, c.Clock, c.After, c.Log)
	}

	var tree *audit.TreeCheckpointer
	var receipts api.Receipts
	if c.Tree != nil {
		tree = &audit.TreeCheckpointer{
			Schedule: c.schedule(), Log: c.Store, To: c.Tree, Alarm: c.Log, Witnesses: c.Witnesses,
			Witnessed: c.Observer.Witnessed,
		}
		receipts = tree
	}

	return &Hub{
		config: c, dispatcher: d, inbox: inbox, identity: who, ledger: ledger, tail: tail, tree: tree, sender: sender,
		api: api.New(api.Config{
			Issuer: c.Issuer, Identity: who, People: c.People, Records: c.Records, Alerts: c.Alerts, Ledger: ledger,
			Openings: c.Store, Authorities: c.Store,
			Outbox: c.Store, Reports: c.Store, Attendances: c.Attendances, RequestRecords: c.Store, Receipts: receipts,
			Store:             c.Store,
			Uploads:           uploads,
			Flags:             c.Flags,
			FGMCode:           c.FGMCode,
			Summaries:         c.Summaries,
			PrivacyAlerts:     c.Store,
			SendAlerts:        sender != nil,
			AlertAdded:        sender.Wake,
			NotificationAdded: d.Wake, Clock: c.Clock, UK: uk, NewID: c.NewID, Log: c.Log, Observer: c.Observer,
			Sources: limit.Sources{Proxies: c.Proxies}, Searches: limit.NewBuckets(c.Limits.SearchPerson,
				limit.MaxBuckets),
			Requests:           limit.NewBuckets(c.Limits.RequestPerson, limit.MaxBuckets),
			Patients:           limit.NewDistinct(c.Limits.PatientsPerson, time.Hour),
			CredentialRequests: limit.NewBuckets(c.Limits.RequestCredential, limit.MaxBuckets),
		}),
	}, nil
}

// mustResend returns whether authorities have to resend their plans after a backup was restored. Until that is
// confirmed, flags may be missing, too.
func mustResend(plans store.Plans) patientflag.Restored {
	return func(ctx context.Context) (bool, error) {
		again, err := plans.Resends(ctx)
		return len(again) > 0, err
	}
}

// rowPatients resolves the NHS numbers of authorities' rows.
type rowPatients struct {
	api.Records
	shortForms interface{ ShortForm(a, b string) bool }
}

// ShortForm reports whether a name is a short form of the other; see [trace.Service].
func (r rowPatients) ShortForm(a, b string) bool { return r.shortForms.ShortForm(a, b) }

// fill sets the defaults of unset fields.
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
		c.Observer = nopObserver{}
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

// schedule returns when checkpoints of the audit and of its tree are signed.
func (c *Config) schedule() audit.Schedule {
	return audit.Schedule{Every: c.CheckpointEvery, Within: c.CheckpointWithin, Clock: c.Clock, After: c.After}
}

// Trust replaces the CAs whose certificates may sign in.
func (h *Hub) Trust(ca *holder.CAs) { h.identity.Trust(ca) }

// IDToken returns the ID token of CIS2 with which the caller signed in by browser, for token exchange at a national
// service. The error is a *[national.Failure] of kind SignInNeeded if there is none.
func (h *Hub) IDToken(ctx context.Context, c national.Caller) (string, error) {
	return h.identity.IDToken(ctx, c)
}

// Handler returns the hub's API (docs/api.md).
func (h *Hub) Handler() http.Handler { return h.api.Handler() }

// Health returns a handler of /livez and /readyz only, for a separate listener of the operator.
func (h *Hub) Health() http.Handler { return h.api.Health() }

// Stopping makes /readyz report from now on that the hub is shutting down, so that load balancers stop sending
// requests to it. Requests that still arrive are answered.
func (h *Hub) Stopping() { h.api.Stopping() }

// Routes returns the routes of the handler, with the permissions that each needs.
func (h *Hub) Routes() []api.Route { return h.api.Routes() }

// Run delivers notifications, reads the MESH inbox, watches the end of the audit, signs checkpoints of it and deletes
// expired data until ctx ends. It always returns nil: failures are logged and retried. The last checkpoint is signed
// after ctx has ended, so end ctx only after the last request has been answered.
func (h *Hub) Run(ctx context.Context) error {
	var all sync.WaitGroup
	c := h.config
	all.Go(func() {
		(&pruner{store: c.Store, clock: c.Clock, after: c.After, log: c.Log, retention: c.Retention}).run(ctx)
	})

	all.Go(func() { h.tail.Run(ctx) })

	if c.Numbers != nil {
		all.Go(func() { h.checkNumbers(ctx) })
	}

	if h.sender != nil {
		all.Go(func() { h.sender.Run(ctx) })
	}

	if h.inbox != nil {
		all.Go(func() { h.inbox.Run(ctx) })
	}

	if c.Checkpoints != nil || h.tree != nil {
		settled, settle := context.WithCancel(context.WithoutCancel(ctx))
		all.Go(func() {
			defer settle()
			<-ctx.Done()
			// Requests whose clients have disconnected are still recorded when they end.
			last, cancel := context.WithTimeout(settled, flushTimeout)
			defer cancel()
			if err := h.ledger.Flush(last); err != nil {
				c.Log.ErrorContext(last, "Audit records are still being written: the last checkpoint may not cover "+
					"them.", "error", err)
			}
		})

		if c.Checkpoints != nil {
			all.Go(func() {
				(&audit.Checkpointer{
					Schedule: c.schedule(), Log: c.Store, To: c.Checkpoints, Alarm: c.Log,
				}).Run(settled)
			})
		}
		if h.tree != nil {
			all.Go(func() { h.tree.Run(settled) })
		}
	}

	h.dispatcher.Run(ctx)
	all.Wait()
	return nil
}

// flushTimeout is how long Run waits, when ctx has ended, for audit records that are still being written.
const flushTimeout = 10 * time.Second
