package browser

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSystem_Available(t *testing.T) {
	found := func(names ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			for _, n := range names {
				if n == name {
					return "/usr/bin/" + n, nil
				}
			}
			return "", exec.ErrNotFound
		}
	}
	for name, c := range map[string]struct {
		goos, environ string
		lookPath      func(string) (string, error)
		want          string // the program, or the sentence
	}{
		"Linux with X":                {"linux", "DISPLAY=:0", found("xdg-open"), "/usr/bin/xdg-open"},
		"Linux with Wayland":          {"linux", "WAYLAND_DISPLAY=wayland-0", found("xdg-open"), "/usr/bin/xdg-open"},
		"Linux with Debian's browser": {"linux", "DISPLAY=:0", found("x-www-browser"), "/usr/bin/x-www-browser"},
		"Linux without a browser":     {"linux", "DISPLAY=:0", found(), "This computer has no browser"},
		"Linux without a display":     {"linux", "TERM=linux", found("xdg-open"), "This computer has no browser"},
		"Linux with an empty display": {"linux", "DISPLAY=", found("xdg-open"), "This computer has no browser"},
		"Linux over SSH": {
			"linux", "SSH_CONNECTION=a b", found("xdg-open"),
			"You work on another computer",
		},
		"Linux over SSH by its TTY": {
			"linux", "SSH_TTY=/dev/pts/1", found("xdg-open"),
			"You work on another computer",
		},
		"Linux over SSH, X forwarding": {
			"linux", "SSH_TTY=x DISPLAY=localhost:10", found("xdg-open"),
			"/usr/bin/xdg-open",
		},
		"Windows":                       {"windows", "", found(), "rundll32 url.dll,FileProtocolHandler"},
		"Windows over SSH":              {"windows", "SSH_CONNECTION=a", found(), "You work on another computer"},
		"macOS":                         {"darwin", "", found(), "/usr/bin/open"},
		"macOS over SSH with a display": {"darwin", "SSH_TTY=x DISPLAY=:0", found(), "You work on another computer"},
	} {
		s := System{Environ: strings.Fields(c.environ), goos: c.goos, lookPath: c.lookPath}
		command, err := s.command()
		got := strings.Join(command, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || (err == nil) != (s.Available() == nil) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if err != nil && kindOf(err) != NoBrowser {
			t.Errorf("%s: got kind %v, want %v", name, kindOf(err), NoBrowser)
		}
	}
}

func kindOf(err error) Kind {
	var e *Error
	if !errors.As(err, &e) {
		return -1
	}
	return e.Kind
}

// TestSystem_Open passes the address to the program as one argument, and reports that the program failed.
func TestSystem_Open(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell")
	}
	folder := t.TempDir()
	program, got := filepath.Join(folder, "xdg-open"), filepath.Join(folder, "got")
	script := "#!/bin/sh\n[ \"$#\" -eq 1 ] && printf %s \"$1\" >\"$GOT\"\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}

	s := System{
		Environ: []string{"DISPLAY=:0", "GOT=" + got, "PATH=" + os.Getenv("PATH")}, goos: "linux",
		lookPath: func(string) (string, error) { return program, nil },
	}
	const address = "https://cis2.example/authorize?state=a b&x=$(touch y)"
	if err := s.Open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(got); err != nil || string(text) != address {
		t.Errorf("the program got %q, %v; want %q", text, err, address)
	}

	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := s.Open(t.Context(), address)
	if kindOf(err) != NotStarted || strings.Contains(errors.Unwrap(err).Error(), "cis2") {
		t.Errorf("a failing program: got %v, want kind %v without the address", err, NotStarted)
	}
	s.lookPath = func(string) (string, error) { return filepath.Join(folder, "missing"), nil }
	if err := s.Open(t.Context(), address); kindOf(err) != NotStarted {
		t.Errorf("a missing program: got %v, want kind %v", err, NotStarted)
	}
}

// listen returns a listener that expects the state "right". The function returns Wait's result.
func listen(t *testing.T, ctx context.Context) (*Listener, func() (string, error)) {
	t.Helper()
	l, err := Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if !strings.HasPrefix(l.RedirectURI(), "http://127.0.0.1:") || !strings.HasSuffix(l.RedirectURI(), "/callback") {
		t.Fatalf("got the address %s, want one of 127.0.0.1", l.RedirectURI())
	}
	l.Expect("right")
	done := make(chan answer, 1)
	go func() {
		code, err := l.Wait(ctx)
		done <- answer{code, err}
	}()
	return l, func() (string, error) { a := <-done; return a.code, a.err }
}

func visit(t *testing.T, l *Listener, method, path string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.listener.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestListener(t *testing.T) {
	l, result := listen(t, t.Context())
	for name, c := range map[string]struct {
		method, path string
		change       func(*http.Request)
		want         int
	}{
		"another state":  {"GET", "/callback?code=evil&state=wrong", nil, 400},
		"no state":       {"GET", "/callback?code=evil", nil, 400},
		"two states":     {"GET", "/callback?code=evil&state=right&state=wrong", nil, 400},
		"another path":   {"GET", "/?code=evil&state=right", nil, 404},
		"another method": {"POST", "/callback?code=evil&state=right", nil, 404},
		"an icon":        {"GET", "/favicon.ico", nil, 404},
		"another host": {
			"GET", "/callback?code=evil&state=right",
			func(r *http.Request) { r.Host = "evil.example" }, 404,
		},
		"localhost": {
			"GET", "/callback?code=evil&state=right", func(r *http.Request) { r.Host = "localhost" },
			404,
		},
		"a denied request": {"GET", "/callback?error=access_denied&state=wrong", nil, 400},
	} {
		change := func(*http.Request) {}
		if c.change != nil {
			change = c.change
		}
		if status, body := visit(t, l, c.method, c.path, change); status != c.want || strings.Contains(body, "evil") {
			t.Errorf("%s: got status %d, body %q; want %d", name, status, body, c.want)
		}
	}

	status, body := visit(t, l, "GET", "/callback?"+url.Values{"code": {"the-code"}, "state": {"right"}}.Encode())
	if status != 200 || !strings.Contains(body, wordGoBack) {
		t.Errorf("the browser's answer: got status %d, body %q; want 200 and %q", status, body, wordGoBack)
	}
	if code, err := result(); code != "the-code" || err != nil {
		t.Errorf("Wait = %q, %v; want the code", code, err)
	}
	l.Close()
	if _, err := http.Get(l.RedirectURI()); err == nil {
		t.Error("the port is still open after Close")
	}
}

func TestListener_Ends(t *testing.T) {
	t.Run("without a code", func(t *testing.T) {
		for _, query := range []string{
			"error=access_denied", "code=", "code=a&code=b", "code=" + strings.Repeat("x", maxCode+1), "code=a%0Ab",
		} {
			l, result := listen(t, t.Context())
			if status, body := visit(t, l, "GET", "/callback?state=right&"+query); status != 200 ||
				!strings.Contains(body, wordEnded) {
				t.Errorf("%.30s: got status %d, body %q; want 200 and %q", query, status, body, wordEnded)
			}
			if code, err := result(); code != "" || kindOf(err) != Ended {
				t.Errorf("%.30s: Wait = %q, %v; want kind %v", query, code, err, Ended)
			}
		}
	})

	t.Run("after too many requests", func(t *testing.T) {
		l, result := listen(t, t.Context())
		for range maxRequests + 1 {
			visit(t, l, "GET", "/x")
		}
		if code, err := result(); code != "" || kindOf(err) != NoListener {
			t.Errorf("Wait = %q, %v; want kind %v", code, err, NoListener)
		}
	})

	t.Run("in time", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		_, result := listen(t, ctx)
		if _, err := result(); kindOf(err) != TimedOut {
			t.Errorf("Wait = %v, want kind %v", err, TimedOut)
		}
	})

	t.Run("when it is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, result := listen(t, ctx)
		if _, err := result(); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait = %v, want %v", err, context.Canceled)
		}
	})
}
