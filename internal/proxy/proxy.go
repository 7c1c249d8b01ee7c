// Package proxy finds the proxy that lies between this computer and a server: the environment's, else the one that is
// set in Windows.
package proxy

import (
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"
)

// variables are those of which one that is set decides alone, as http.ProxyFromEnvironment reads them.
func variables() []string {
	return []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}
}

// cacheTimeout is how long an answer of the system counts: it may have asked a script on another computer.
const cacheTimeout = time.Minute

// Config is what a Finder is made of.
type Config struct {
	// Getenv looks a variable up, as os.Getenv does.
	Getenv func(string) string
	// System returns the proxy that the operating system has for an address; nil is none. It may take seconds.
	System func(*url.URL) *url.URL
	// Clock returns the time.
	Clock func() time.Time
}

// Finder finds proxies. Its methods may be called from any goroutine.
type Finder struct {
	cfg Config

	mu    sync.Mutex
	found map[string]answer // by scheme and host
}

// answer is what the system said.
type answer struct {
	proxy *url.URL
	until time.Time
}

// New returns a Finder.
func New(c Config) *Finder { return &Finder{cfg: c, found: map[string]answer{}} }

// Of returns the proxy for a request, as http.Transport.Proxy wants it; nil is none. A server on this computer has
// none. One of the environment's variables that is set, be it NO_PROXY, turns the system's settings off. The error is
// that of a proxy in the environment which is no address, or the end of the request's context.
func (f *Finder) Of(r *http.Request) (*url.URL, error) {
	for _, name := range variables() {
		if f.cfg.Getenv(name) != "" {
			return http.ProxyFromEnvironment(r)
		}
	}
	if onThisComputer(r.URL.Hostname()) {
		return nil, nil //nolint:nilnil // as http.Transport wants it
	}
	done := make(chan *url.URL, 1)
	go func() { done <- f.ofSystem(r.URL) }()
	select {
	case proxy := <-done:
		return proxy, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// ofSystem asks the system, unless it has answered a short while ago.
func (f *Finder) ofSystem(to *url.URL) *url.URL {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, now := to.Scheme+"://"+to.Host, f.cfg.Clock()
	if a, known := f.found[key]; known && now.Before(a.until) {
		return a.proxy
	}
	proxy := f.cfg.System(&url.URL{Scheme: to.Scheme, Host: to.Host, Path: "/"}) // a script is not told more
	f.found[key] = answer{proxy, now.Add(cacheTimeout)}
	return proxy
}

func onThisComputer(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// choose returns the proxy for an address out of a list and a list of exceptions as Windows has them:
// "proxy:8080", or "http=one:80;https=two:81", and "<local>;*.hospital.example". Of several proxies it is the first.
func choose(proxies, exceptions string, to *url.URL) *url.URL {
	host := strings.ToLower(to.Hostname())
	for _, pattern := range entries(exceptions) {
		matches, err := path.Match(strings.ToLower(pattern), host)
		if err == nil && matches || pattern == "<local>" && !strings.Contains(host, ".") {
			return nil
		}
	}
	for _, entry := range entries(proxies) {
		if scheme, address, named := strings.Cut(entry, "="); named {
			if !strings.EqualFold(scheme, to.Scheme) {
				continue
			}
			entry = address
		}
		if !strings.Contains(entry, "://") {
			entry = "http://" + entry
		}
		if u, err := url.Parse(entry); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
			return &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
		}
	}
	return nil
}

// entries returns the entries of a list, which have semicolons or spaces between them.
func entries(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
}
