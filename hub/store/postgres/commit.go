package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Commit stores the entries in one transaction of two round trips, however many they are and whether some are refused
// or not. The first takes the lock on head, so that no other commit is under way anywhere, and reads what the entries
// rest on; judged by that, the second writes what is not refused. When it is not known whether the commit arrived,
// that is a failure too: then what was stored stays without an answer, and the same request again finds it.
func (s *Store) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	var refused []error
	err := s.again(ctx, writeTimeout, conflict, func(ctx context.Context) error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		defer rollBack(ctx, conn)
		g, err := look(ctx, conn, entries)
		if err != nil {
			return err
		}
		var accepted []*store.Entry
		if refused, accepted = g.judge(entries); len(accepted) == 0 {
			return nil
		}
		return g.write(ctx, conn, accepted)
	})
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// rollBack ends what is still under way on a connection. Where it can't, the pool throws the connection away.
func rollBack(ctx context.Context, conn *pgxpool.Conn) {
	c := conn.Conn()
	if c.IsClosed() || c.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, _ = c.Exec(ctx, `ROLLBACK`)
}

// key is a pair of texts that a row is found by.
type key struct{ one, other string }

// onceKey is what a thing that serves once is found by.
type onceKey struct {
	expires int64
	hash    string
}

func keyOf(o *store.Once) onceKey { return onceKey{instant(o.Expires), string(o.Hash)} }

func openingKey(o *store.Opening) key { return key{readable(o.Person), readable(o.RequestID)} }
func uploadKey(u *store.Upload) key   { return key{u.Authority, readable(u.File)} }

// ground is what entries rest on, as it stands under the lock. What could change it from elsewhere, revocation and
// pruning, waits for the locks on the rows.
type ground struct {
	seq, notified int64
	hash          []byte
	used          map[onceKey]bool // proofs and assertions
	nonces        map[string]int64 // when each lapses
	live          map[string]int64 // sessions, with the version of their person; 0 for nobody who is known
	versions      map[string]int64 // of people whose sessions begin
	opened        map[key]bool     // session and request id
	uploaded      map[key]bool     // authority and file
	credentials   map[string]bool  // hashes of those in use
	plans         map[string]bool  // ids of those that an operator changes and that are on file
}

// look begins the transaction and reads the ground.
func look(ctx context.Context, conn *pgxpool.Conn, entries []*store.Entry) (*ground, error) {
	g := &ground{
		used: make(map[onceKey]bool), nonces: make(map[string]int64), live: make(map[string]int64), versions: make(map[string]int64),
		opened: make(map[key]bool), uploaded: make(map[key]bool), plans: make(map[string]bool), credentials: make(map[string]bool),
	}
	a := askedOf(entries)
	var b pgx.Batch
	b.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	b.Queue(`SELECT seq, hash, notified FROM head FOR UPDATE`).QueryRow(func(r pgx.Row) error { return r.Scan(&g.seq, &g.hash, &g.notified) })
	each := func(rows int, scan func(pgx.Rows) error, query string, args ...any) {
		if rows == 0 {
			return
		}
		b.Queue(query, args...).Query(func(r pgx.Rows) error {
			for r.Next() {
				if err := scan(r); err != nil {
					return err
				}
			}
			return r.Err()
		})
	}
	each(len(a.once), func(r pgx.Rows) error {
		var k onceKey
		var hash []byte
		err := r.Scan(&k.expires, &hash)
		k.hash = string(hash)
		g.used[k] = true
		return err
	}, `SELECT expires, hash FROM used JOIN unnest($1::bigint[], $2::bytea[]) AS asked (expires, hash) USING (expires, hash)`, a.onceExpires, a.once)
	each(len(a.nonces), func(r pgx.Rows) error {
		var hash []byte
		var expires int64
		err := r.Scan(&hash, &expires)
		g.nonces[string(hash)] = expires
		return err
	}, `SELECT hash, expires FROM nonce WHERE hash = ANY($1) ORDER BY hash FOR UPDATE`, a.nonces)
	versions := func(into map[string]int64) func(pgx.Rows) error {
		return func(r pgx.Rows) error {
			var id string
			var version int64
			err := r.Scan(&id, &version)
			into[id] = version
			return err
		}
	}
	each(len(a.begun), versions(g.versions), `SELECT uuid, version FROM person WHERE uuid = ANY($1)`, a.begun)
	each(len(a.sessions), versions(g.live), `SELECT id, coalesce(version, 0) FROM session LEFT JOIN person ON uuid = person WHERE id = ANY($1) AND ended = 0
		ORDER BY id FOR UPDATE OF session`, a.sessions)
	pair := func(into map[key]bool) func(pgx.Rows) error {
		return func(r pgx.Rows) error {
			var k key
			err := r.Scan(&k.one, &k.other)
			into[k] = true
			return err
		}
	}
	each(len(a.requests[0]), pair(g.opened), `SELECT person, request_id FROM opening
		JOIN unnest($1::text[], $2::text[]) AS asked (person, request_id) USING (person, request_id)`, a.requests[0], a.requests[1])
	each(len(a.files[0]), pair(g.uploaded), `SELECT authority, file FROM upload
		JOIN unnest($1::text[], $2::text[]) AS asked (authority, file) USING (authority, file)`, a.files[0], a.files[1])
	each(len(a.credentials), func(r pgx.Rows) error {
		var hash []byte
		err := r.Scan(&hash)
		g.credentials[string(hash)] = true
		return err
	}, `SELECT hash FROM credential WHERE hash = ANY($1) AND ended = 0 ORDER BY hash FOR SHARE`, a.credentials)
	each(len(a.plans), func(r pgx.Rows) error {
		var id string
		err := r.Scan(&id)
		g.plans[id] = true
		return err
	}, `SELECT id FROM plan WHERE id = ANY($1) ORDER BY id FOR UPDATE`, a.plans)
	return g, conn.SendBatch(ctx, &b).Close()
}

// asked is what the entries name, in lists as the statements take them.
type asked struct {
	once, nonces    [][]byte
	onceExpires     []int64
	sessions, begun []string // begun: the people of sessions that begin
	requests, files [2][]string
	plans           []string
	credentials     [][]byte
}

func askedOf(entries []*store.Entry) (a asked) {
	for _, e := range entries {
		for _, once := range []*store.Once{e.Proof, e.Assertion} {
			if once != nil {
				a.once, a.onceExpires = append(a.once, once.Hash), append(a.onceExpires, instant(once.Expires))
			}
		}
		if e.Nonce != nil {
			a.nonces = append(a.nonces, e.Nonce)
		}
		if e.Begin != nil {
			a.begun = append(a.begun, e.Begin.Person)
		}
		for _, id := range []string{e.Touch, e.End} {
			if id != "" {
				a.sessions = append(a.sessions, id)
			}
		}
		if e.Opening != nil {
			k := openingKey(e.Opening)
			a.requests[0], a.requests[1] = append(a.requests[0], k.one), append(a.requests[1], k.other)
		}
		if e.Upload != nil {
			k := uploadKey(e.Upload)
			a.files[0], a.files[1] = append(a.files[0], k.one), append(a.files[1], k.other)
		}
		if e.Credential != nil {
			a.credentials = append(a.credentials, e.Credential)
		}
		if e.Plan != nil {
			a.plans = append(a.plans, readable(e.Plan.ID))
		}
	}
	return a
}

// judge says of each entry whether it is refused, and gives the others in order. Each is judged by what those before
// it leave.
func (g *ground) judge(entries []*store.Entry) (refused []error, accepted []*store.Entry) {
	refused = make([]error, len(entries))
	for i, e := range entries {
		if refused[i] = g.refusal(e); refused[i] == nil {
			g.leave(e)
			accepted = append(accepted, e)
		}
	}
	return refused, accepted
}

func (g *ground) refusal(e *store.Entry) error {
	if e.Proof != nil && g.used[keyOf(e.Proof)] {
		return store.ErrProofUsed
	}
	if e.Assertion != nil && (g.used[keyOf(e.Assertion)] || e.Proof != nil && keyOf(e.Proof) == keyOf(e.Assertion)) {
		return store.ErrAssertionUsed
	}
	if e.Nonce != nil {
		if expires, given := g.nonces[string(e.Nonce)]; !given || expires < instant(e.Audit.At) {
			return store.ErrNonceUnknown
		}
	}
	if e.Touch != "" {
		version, lives := g.live[e.Touch]
		if b := e.Begin; b != nil && b.ID == e.Touch {
			version, lives = g.versions[b.Person], true
		}
		switch {
		case !lives:
			return store.ErrSessionOver
		case e.Version != 0 && e.Version != version:
			return store.ErrPersonChanged
		}
	}
	if e.Credential != nil && !g.credentials[string(e.Credential)] {
		return store.ErrCredentialOver
	}
	if o := e.Opening; o != nil && g.opened[openingKey(o)] {
		return store.ErrOpenedBefore
	}
	if u := e.Upload; u != nil && g.uploaded[uploadKey(u)] {
		return store.ErrUploadedBefore
	}
	if c := e.Plan; c != nil && !g.plans[readable(c.ID)] {
		return store.ErrNoPlan
	}
	return nil
}

// leave changes the ground as the entry will.
func (g *ground) leave(e *store.Entry) {
	for _, once := range []*store.Once{e.Proof, e.Assertion} {
		if once != nil {
			g.used[keyOf(once)] = true
		}
	}
	delete(g.nonces, string(e.Nonce))
	if e.Begin != nil {
		g.live[e.Begin.ID] = g.versions[e.Begin.Person]
	}
	delete(g.live, e.End)
	if o := e.Opening; o != nil {
		g.opened[openingKey(o)] = true
	}
	if u := e.Upload; u != nil {
		g.uploaded[uploadKey(u)] = true
		for _, id := range u.Deleted {
			delete(g.plans, readable(id))
		}
	}
	if c := e.Plan; c != nil && c.Remove {
		delete(g.plans, readable(c.ID))
	}
}

// write puts the entries into their tables, moves the head and commits.
func (g *ground) write(ctx context.Context, conn *pgxpool.Conn, accepted []*store.Entry) error {
	p := &posting{seen: make(map[string]int64), ended: make(map[string]int64), notified: g.notified}
	for _, e := range accepted {
		sealed := audit.Seal(legible(e.Audit), g.seq+1, g.hash)
		if err := p.entry(e, sealed); err != nil {
			return err
		}
		g.seq, g.hash = sealed.Seq, sealed.Hash
	}
	var b pgx.Batch
	p.queue(&b)
	b.Queue(`UPDATE head SET seq = $1, hash = $2, notified = $3`, g.seq, g.hash, p.notified)
	b.Queue(`COMMIT`).Exec(func(t pgconn.CommandTag) error {
		if t.String() != "COMMIT" {
			return fmt.Errorf("commit answered with %s", t)
		}
		return nil
	})
	forget(conn.Conn())
	if err := conn.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	return unsure(conn.Conn())
}

// legible returns the record with texts that PostgreSQL can hold, as it is sealed.
func legible(r store.AuditRecord) store.AuditRecord {
	for _, s := range []*string{&r.RequestID, &r.Session, &r.Person, &r.URID, &r.OrgODS, &r.Action, &r.Outcome, &r.Reason} {
		*s = readable(*s)
	}
	return r
}
