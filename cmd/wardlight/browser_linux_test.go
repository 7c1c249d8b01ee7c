package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/cis2"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/openidtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains and others
)

// loginEnv is the environment variable with the user who signs in in the tests' browser.
const loginEnv = "WARDLIGHT_TEST_LOGIN"

// mainOfBrowser runs the tests' program xdg-open: a browser whose user signs in at once.
func mainOfBrowser() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := (openidtest.Browser{Login: os.Getenv(loginEnv)}).Visit(ctx, os.Args[1], false); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestBrowser_RealTerminal signs in from the screens with Ctrl-O at a real OpenID provider, through a real hub, and
// goes on to an open alert. The provider then ends the session.
func TestBrowser_RealTerminal(t *testing.T) {
	program := labtest.Program(t, "wardlight")
	p := openidtest.Start(t, map[string]openidtest.User{
		"ada": openidtest.Nurse("999000002111", "999000002222", "B0264", "B0107"),
		"no-role": {
			Token:    openidtest.Nurse("999000002112", "").Token,
			UserInfo: map[string]any{"nhsid_useruid": "999000002112", "name": "Sample Bo"},
		},
	})
	provider, err := cis2.New(cis2.Config{
		Issuer: p.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret, Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	bench, err := demo.Start(t.Context(), demo.Options{
		Folder: t.TempDir(), Clock: time.Now, Seed: 1, People: 100,
		Configure: func(c *hub.Config) { c.CIS2 = provider },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})

	start := func(args []string, environ ...string) *Terminal {
		return Start(t, Options{
			Answer: true, Env: append(environ, "PCSCLITE_CSOCK_NAME=/nonexistent", "SSH_TTY=", "SSH_CONNECTION="),
		}, program, append(args, "--config", bench.ConfigFile())...)
	}

	t.Run("from Ctrl-O to an open alert", func(t *testing.T) {
		term := start(nil, "DISPLAY=:0", loginEnv+"=ada")
		term.Expect(Contains("Ctrl-O browser sign-in"))
		term.PressUntil("ctrl+o", Contains("Find a patient"))
		term.Expect(Contains("SAMPLE, Ada (Ms)"), Contains("EXAMPLE GENERAL HOSPITAL"))
		term.Type(people.OnPlan.Digits()).Press("enter")
		term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
		term.PressUntil("o", Contains("RING NOW"))
		accesses, err := bench.Accesses(t.Context(), people.OnPlan)
		if err != nil || len(accesses) == 0 || accesses[0].Who.UUID != "999000002111" {
			t.Errorf("got accesses %+v, %v; want the latest by the person who signed in in the browser", accesses, err)
		}
		term.Press("ctrl+l").Expect(Contains("Ctrl-O browser sign-in"))
		term.ExpectGone(Contains("Tess"))
		term.Press("q")
		if code := term.Wait(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	})

	t.Run("a person without a role", func(t *testing.T) {
		term := start([]string{"--browser"}, "DISPLAY=:0", loginEnv+"=no-role")
		term.Expect(Contains("the NHS sign-in (CIS2) names no role"))
		term.Press("ctrl+c").Expect(Contains("Quit"))
		term.Press("y")
		term.Wait()
	})

	t.Run("a user who ends it in the browser", func(t *testing.T) {
		term := start([]string{"--browser"}, "DISPLAY=:0")
		term.Expect(Contains("The sign-in was ended in the browser."), Contains("T14"))
		term.Press("q")
		term.Wait()
	})

	t.Run("over SSH", func(t *testing.T) {
		term := Start(t, Options{
			Answer: true, Env: []string{"PCSCLITE_CSOCK_NAME=/nonexistent", "SSH_TTY=/dev/pts/9", "DISPLAY="},
		}, program, "--browser", "--config", bench.ConfigFile())
		term.Expect(Contains("You work on another computer (SSH)"), Contains("T10"), Contains("use the smartcard"))
		term.Press("q")
		term.Wait()
	})

	t.Run("in linear mode", func(t *testing.T) {
		term := start([]string{"--plain", "--browser"}, "DISPLAY=:0", loginEnv+"=ada")
		term.Expect(Contains("Signed in as SAMPLE, Ada (Ms)."))
		term.Press("ctrl+c").Expect(Contains("Quit"))
		term.Type("yes").Press("enter")
		term.Wait()
	})
}
