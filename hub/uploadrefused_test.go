package hub_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/hub/upload"
	"wardlight/internal/nhs"
)

func TestWhichCredentialLetsIn(t *testing.T) {
	b := newFixture(t)
	o, ended := b.office("V999"), b.office("V998")
	hash := sha256.Sum256([]byte(ended.secret))
	must(t, endCredential(t.Context(), b.sqlite, hash[:]))
	basic := func(code, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(code, secret) }
	}

	for name, change := range map[string]func(*http.Request){
		"none":              func(r *http.Request) { r.Header.Del("Authorization") },
		"a wrong secret":    basic("V999", "wlla_wrong"),
		"no secret":         basic("V999", ""),
		"of another":        basic("V998", o.secret),
		"ended":             basic("V998", ended.secret),
		"as a bearer token": header("Authorization", "Bearer "+o.secret),
		"two": func(r *http.Request) {
			r.Header.Add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("V998:x")))
		},
	} {
		r := o.send(http.MethodPost, uploads+"?file=1", "text/csv", sheet(tomsRow), change)
		if r.status != 401 || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Basic realm=") ||
			!strings.Contains(r.body, "OperationOutcome") {
			t.Errorf("%s: got status %d, body %s; want 401 with a Basic challenge", name, r.status, r.body)
		}
	}

	if n := len(b.plansOf(plain)); n != 0 {
		t.Errorf("refused uploads left %d plans, want none", n)
	}

	if strings.Contains(b.log.String(), o.secret) {
		t.Error("the log contains a secret")
	}
}

func TestGuessesAtSecretsAreSlowedAndKeepNoAuthorityOut(t *testing.T) {
	b := newFixture(t, limited)
	o := b.office("V999")
	slowed := false
	for range limit.SearchesOfSource {
		r := o.send(http.MethodPost, uploads, "text/csv", "", func(r *http.Request) { r.SetBasicAuth("V999", "guess") })
		if slowed = r.status == 429 && r.header.Get("Retry-After") != ""; slowed {
			break
		}
		if r.status != 401 {
			t.Fatalf("upload with a wrong secret: got status %d, body %s; want 401 or 429", r.status, r.body)
		}
	}
	if !slowed {
		t.Error("wrong secrets were never throttled")
	}
	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
}

func TestFilesOfWhichNothingIsTaken(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	csv := func(r *http.Request) { r.Header.Set("Content-Type", "text/csv") }
	for name, c := range map[string]struct {
		path, body string
		change     func(*http.Request)
		status     int
		want       string
	}{
		"without a heading": {"?file=1", "nonsense", csv, 400, `"CPF01"`},
		"no id":             {"", sheet(tomsRow), csv, 400, "Upload-File-Id"},
		"two ids":           {"?file=1&file=2", sheet(tomsRow), csv, 400, "more than one id"},
		"an unprintable id": {"?file=%1b", sheet(tomsRow), csv, 400, `"CPF01"`},
		"a JSON with other id": {
			"?file=2", `{"version":1,"file":"1","rows":[{}]}`,
			header("Content-Type", "application/json"), 400, "differs from the id",
		},
		"a workbook": {"?file=1", "PK", header("Content-Type", "application/vnd.ms-excel"), 415, `"CPF06"`},
		"compressed": {"?file=1", "x", func(r *http.Request) {
			csv(r)
			r.Header.Set("Content-Encoding", "gzip")
		}, 415, `"CPF06"`},
		"a later version":      {"", `{"version":2}`, header("Content-Type", "application/json"), 415, `"CPF06"`},
		"larger than 8 MB":     {"?file=1", strings.Repeat("x", 8<<20+1), csv, 413, "8 MB"},
		"an unknown parameter": {"?file=1&dry=true", sheet(tomsRow), csv, 400, "ADDITIONAL_PROPERTIES"},
		"a bad X-Request-ID": {"?file=1", sheet(tomsRow), func(r *http.Request) {
			csv(r)
			r.Header.Set("X-Request-ID", "7")
		}, 400, "PRECONDITION_FAILED"},
		"a query that is broken": {"?file=%", sheet(tomsRow), csv, 400, "INVALID_SEARCH_DATA"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(b.trail())
			r := o.send(http.MethodPost, uploads+c.path, "", c.body, c.change)
			if r.status != c.status || !strings.Contains(r.body, c.want) {
				t.Errorf("got status %d, body %s; want %d with %q", r.status, r.body, c.status, c.want)
			}
			trail := b.trail()
			if len(trail) != before+1 || trail[before].Outcome != "refused" || trail[before].OrgODS != "V999" {
				t.Errorf("got audit records %+v, want one refusal of V999", trail[before:])
			}
		})
	}

	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06") // the refused upload hasn't used the ID
}

func TestAnAuthorityWithoutADutyPhoneIsToldHowToMendIt(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL"}))
	r := o.csv("1", sheet(tomsRow))
	if r.status != 403 || !strings.Contains(r.body, "wardlight-hub authority add V999 --duty-phone") ||
		len(b.plansOf(plain)) != 0 {
		t.Errorf("upload without a duty phone: got status %d, body %s; want 403 with the operator's command", r.status,
			r.body)
	}
}

// without is a store whose patients or ledger fail.
type without struct {
	store.Store
	people, ledger error
}

func (w *without) Patient(ctx context.Context, n nhs.Number) (store.Patient, error) {
	if w.people != nil {
		return store.Patient{}, w.people
	}
	return w.Store.Patient(ctx, n)
}

func (w *without) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if w.ledger != nil {
		return nil, w.ledger
	}
	return w.Store.Commit(ctx, entries)
}

func TestAFailureKeepsNothingOfAFileAndItsIDIsFree(t *testing.T) {
	w := &without{}
	b := newFixture(t, between(w, &w.Store))
	o := b.office("V999")
	w.people = errors.New("people gone")
	if r := o.csv("1", sheet(tomsRow)); r.status != 503 || !strings.Contains(r.body, "CPF05") ||
		strings.Contains(r.body, "gone") {
		t.Errorf("upload with failing patients: got status %d, body %s; want 503 CPF05", r.status, r.body)
	}

	if trail := b.trail(); len(trail) != 1 || trail[0].Outcome != "failed" || trail[0].Reason != "CPF05" {
		t.Errorf("got audit records %+v, want one failed with CPF05", trail)
	}

	w.people, w.ledger = nil, errors.New("disk full")
	if r := o.csv("1", sheet(tomsRow)); r.status != 503 || strings.Contains(r.body, "CPR06") {
		t.Errorf("upload with a failing ledger: got status %d, body %s; want 503", r.status, r.body)
	}

	w.ledger = nil
	if n := len(b.plansOf(plain)); n != 0 {
		t.Errorf("failed uploads left %d plans, want none", n)
	}

	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
}

// endCredential ends a credential, as the operator's command does.
func endCredential(ctx context.Context, ledger audit.Committer, hash []byte) error {
	ended := &store.Credential{Hash: hash, Ended: start}
	return audit.Store(ctx, ledger, &store.Entry{Change: &store.Change{Credential: ended}})
}

// endsCredential is a store that ends a credential just before an upload is committed.
type endsCredential struct {
	store.Store
	hash []byte
}

func (s *endsCredential) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	for _, e := range entries {
		if e.Upload != nil {
			if err := endCredential(ctx, s.Store, s.hash); err != nil {
				return nil, err
			}
		}
	}
	return s.Store.Commit(ctx, entries)
}

func TestUpload_CredentialEndedMeanwhile(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := &endsCredential{Store: open()}
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		o := &office{b, "V999", "wlla_a-secret"}
		ledger.hash = identity.HashSecret(o.secret)
		must(t, ledger.PutCredential(t.Context(), store.Credential{
			Authority: "V999", Hash: ledger.hash,
			Created: start,
		}))

		r := o.csv("2026-29", sheet(tomsRow))
		if r.status != http.StatusUnauthorized || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Basic ") ||
			strings.Contains(r.body, "CPR06") {
			t.Errorf("upload with an ended credential: got status %d, body %s; want 401", r.status, r.body)
		}

		if stored, err := ledger.Plans(t.Context(), []nhs.Number{plain}); len(stored) != 0 || err != nil {
			t.Errorf("got %d plans, error %v; want none", len(stored), err)
		}

		head, err := ledger.AuditHead(t.Context())
		must(t, err)
		if head.Seq != 2 || head.OrgODS != "V999" || head.Action != audit.UploadPlans ||
			head.Outcome != audit.Refused || head.Reason != "ACCESS_DENIED" || head.Source == "" {
			t.Errorf("last audit record: got %+v, want the refusal after the credential's end", head)
		}

		if log := b.log.String(); !strings.Contains(log, "A credential of an authority was refused.") {
			t.Errorf("got log %s, want the refused credential in it", log)
		}
	})
}

// blockedBody is a request body that reports when it is read, and blocks until letGo is closed.
type blockedBody struct {
	io.Reader
	once        sync.Once
	read, letGo chan struct{}
}

func newBlockedBody(text string) *blockedBody {
	return &blockedBody{Reader: strings.NewReader(text), read: make(chan struct{}), letGo: make(chan struct{})}
}

func (h *blockedBody) Read(p []byte) (int, error) {
	h.once.Do(func() { close(h.read) })
	<-h.letGo
	return h.Reader.Read(p)
}

func (h *blockedBody) Close() error { return nil }

func TestUpload_PlaceBeforeTheBodyIsRead(t *testing.T) {
	b := newFixture(t)
	mine, theirs := b.office("V999"), b.office("V998")
	var all sync.WaitGroup
	send := func(o *office, file string, body *blockedBody) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, uploads+"?file="+file, body)
		req.SetBasicAuth(o.code, o.secret)
		req.Header.Set("Content-Type", "text/csv")
		all.Go(func() {
			w := httptest.NewRecorder()
			b.hub.Handler().ServeHTTP(w, req)
			if w.Code != http.StatusOK {
				t.Errorf("upload %s: got status %d, body %s; want 200", file, w.Code, w.Body)
			}
		})
	}

	first, second, other := newBlockedBody(sheet(tomsRow)), newBlockedBody(sheet(tomsRow)),
		newBlockedBody(sheet(badRow))
	send(mine, "1", first)
	<-first.read
	send(mine, "2", second)
	send(theirs, "3", other)
	<-other.read // one authority's slow connection doesn't delay others
	select {
	case <-second.read:
		t.Error("two bodies of one authority are read at the same time")
	default:
	}

	close(first.letGo)
	<-second.read
	close(second.letGo)
	close(other.letGo)
	all.Wait()
}

// TestUpload_MemoryOfAFileThatIsNoneOfPlans uploads files with far more of something than a file of plans has. The hub
// must refuse them before it decodes them: they may use no more memory than a file of the same size that isn't JSON.
func TestUpload_MemoryOfAFileThatIsNoneOfPlans(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	fill := func(before, repeated, after string) string {
		return before + strings.Repeat(repeated, (upload.MaxBytes-len(before)-len(after))/len(repeated)) + after
	}

	taken := func(body string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := o.send(http.MethodPost, uploads+"?file=1", "application/json", body)
		runtime.ReadMemStats(&after)
		if r.status != http.StatusBadRequest || !strings.Contains(r.body, "CPF01") {
			t.Errorf("got status %d, body %s; want 400 CPF01", r.status, r.body)
		}
		return after.TotalAlloc - before.TotalAlloc
	}

	taken(`{"version":1}`) // allocates what is allocated only once
	limit := taken(fill("", " ", "")) * 3 / 2
	for name, body := range map[string]string{
		"rows":                     fill(`{"version":1,"rows":[{}`, ",{}", "]}"),
		"members of a row":         fill(`{"version":1,"rows":[{"x":0`, `,"x":0`, "}]}"),
		"members":                  fill(`{"version":1`, `,"file":"x"`, "}"),
		"lists of rows":            fill(`{"version":1`, `,"rows":[0]`, "}"),
		"letters of a value":       fill(`{"version":1,"file":"`, "x", `"}`),
		"letters of a row's value": fill(`{"version":1,"rows":[{"family":"`, "x", `"}]}`),
		"lists in each other": fill(`{"version":1,"rows":[`, "["+strings.Repeat("[", 4000)+
			strings.Repeat("]", 4000)+"],", "0]}"),
	} {
		if n := taken(body); n > limit {
			t.Errorf("8 MB of %s allocate %d bytes, want at most %d", name, n, limit)
		}
	}
}
