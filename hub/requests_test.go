package hub_test

import (
	"bufio"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/identity"
)

// TestRequests_PathThatIsNotClean requests paths that [http.ServeMux] would redirect.
func TestRequests_PathThatIsNotClean(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	b.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.by = func(*http.Request) {} // the OpenAPI document doesn't have these paths
	for _, path := range []string{
		"/" + patients + "/" + tess.Digits(), patients + "//" + tess.Digits(), patients + "/./" + tess.Digits(),
		patients + "/x/../" + tess.Digits(),
		"/" + flag, flag + "/", patients + "/" + tess.Digits() + "/",
	} {
		r := x.get(nurse, path, about(tess))
		if r.status != http.StatusNotFound || r.header.Get("Location") != "" ||
			!strings.Contains(r.body, "UNSUPPORTED_SERVICE") ||
			strings.Contains(r.body, tess.Digits()) {
			t.Errorf("GET %s: got status %d, headers %v, body %s; want 404", path, r.status, r.header, r.body)
		}
	}
	if r := x.get(nurse, patients+"/"+tess.Digits(), nil); r.status != http.StatusOK {
		t.Errorf("GET of a clean path: got status %d, want 200", r.status)
	}
}

func TestRequests_IDInCapitals(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	id := uuid.NewString()
	first := x.get(nurse, careTeam, about(tess), header("X-Request-ID", id))
	again := x.get(nurse, careTeam, about(tess), header("X-Request-ID", strings.ToUpper(id)))
	if first.status != http.StatusOK || again.body != first.body ||
		again.header.Get("X-Request-ID") != strings.ToUpper(id) {
		t.Errorf("repeated opening: got status %d, headers %v, body %s; want the first answer", again.status,
			again.header, again.body)
	}
	if accesses, notified := b.left(tess); len(accesses) != 1 || len(notified) != 2 {
		t.Errorf("got %d accesses and %d notifications, want 1 and 2", len(accesses), len(notified))
	}
	if last := b.trail()[len(b.trail())-1]; last.RequestID != id || last.Reason != "again" {
		t.Errorf("last audit record: got %+v, want the request ID in lower case and reason \"again\"", last)
	}
	if log := b.log.String(); strings.Contains(log, strings.ToUpper(id)) {
		t.Error("the log contains the request ID in upper case, want it as in the audit")
	}
}

func TestRequests_IDThatIsNone(t *testing.T) {
	b := newFixture(t)
	x, o := b.signIn(), b.office("V999")
	const given = "9990000018"
	for name, r := range map[string]response{
		"a search": x.get(nurse, patients, url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}},
			header("X-Request-ID", given)),
		"a lamp":    x.get(nurse, flag, about(tess), header("X-Request-ID", given)),
		"an upload": o.send(http.MethodPost, uploads, "text/csv", sheet(tomsRow), header("X-Request-ID", given)),
	} {
		if r.status != http.StatusBadRequest || r.header.Get("X-Request-ID") != given {
			t.Errorf("%s: got status %d, X-Request-ID %q; want 400 and %q", name, r.status,
				r.header.Get("X-Request-ID"), given)
		}
	}

	if strings.Contains(b.log.String(), given) {
		t.Error("the log contains an invalid X-Request-ID")
	}

	if r := x.get(nurse, flag, about(tess),
		header("X-Request-ID", strings.Repeat("A", 4096))); r.status != http.StatusBadRequest ||
		r.header.Get("X-Request-ID") != "" {
		t.Errorf("request with a long X-Request-ID: got status %d, X-Request-ID %q; want 400", r.status,
			r.header.Get("X-Request-ID"))
	}
}

// TestRequests_ExpectContinue sends only headers: a client that is refused because of them must not have to send the
// body.
func TestRequests_ExpectContinue(t *testing.T) {
	b := newFixture(t)
	for name, head := range map[string]string{
		"an upload with bad credentials": "POST " + uploads + " HTTP/1.1\r\nAuthorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte("V999:bad")) + "\r\nContent-Type: text/csv\r\n",
		"a sign-in that is no form": "POST " + identity.TokenPath + " HTTP/1.1\r\nContent-Type: text/plain\r\n",
		"an unknown path":           "POST /nothing HTTP/1.1\r\n",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.server.Listener.Addr().String())
		must(t, err)
		must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = conn.Write([]byte(head + "Host: hub\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"))
		must(t, err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 4") {
			t.Errorf("%s: got %q, error %v; want a refusal", name, line, err)
		}
		must(t, conn.Close())
	}
}

func TestRequests_FormsOfProofs(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	at := float64(b.clock.Now().Unix()) + 0.75
	r := x.post(x.assertion(b.card(), claim("iat", at), claim("exp", at+60)),
		x.proof(http.MethodPost, identity.TokenPath, claim("iat", at)))
	x.begin(r)
	path := patients + "/" + tess.Digits()
	for name, proof := range map[string]string{
		"a fraction of a second":       x.proof(http.MethodGet, path, claim("iat", at)),
		"an encoding of a plain digit": x.proof(http.MethodGet, path, claim("htu", issuer+patients+"/%39990000018")),
	} {
		once := header("DPoP", proof)
		if r := x.get(nurse, path, nil, once); r.status != http.StatusOK {
			t.Errorf("%s: got status %d, headers %v; want 200", name, r.status, r.header)
		}
		if r := x.get(nurse, path, nil, once); r.status != http.StatusUnauthorized {
			t.Errorf("%s, with the same proof: got status %d, want 401", name, r.status)
		}
	}

	if r := x.get(nurse, patients+"/%39990000018", nil,
		header("DPoP", x.proof(http.MethodGet, path))); r.status != http.StatusOK {
		t.Errorf("request path encoded differently than in the proof: got status %d, headers %v; want 200", r.status,
			r.header)
	}

	if r := x.get(nurse, path, nil,
		header("DPoP", x.proof(http.MethodGet, path, claim("iat", 1e300)))); r.status != http.StatusUnauthorized {
		t.Errorf("proof with iat 1e300: got status %d, want 401", r.status)
	}
}
