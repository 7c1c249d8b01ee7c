package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestTheProxyIsChosenAsWindowsListsIt(t *testing.T) {
	for name, c := range map[string]struct{ proxies, exceptions, to, want string }{
		"one":           {"proxy:8080", "", "https://hub.example", "http://proxy:8080"},
		"with a scheme": {"http://proxy:8080", "", "https://hub.example", "http://proxy:8080"},
		"one for each protocol": {
			"http=one:80;https=two:81;socks=three:82", "", "https://hub.example",
			"http://two:81",
		},
		"none for this protocol": {"http=one:80;ftp=two:81", "", "https://hub.example", ""},
		"several":                {"one:80; two:81", "", "https://hub.example", "http://one:80"},
		"an exception":           {"proxy:8080", "10.*;*.Hospital.example", "https://hub.hospital.example:8443", ""},
		"another one":            {"proxy:8080", "*.hospital.example", "https://hub.example", "http://proxy:8080"},
		"a local name":           {"proxy:8080", "<local>", "https://hub", ""},
		"a name with dots":       {"proxy:8080", "<local>", "https://hub.example", "http://proxy:8080"},
		"a socks proxy":          {"socks=one:1080", "", "https://hub.example", ""},
		"none":                   {"", "", "https://hub.example", ""},
		"no address":             {"http://", "", "https://hub.example", ""},
	} {
		to, err := url.Parse(c.to)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if u := choose(c.proxies, c.exceptions, to); u != nil {
			got = u.String()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// request returns a request with the context.
func request(t *testing.T, ctx context.Context, to string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheSystemIsAskedOnceInAMinuteAndOnlyWhereTheEnvironmentSaysNothing(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	asked, environ := []string{}, map[string]string{}
	f := New(Config{
		Getenv: func(name string) string { return environ[name] }, Clock: func() time.Time { return now },
		System: func(u *url.URL) *url.URL {
			asked = append(asked, u.String())
			return &url.URL{Scheme: "http", Host: "proxy:8080"}
		},
	})

	of := func(to string) string {
		u, err := f.Of(request(t, t.Context(), to))
		if err != nil {
			t.Fatal(err)
		}
		if u == nil {
			return ""
		}
		return u.Host
	}

	if got := of("https://hub.example/patient/9990000018"); got != "proxy:8080" || len(asked) != 1 ||
		asked[0] != "https://hub.example/" {
		t.Errorf("Of = %q, queries to the system %q, want proxy:8080 and one query without path", got, asked)
	}

	if of("https://hub.example/x"); len(asked) != 1 {
		t.Errorf("queries to the system after a second call = %q, want 1", asked)
	}

	if of("https://other.example/"); len(asked) != 2 {
		t.Errorf("queries to the system after another server = %q, want 2", asked)
	}

	now = now.Add(cacheTimeout)
	if of("https://hub.example/x"); len(asked) != 3 {
		t.Errorf("queries to the system after cacheTimeout = %q, want 3", asked)
	}

	for _, here := range []string{"https://localhost:1", "http://127.0.0.1:1", "https://[::1]:1"} {
		if got := of(here); got != "" || len(asked) != 3 {
			t.Errorf("Of(%s) = %q, want none", here, got)
		}
	}

	environ["NO_PROXY"] = "*"
	if got := of("https://third.example/"); got != "" || len(asked) != 3 {
		t.Errorf("Of with NO_PROXY = %q, queries to the system %q, want none and no query", got, asked)
	}
}

func TestASystemThatDoesNotAnswerHoldsUpNobodyForLonger(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	f := New(Config{Getenv: func(string) string { return "" }, Clock: time.Now, System: func(*url.URL) *url.URL {
		<-release
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Of(request(t, ctx, "https://hub.example/")); !errors.Is(err, context.Canceled) {
		t.Errorf("Of with a cancelled context: error = %v, want context.Canceled", err)
	}
}
