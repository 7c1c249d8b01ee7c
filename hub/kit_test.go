package hub_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// issuer is the public URL of the hubs in these tests; the test server's own address does not matter.
const issuer = "https://hub.example"

// start is when these tests begin: an afternoon on which it is summer time in the United Kingdom.
var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// clock is a clock that goes when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a hub with everything around it.
type bench struct {
	t      testing.TB
	folder string
	clock  *clock
	ca     *authority
	store  store.Store // what the hub uses
	sqlite *sqlite.Store
	hub    *hub.Hub
	server *httptest.Server
	log    *lockedBuffer
}

// option changes a bench before its hub is made.
type option func(*bench, *hub.Config)

// over puts something between the hub and its store.
func over(wrap func(store.Store) store.Store) option {
	return func(b *bench, c *hub.Config) {
		c.Store = wrap(c.Store)
		b.store = c.Store
	}
}

func newBench(t testing.TB, options ...option) *bench {
	t.Helper()
	b := &bench{t: t, folder: t.TempDir(), clock: &clock{now: start}, ca: newAuthority(t, "Sub CA"), log: &lockedBuffer{}}
	b.open(options...)
	t.Cleanup(b.close)
	b.fill()
	return b
}

func (b *bench) open(options ...option) {
	b.t.Helper()
	s, err := sqlite.Open(b.t.Context(), b.folder)
	must(b.t, err)
	b.sqlite, b.store = s, s
	c := hub.Config{
		Store: s, CA: b.ca.pool, Issuer: issuer, Clock: b.clock.Now, Transport: silence{},
		Log: slog.New(slog.NewJSONHandler(b.log, nil)),
	}
	for _, o := range options {
		o(b, &c)
	}
	b.hub, err = hub.New(c)
	must(b.t, err)
	b.server = httptest.NewServer(b.hub.Handler())
}

func (b *bench) close() {
	b.server.Close()
	must(b.t, b.sqlite.Close())
}

// restart opens the same files again, as after a crash.
func (b *bench) restart(options ...option) {
	b.t.Helper()
	b.close()
	b.open(options...)
}

// Some people and patients.
const (
	nurseUUID = "999000000111"
	nurse     = "999000000222" // B0264, B0107
	gp        = "999000000333" // B0264, B0170
	clerk     = "999000000444" // B0264
	viewer    = "999000000555" // B0107
	silent    = "999000000666" // B0170
	both      = "999000000777" // B0264, B0107, B0170
	nobody    = "999000000888" // none

	tess    = nhs.Number("9990000018") // CPP and LAC of two authorities
	plain   = nhs.Number("9990000026") // nothing on file
	hidden  = nhs.Number("9990000034") // restricted, CPP
	mother  = nhs.Number("9990000042") // UCPP
	merged  = nhs.Number("9990000050") // superseded by tess
	invalid = nhs.Number("9990000069") // marked invalid
	absent  = nhs.Number("9990000077") // nobody
)

var roleKinds = map[string][]rbac.ActivityCode{
	nurse: {rbac.Trace, rbac.ViewAlert}, gp: {rbac.Trace, rbac.ViewAlertSilently}, clerk: {rbac.Trace}, viewer: {rbac.ViewAlert},
	silent: {rbac.ViewAlertSilently}, both: {rbac.Trace, rbac.ViewAlert, rbac.ViewAlertSilently}, nobody: nil,
}

func (b *bench) fill() {
	b.t.Helper()
	ctx := b.t.Context()
	ada := store.Person{UUID: nurseUUID, Title: "Ms", Given: "Ada", Family: "Sample"}
	for _, urid := range []string{nurse, gp, clerk, viewer, silent, both, nobody} {
		ada.Roles = append(ada.Roles, store.Role{OrgID: "999000000999", RoleProfile: rbac.RoleProfile{
			URID: urid, JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
			OrgName: "EXAMPLE GENERAL HOSPITAL", Activities: roleKinds[urid],
		}})
	}
	must(b.t, b.sqlite.PutPerson(ctx, ada))
	must(b.t, b.sqlite.PutPatients(ctx, []store.Patient{
		record(b.t, patient(tess, "Example", "Tess", "2016-03-04", "female", "U", "LS1 4AP")),
		record(b.t, patient(plain, "Example", "Tom", "2016-03-04", "male", "U", "LS1 4AP")),
		record(b.t, patient(hidden, "O’Brien-Núñez", "Rose", "2015-01-02", "female", "R", "LS1 4AP")),
		record(b.t, patient(mother, "Motherwell", "Mary", "1999-09-09", "female", "U", "")),
		superseded(record(b.t, patient(merged, "Example", "Tess", "2016-03-04", "female", "U", "")), tess),
		record(b.t, patient(invalid, "Example", "Wrong", "2016-03-04", "female", "REDACTED", "")),
	}))
	for code, name := range map[string]string{"V998": "NEIGHBOURSHIRE COUNCIL", "V999": "EXAMPLESHIRE COUNCIL"} {
		must(b.t, b.sqlite.PutAuthority(ctx, store.Authority{
			Code: code, Name: name, OfficePhone: "01632960101", DutyPhone: "01632960102", Endpoint: "https://la.example/" + code,
		}))
	}
	for _, p := range []store.Plan{
		{ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11", Number: tess, Kind: store.ChildProtection, Start: day(2026, 2, 3), Authority: "V999", Reference: "CPP-77"},
		{ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f12", Number: tess, Kind: store.LookedAfter, Start: day(2025, 2, 3), End: day(2025, 12, 1), Authority: "V998"},
		{ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f13", Number: hidden, Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: "V999"},
		{ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f14", Number: mother, Kind: store.UnbornChild, Start: day(2026, 1, 1), Due: day(2026, 9, 1), Authority: "V999"},
	} {
		must(b.t, b.sqlite.PutPlan(ctx, p))
	}
}

func day(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }

func patient(n nhs.Number, family, given, born, gender, confidentiality, postcode string) *fhir.Patient {
	p := &fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(), Gender: gender, BirthDate: born,
		Meta:       &fhir.Meta{VersionID: "3", Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: confidentiality}}},
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: n.Digits()}},
		Name:       []fhir.HumanName{{Use: "usual", Family: family, Given: []string{given}, Prefix: []string{"Miss"}}},
		Telecom:    []fhir.ContactPoint{{System: "phone", Value: "01632960587", Use: "home"}},
		GeneralPractitioner: []fhir.Practice{{
			Type: "Organization", Identifier: fhir.Identifier{System: fhir.SystemODS, Value: "Y12345"},
		}},
	}
	if postcode != "" {
		p.Address = []fhir.Address{{Use: "home", Line: []string{"4 Made Up Row", "Leeds"}, PostalCode: postcode}}
	}
	return p
}

func record(t testing.TB, p *fhir.Patient) store.Patient {
	t.Helper()
	r, err := trace.Record(p)
	must(t, err)
	return r
}

func superseded(p store.Patient, by nhs.Number) store.Patient {
	p.SupersededBy = by
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// silence is a transport for tests in which nobody delivers.
type silence struct{}

func (silence) Deliver(context.Context, notify.Message) error { return nil }

// authority is a certification authority.
type authority struct {
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
	pool   *x509.CertPool
	issued int64
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"nhs"}, CommonName: name},
		NotBefore: start.AddDate(-5, 0, 0), NotAfter: start.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{key: key, cert: cert, pool: pool}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// card is a smartcard in software.
type card struct {
	key  crypto.Signer
	alg  jose.SignatureAlgorithm
	cert *x509.Certificate
}

// issue makes a card; change may spoil the certificate before it is signed.
func (a *authority) issue(t testing.TB, key crypto.Signer, alg jose.SignatureAlgorithm, cn string, change ...func(*x509.Certificate)) *card {
	t.Helper()
	a.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711 + a.issued), Subject: pkix.Name{Organization: []string{"nhs"}, CommonName: cn},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, c := range change {
		c(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return &card{key, alg, cert}
}

// sign makes a compact JWS by hand where go-jose would not: headers and claims are whatever the test says.
func (c *card) sign(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: c.alg, Key: c.key}, options(header))
	must(t, err)
	return compact(t, signer, claims)
}

func options(header map[string]any) *jose.SignerOptions {
	o := &jose.SignerOptions{}
	for k, v := range header {
		o.WithHeader(jose.HeaderKey(k), v)
	}
	return o
}

func compact(t testing.TB, signer jose.Signer, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	must(t, err)
	jws, err := signer.Sign(payload)
	must(t, err)
	s, err := jws.CompactSerialize()
	must(t, err)
	return s
}

// terminal is a client: the key that its tokens are bound to, and the session it has.
type terminal struct {
	b     *bench
	key   *ecdsa.PrivateKey
	token string
}

func (b *bench) terminal() *terminal { return &terminal{b: b, key: newKey(b.t)} }

func (b *bench) card() *card { return b.ca.issue(b.t, newKey(b.t), jose.ES256, nurseUUID) }

// thumb is the thumbprint of the terminal's key, worked out by the letter of RFC 7638.
func (x *terminal) thumb() string {
	point := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
	sum := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + point(x.key.X) + `","y":"` + point(x.key.Y) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// proof makes a DPoP proof; change may spoil its claims.
func (x *terminal) proof(method, path string, change ...func(header, claims map[string]any)) string {
	x.b.t.Helper()
	claims := map[string]any{"htm": method, "htu": issuer + path, "iat": x.b.clock.Now().Unix(), "jti": uuid.NewString()}
	if x.token != "" {
		sum := sha256.Sum256([]byte(x.token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	header := map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: &x.key.PublicKey}}
	for _, c := range change {
		c(header, claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: x.key}, options(header))
	must(x.b.t, err)
	return compact(x.b.t, signer, claims)
}

// response is an answer, read.
type response struct {
	status int
	header http.Header
	body   string
}

func (r response) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
}

func (b *bench) do(req *http.Request) response {
	b.t.Helper()
	resp, err := b.server.Client().Do(req)
	must(b.t, err)
	defer resp.Body.Close() //nolint:errcheck // read below
	body, err := io.ReadAll(resp.Body)
	must(b.t, err)
	if resp.Header.Get("Content-Type") == fhir.MediaType && req.Method != http.MethodHead {
		wellFormed(b.t, body)
	}
	return response{resp.StatusCode, resp.Header, string(body)}
}

// wellFormed holds a FHIR answer to the rules that hold for every resource (R4 §2.6.2): it names its type, and nothing in it is
// empty.
func wellFormed(t testing.TB, body []byte) {
	t.Helper()
	var resource map[string]any
	if err := json.Unmarshal(body, &resource); err != nil {
		t.Fatalf("not JSON: %v in %s", err, body)
	}
	if _, ok := resource["resourceType"].(string); !ok {
		t.Errorf("no resourceType in %s", body)
	}
	var empty func(path string, v any)
	empty = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			t.Errorf("%s is null", path)
		case string:
			if strings.TrimSpace(v) == "" {
				t.Errorf("%s is an empty string", path)
			}
		case []any:
			if len(v) == 0 {
				t.Errorf("%s is an empty list", path)
			}
			for _, e := range v {
				empty(path+"[]", e)
			}
		case map[string]any:
			if len(v) == 0 {
				t.Errorf("%s is an empty object", path)
			}
			for k, e := range v {
				empty(path+"."+k, e)
			}
		}
	}
	empty("", resource)
}

func (b *bench) post(path string, form url.Values, proof string) response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	return b.do(req)
}

// nonce asks for a challenge.
func (b *bench) nonce() string {
	b.t.Helper()
	var c struct {
		Nonce     string `json:"nonce"`
		ExpiresIn int    `json:"expires_in"`
		Audience  string `json:"audience"`
	}
	r := b.post("/oauth2/challenge", nil, "")
	r.into(b.t, &c)
	if r.status != 200 || len(c.Nonce) != 43 || c.ExpiresIn != 120 || c.Audience != issuer+"/oauth2/token" {
		b.t.Fatalf("challenge: %d %s", r.status, r.body)
	}
	return c.Nonce
}

// assertion is what the card signs; change may spoil its header or its claims.
func (x *terminal) assertion(c *card, change ...func(header, claims map[string]any)) string {
	x.b.t.Helper()
	now := x.b.clock.Now()
	header := map[string]any{"typ": "JWT", "x5c": []string{base64.StdEncoding.EncodeToString(c.cert.Raw)}}
	claims := map[string]any{
		"iss": nurseUUID, "sub": nurseUUID, "aud": issuer + "/oauth2/token", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"jti": uuid.NewString(), "nonce": x.b.nonce(), "cnf": map[string]any{"jkt": x.thumb()},
	}
	for _, f := range change {
		f(header, claims)
	}
	return c.sign(x.b.t, header, claims)
}

func (x *terminal) post(assertion, proof string) response {
	x.b.t.Helper()
	return x.b.post("/oauth2/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion},
	}, proof)
}

// signIn gives a terminal with a session.
func (b *bench) signIn() *terminal {
	b.t.Helper()
	x := b.terminal()
	r := x.post(x.assertion(b.card()), x.proof(http.MethodPost, "/oauth2/token"))
	var g struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
	}
	r.into(b.t, &g)
	if r.status != 200 || g.TokenType != "DPoP" {
		b.t.Fatalf("sign-in: %d %s", r.status, r.body)
	}
	x.token = g.AccessToken
	return x
}

// request makes a request as the terminal would send it; change may spoil it.
func (x *terminal) request(urid, path string, query url.Values, change ...func(*http.Request)) *http.Request {
	x.b.t.Helper()
	req, err := http.NewRequestWithContext(x.b.t.Context(), http.MethodGet, x.b.server.URL+path+"?"+query.Encode(), nil)
	must(x.b.t, err)
	req.Header.Set("Authorization", "DPoP "+x.token)
	req.Header.Set("DPoP", x.proof(http.MethodGet, path))
	req.Header.Set("X-Request-ID", uuid.NewString())
	req.Header.Set("NHSD-Session-URID", urid)
	for _, c := range change {
		c(req)
	}
	return req
}

func (x *terminal) get(urid, path string, query url.Values, change ...func(*http.Request)) response {
	x.b.t.Helper()
	return x.b.do(x.request(urid, path, query, change...))
}

// The paths of the API.
const (
	patients = "/personal-demographics/FHIR/R4/Patient"
	flag     = "/cpis/FHIR/R4/Flag"
	careTeam = "/cpis/FHIR/R4/CareTeam"
	events   = "/cpis/FHIR/R4/AuditEvent"
)

func about(n nhs.Number) url.Values {
	return url.Values{"patient:identifier": {"https://fhir.nhs.uk/Id/nhs-number|" + n.Digits()}}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func scheduled(r *http.Request) { r.Header.Set("IsUnscheduledAccessEvent", "false") }

// left is what stands in the ledger about a patient.
func (b *bench) left(n nhs.Number) (accesses []store.Access, notifications []store.Notification) {
	b.t.Helper()
	accesses, err := b.sqlite.Accesses(b.t.Context(), []nhs.Number{n}, 100)
	must(b.t, err)
	notifications, err = b.sqlite.Notifications(b.t.Context())
	must(b.t, err)
	return accesses, notifications
}

// tryExec changes the ledger behind the hub's back, as somebody with the file could.
func (b *bench) tryExec(statement string) error {
	db, err := sql.Open("sqlite", filepath.Join(b.folder, "ledger.db")+"?_pragma=busy_timeout(5000)")
	must(b.t, err)
	defer db.Close() //nolint:errcheck // the change is made
	_, err = db.ExecContext(b.t.Context(), statement)
	return err
}

func (b *bench) exec(statement string) {
	b.t.Helper()
	must(b.t, b.tryExec(statement))
}

// trail is the whole audit.
func (b *bench) trail() []store.AuditRecord {
	b.t.Helper()
	var all []store.AuditRecord
	must(b.t, b.sqlite.AuditTrail(b.t.Context(), 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))
	return all
}
