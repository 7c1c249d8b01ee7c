package book

import (
	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// Once is what a thing that serves once is found by.
type Once struct {
	Expires int64
	Hash    string
}

// Pair is two texts that a row is found by together.
type Pair struct{ One, Other string }

// Asked is what of the ledger some entries rest on, for an engine to look up.
type Asked struct {
	Once     []Once // proofs and assertions
	Sessions []string
	Begun    []string // the people of sessions that begin
	Opened   []Pair   // person and request id
	Rare     []Question
}

// Question is a query about what few entries rest on, with what puts a row of its answer into the ground.
type Question struct {
	Statement
	Answer func(row.Row) error
}

// Ground is what entries rest on, as it is in the ledger while nothing else is committed. An engine looks up what is
// Asked, judges, and writes what is accepted: look, judge, write.
//
// Whatever changes something of it outside a commit waits until no commit is under way.
type Ground struct {
	Used     map[Once]bool
	Live     map[string]int64 // sessions, with the version of their person; 0 for nobody who is known
	Versions map[string]int64 // of people whose sessions begin
	Opened   map[Pair]bool

	serves   map[string]bool        // credentials by hash, of those in use
	uploaded map[Pair]bool          // authority and file
	plans    map[string]string      // authority by id, of those on file that an operator changes
	met      map[*store.Change]bool // what a change asks for is there
	versions map[string]int64       // of the authorities' plans
	sealed   int64                  // how far the audit is sealed
	toSeal   []byte                 // the hash of the last record that a change seals
	text     func(string) string
}

// NewGround returns an empty ground, and what the entries ask of it. text returns a text as the engine stores it.
func NewGround(entries []*store.Entry, text func(string) string) (*Ground, Asked) {
	g := &Ground{
		Used: make(map[Once]bool), Live: make(map[string]int64), Versions: make(map[string]int64),
		Opened: make(map[Pair]bool), serves: make(map[string]bool), uploaded: make(map[Pair]bool), plans: make(map[string]string),
		met: make(map[*store.Change]bool), versions: make(map[string]int64), text: text,
	}
	var a Asked
	for _, e := range entries {
		for _, once := range []*store.Once{e.Proof, e.Assertion} {
			if once != nil {
				a.Once = append(a.Once, onceOf(once))
			}
		}
		if e.Begin != nil {
			a.Begun = append(a.Begun, e.Begin.Person)
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
			a.Rare = append(a.Rare, Question{statement(`SELECT hash FROM credential WHERE hash = ?1 AND ended = 0`, e.Credential), g.isInUse})
		}
		if e.Upload != nil {
			a.Rare = append(a.Rare, Question{
				statement(`SELECT authority, file FROM upload WHERE authority = ?1 AND file = ?2`, e.Upload.Authority, e.Upload.File), g.isUploaded,
			}, Question{statement(`SELECT code, plans_version FROM authority WHERE code = ?1`, e.Upload.Authority), g.hasVersion})
		}
		if e.Change != nil {
			a.Rare = append(a.Rare, g.ask(e.Change)...)
		}
	}
	return g, a
}

func onceOf(o *store.Once) Once { return Once{row.Instant(o.Expires), string(o.Hash)} }

func (g *Ground) openingOf(o *store.Opening) Pair { return Pair{g.text(o.Person), g.text(o.RequestID)} }
func (g *Ground) fileOf(u *store.Upload) Pair     { return Pair{u.Authority, g.text(u.File)} }

func (g *Ground) isInUse(r row.Row) error {
	var hash []byte
	err := r.Scan(&hash)
	g.serves[string(hash)] = true
	return err
}

func (g *Ground) isUploaded(r row.Row) error {
	var file Pair
	err := r.Scan(&file.One, &file.Other)
	g.uploaded[file] = true
	return err
}

func (g *Ground) hasVersion(r row.Row) error {
	var code string
	var version int64
	err := r.Scan(&code, &version)
	g.versions[code] = version
	return err
}

// Judge returns for each entry why it is refused, and the others in order. Each is judged by what those before it
// leave.
func (g *Ground) Judge(entries []*store.Entry) (refused []error, accepted []*store.Entry) {
	refused = make([]error, len(entries))
	for i, e := range entries {
		if refused[i] = g.refusal(e); refused[i] == nil {
			g.leave(e)
			accepted = append(accepted, e)
		}
	}
	return refused, accepted
}

func (g *Ground) refusal(e *store.Entry) error {
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
			return store.ErrSessionOver
		case e.Version != 0 && e.Version != version:
			return store.ErrPersonChanged
		}
	}
	if e.Credential != nil && !g.serves[string(e.Credential)] {
		return store.ErrCredentialOver
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

// leave changes the ground as the entry will.
func (g *Ground) leave(e *store.Entry) {
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
