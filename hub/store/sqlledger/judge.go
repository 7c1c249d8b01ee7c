package sqlledger

import (
	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// Once is the key of something that may be used only once.
type Once struct {
	Expires int64
	Hash    string
}

// Pair is a key of two texts.
type Pair struct{ One, Other string }

// Keys are the keys on which the entries' preconditions depend. An engine looks them up.
type Keys struct {
	Once     []Once // of proofs and assertions
	Sessions []string
	Started  []string // persons whose sessions start
	Opened   []Pair   // person and request ID
	Rare     []Question
}

// Question is a query about a precondition that few entries have. A function adds each row of the answer to the
// ground.
type Question struct {
	Statement
	Answer func(row.Row) error
}

// Preconditions is the data on which the entries' preconditions depend. An engine looks up what is in [Keys], calls
// [Ground.Judge], and writes the accepted entries.
//
// Other transactions that change these data wait until no commit is running.
type Preconditions struct {
	Used     map[Once]bool
	Live     map[string]int64 // active sessions, with the version of their person; 0 for an unknown one
	Versions map[string]int64 // of persons whose sessions start
	Opened   map[Pair]bool

	serves   map[string]bool        // hashes of active credentials
	uploaded map[Pair]bool          // authority and file
	plans    map[string]string      // authority of existing plans that an operator changes, by ID
	met      map[*store.Change]bool // the change's object exists
	alerts   map[string]bool        // existing privacy alerts that are to be closed, by ID: whether they are closed
	versions map[string]int64       // of authorities' plans
	sealed   int64                  // the last sealed record
	toSeal   []byte                 // the hash of the last record of a new seal
	text     func(string) string
}

// NewGround returns an empty ground, and the keys to look up for the entries. text returns a text as the engine stores
// it.
func NewGround(entries []*store.Entry, text func(string) string) (*Preconditions, Keys) {
	g := &Preconditions{
		Used: make(map[Once]bool), Live: make(map[string]int64), Versions: make(map[string]int64),
		Opened: make(map[Pair]bool), serves: make(map[string]bool), uploaded: make(map[Pair]bool),
		plans: make(map[string]string), alerts: make(map[string]bool),
		met: make(map[*store.Change]bool), versions: make(map[string]int64), text: text,
	}

	var a Keys
	for _, e := range entries {
		for _, once := range []*store.Once{e.Proof, e.Assertion} {
			if once != nil {
				a.Once = append(a.Once, onceOf(once))
			}
		}

		if e.Begin != nil {
			a.Started = append(a.Started, e.Begin.Person)
		}

		for _, id := range []string{e.Touch, e.End} {
			if id != "" {
				a.Sessions = append(a.Sessions, id)
			}
		}

		if e.Opening != nil {
			a.Opened = append(a.Opened, g.openingOf(e.Opening))
		}

		if e.Credential != nil {
			a.Rare = append(a.Rare, Question{statement(`SELECT hash FROM credential WHERE hash = ?1 AND ended = 0`,
				e.Credential), g.isInUse})
		}

		if e.Upload != nil {
			a.Rare = append(a.Rare, Question{
				statement(`SELECT authority, file FROM upload WHERE authority = ?1 AND file = ?2`, e.Upload.Authority,
					e.Upload.File), g.isUploaded,
			}, Question{
				statement(`SELECT code, plans_version FROM authority WHERE code = ?1`, e.Upload.Authority),
				g.hasVersion,
			})
		}

		if e.Change != nil {
			a.Rare = append(a.Rare, g.ask(e.Change)...)
		}
	}

	return g, a
}

func onceOf(o *store.Once) Once { return Once{row.Instant(o.Expires), string(o.Hash)} }

func (g *Preconditions) openingOf(o *store.Opening) Pair {
	return Pair{g.text(o.Person), g.text(o.RequestID)}
}
func (g *Preconditions) fileOf(u *store.Upload) Pair { return Pair{u.Authority, g.text(u.File)} }

func (g *Preconditions) isInUse(r row.Row) error {
	var hash []byte
	err := r.Scan(&hash)
	g.serves[string(hash)] = true
	return err
}

func (g *Preconditions) isUploaded(r row.Row) error {
	var file Pair
	err := r.Scan(&file.One, &file.Other)
	g.uploaded[file] = true
	return err
}

func (g *Preconditions) hasVersion(r row.Row) error {
	var code string
	var version int64
	err := r.Scan(&code, &version)
	g.versions[code] = version
	return err
}

// Judge returns why each entry is refused, or nil, and the accepted entries in order. Each entry is judged after the
// changes of the accepted ones before it.
func (g *Preconditions) Judge(entries []*store.Entry) (refused []error, accepted []*store.Entry) {
	refused = make([]error, len(entries))
	for i, e := range entries {
		if refused[i] = g.refusal(e); refused[i] == nil {
			g.apply(e)
			accepted = append(accepted, e)
		}
	}
	return refused, accepted
}

func (g *Preconditions) refusal(e *store.Entry) error {
	if e.Proof != nil && g.Used[onceOf(e.Proof)] {
		return store.ErrProofUsed
	}
	if e.Assertion != nil && (g.Used[onceOf(e.Assertion)] || e.Proof != nil && onceOf(e.Proof) == onceOf(e.Assertion)) {
		return store.ErrAssertionUsed
	}

	if e.Touch != "" {
		version, lives := g.Live[e.Touch]
		if b := e.Begin; b != nil && b.ID == e.Touch {
			version, lives = g.Versions[b.Person], true
		}
		switch {
		case !lives:
			return store.ErrSessionEnded
		case e.Version != 0 && e.Version != version:
			return store.ErrPersonChanged
		}
	}

	if e.Credential != nil && !g.serves[string(e.Credential)] {
		return store.ErrCredentialEnded
	}
	if o := e.Opening; o != nil && g.Opened[g.openingOf(o)] {
		return store.ErrOpenedBefore
	}
	if u := e.Upload; u != nil && g.uploaded[g.fileOf(u)] {
		return store.ErrUploadedBefore
	}
	if u := e.Upload; u != nil && u.Version != 0 && u.Version != g.versions[u.Authority] {
		return store.ErrPlansChanged
	}
	if e.Change != nil {
		return g.refuses(e.Change)
	}

	return nil
}

// apply applies an accepted entry to the ground.
func (g *Preconditions) apply(e *store.Entry) {
	for _, once := range []*store.Once{e.Proof, e.Assertion} {
		if once != nil {
			g.Used[onceOf(once)] = true
		}
	}

	if e.Begin != nil {
		g.Live[e.Begin.ID] = g.Versions[e.Begin.Person]
	}

	delete(g.Live, e.End)
	if o := e.Opening; o != nil {
		g.Opened[g.openingOf(o)] = true
	}

	if u := e.Upload; u != nil {
		g.uploaded[g.fileOf(u)] = true
		g.versions[u.Authority]++
		for _, id := range u.Deleted {
			delete(g.plans, g.text(id))
		}
	}

	if e.Change != nil {
		g.change(e.Change)
	}
}
