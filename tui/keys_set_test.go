package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wardlight/tui/act"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

func TestAKeyOfTheSettingsWorksAndShowsEverywhere(t *testing.T) {
	b := newFixtureWith(t, func(c *shell.Config) {
		c.Keys = map[string]string{"open": "k", "lock": "Ctrl-G", "help": "h"}
	})
	b.toPatient(tess).expect("k shows the plan").expect("k open the alert").expect("h help")
	b.wait(act.KeyDelay).Press("o").deliver().expect("3 Patient")
	b.Press("h").expect("Ctrl-G").Press("esc").wait(act.KeyDelay)
	b.Press("k").deliver().expect("RING NOW")
	if b.sessions.count("open "+tess.Digits()) != 1 {
		t.Errorf("session calls = %q, want one open", b.sessions.asked)
	}
	b.Press("ctrl+g").expect("Locked.")
}

func TestAKeyThatCannotBeIsRefusedWithItsAction(t *testing.T) {
	for _, c := range []struct {
		set          map[string]string
		action, says string
	}{
		{map[string]string{"open": "n"}, "open", `"n" already has another meaning: next patient`},
		{map[string]string{"open": "y"}, "open", "another meaning: quit"},
		{map[string]string{"open": "k", "again": "k"}, "open", "another meaning: ask again"},
		{map[string]string{"open": "Enter"}, "open", "never opens an alert"},
		{map[string]string{"find": "enter"}, "find", "no key that can be set"},
		{map[string]string{"find": "tab"}, "find", "no key that can be set"},
		{map[string]string{"find": ""}, "find", "no key that can be set"},
		{map[string]string{"find": " "}, "find", "no key that can be set"},
		{map[string]string{"find": "é"}, "find", "no key that can be set"},
		{map[string]string{"find": "F3"}, "find", "function keys"},
		{map[string]string{"patient": "A"}, "patient", "Linux console"},
		{map[string]string{"patient": "E"}, "patient", "Linux console"},
		{map[string]string{"patient": "7"}, "patient", "numbers of a list"},
		{map[string]string{"lock": "l"}, "lock", "while a field is typed in"},
		{map[string]string{"lock": "ctrl+1"}, "lock", "no key that every terminal has"},
		{map[string]string{"lock": "ctrl+b"}, "lock", "the key of tmux"},
		{map[string]string{"lock": "ctrl-S"}, "lock", "flow control"},
		{map[string]string{"lock": "ctrl+c"}, "lock", "the terminal's own"},
		{map[string]string{"lock": "ctrl+u"}, "lock", "how a field is emptied"},
	} {
		_, err := step.Keys(c.set)
		var refused *step.KeyError
		if !errors.As(err, &refused) || refused.Action != c.action || !strings.Contains(refused.Problem, c.says) ||
			refused.Hint == "" {
			t.Errorf("Keys(%v): error %v, want a KeyError of action %s that contains %q", c.set, err, c.action, c.says)
		}
	}
}

func TestKeysMayChangePlaces(t *testing.T) {
	card, err := step.Keys(map[string]string{"open": "n", "patient": "o", "diagnostics": "ctrl+g"})
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]string{"open": "n", "patient": "o", "diagnostics": "Ctrl-G", "quit": "q"} {
		if i := slices.IndexFunc(card, func(l step.KeyLine) bool {
			return l.Action == action
		}); i < 0 || card[i].Key != want {
			t.Errorf("key of %s: want %s, got the keys %v", action, want, card)
		}
	}
}

// The default keys pass the checks of the settings, and no screen has two actions with the same key.
func TestTheBuiltInKeysClashNowhere(t *testing.T) {
	k := step.DefaultKeys()
	for _, a := range k.All() {
		if !step.FixedKey(a.Name) {
			if _, _, err := step.ReadKey(a, a.Binding.Keys()[0]); err != nil {
				t.Errorf("default key of %s: %v", a.Name, err)
			}
		}
	}

	for _, s := range states() {
		b := newFixture(t)
		s.get(b)
		if b.m.Dialog != shell.NoDialog {
			continue
		}

		taken := map[string]string{}
		for _, c := range b.m.Commands() {
			if !c.Ready {
				continue
			}
			for _, name := range c.Keys {
				if does, twice := taken[name]; twice {
					t.Errorf("%s: key %s has two actions, %q and %q", s.name, name, does, c.Does)
				}
				taken[name] = c.Does
			}
		}
	}
}

func FuzzAKeyIsTakenOrRefused(f *testing.F) {
	f.Add("open", "x")
	f.Add("lock", "ctrl+g")
	f.Fuzz(func(t *testing.T, action, spelt string) {
		card, err := step.Keys(map[string]string{action: spelt})
		var refused *step.KeyError
		if err != nil && !errors.As(err, &refused) || err == nil && len(card) == 0 {
			t.Errorf("Keys returned %d lines and error %v, want lines or a KeyError", len(card), err)
		}
	})
}
