// Package proxy finds the proxy between this computer and a server: the one in the environment or, if there is none,
// in the settings of Windows.
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

// variables lists the environment variables that http.ProxyFromEnvironment reads. If one of them is set, only the
// environment is used.
func variables() []string {
	return []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}
}

// cacheTimeout is how long an answer of the system is cached. It may come from a script on another computer.
const cacheTimeout = time.Minute

// Config configures a Finder.
type Config struct {
	// Getenv returns the value of an environment variable, as os.Getenv does.
	Getenv func(string) string
	// System returns the proxy for an address in the operating system's settings, or nil. It may take seconds.
	System func(*url.URL) *url.URL
	// Clock returns the current time.
	Clock func() time.Time
}

// Finder finds proxies. Its methods are safe for concurrent use.
type Finder struct {
	cfg Config

	mu    sync.Mutex
	found map[string]answer // by scheme and host
}

// answer is a cached answer of the system.
type answer struct {
	proxy *url.URL
	until time.Time
}

// New returns a Finder.
func New(c Config) *Finder { return &Finder{cfg: c, found: map[string]answer{}} }

// Of returns the proxy for a request, or nil. It can be used as http.Transport.Proxy. A server on this computer has no
// proxy. If one of the environment variables is set, even NO_PROXY, the system's settings are ignored. The error is
// that of an invalid proxy in the environment, or of the request's context.
func (f *Finder) Of(r *http.Request) (*url.URL, error) {
	for _, name := range variables() {
		if f.cfg.Getenv(name) != "" {
			return http.ProxyFromEnvironment(r)
		}
	}
	if onThisComputer(r.URL.Hostname()) {
		return nil, nil //nolint:nilnil // as http.Transport expects
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

// ofSystem returns the system's answer, which is cached for cacheTimeout.
func (f *Finder) ofSystem(to *url.URL) *url.URL {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, now := to.Scheme+"://"+to.Host, f.cfg.Clock()
	if a, known := f.found[key]; known && now.Before(a.until) {
		return a.proxy
	}
	// Don't disclose the full URL to a script.
	proxy := f.cfg.System(&url.URL{Scheme: to.Scheme, Host: to.Host, Path: "/"})
	f.found[key] = answer{proxy, now.Add(cacheTimeout)}
	return proxy
}

func onThisComputer(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// choose returns the proxy for an address from a list of proxies and a list of exceptions in the format of Windows:
// "proxy:8080", or "http=one:80;https=two:81", and "<local>;*.hospital.example". If several match, it returns the
// first.
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

// entries splits a list that is separated by semicolons or white space.
func entries(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool {
		return r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r'
	})
}
