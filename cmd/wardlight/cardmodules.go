package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/internal/text"
)

// modulesDocument is the JSON document wardlight.modules/1.
type modulesDocument struct {
	Schema  string       `json:"schema"`
	System  string       `json:"system"` // "linux/amd64"
	Modules []modulePart `json:"modules"`
}

// modulePart is one PKCS#11 module.
type modulePart struct {
	Path       string       `json:"path"`
	Vendor     string       `json:"vendor"`     // "" for a module named in the settings
	Configured bool         `json:"configured"` // named in card.modules
	Installed  bool         `json:"installed"`
	Loads      bool         `json:"loads"`
	Library    *libraryPart `json:"library"` // null when it does not load
	Slots      []slotPart   `json:"slots"`
	Error      *errorPart   `json:"error"`
}

// libraryPart is a module's description of itself (CK_INFO).
type libraryPart struct {
	Description  string `json:"description"`
	Manufacturer string `json:"manufacturer"`
	Version      string `json:"version"`
	Cryptoki     string `json:"cryptoki"` // the version of PKCS #11 that the module implements
}

// slotPart is a slot of a module, with or without a card.
type slotPart struct {
	Description string     `json:"description"`
	Token       *tokenPart `json:"token"` // null for an empty slot
}

// tokenPart is a card as a module describes it.
type tokenPart struct {
	Label        string `json:"label"`
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	Serial       string `json:"serial"`
	Passcode     string `json:"passcode"`   // permitted form of the passcode, in words
	Tries        *int   `json:"tries_left"` // null when the module does not report it
}

func newCardModules(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "modules",
		Short: "List the vendors' software for cards that are not PIV, and what each sees",
		Long: `List the PKCS#11 modules that are tried for cards that are not PIV: those that card.modules names, else the known
ones. It says of each whether it is installed, whether it loads, what it says of itself, and the cards that it sees.
Each is loaded in a process of its own. No passcode is needed.

The exit code is 3 when a module that is installed, or that card.modules names, does not work.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.cardModules(cmd.Context()) },
	}
}

func (a *app) cardModules(ctx context.Context) error {
	if _, err := a.load(); err != nil {
		return err
	}

	d := modulesDocument{
		Schema: "wardlight.modules/1", System: runtime.GOOS + "/" + runtime.GOARCH,
		Modules: []modulePart{},
	}

	var failed error
	if vendors := a.pkcs11Driver(); vendors != nil {
		for _, f := range vendors.Inspect(ctx) {
			d.Modules = append(d.Modules, partOfModule(f))
			if failed == nil && f.Err != nil {
				failed = f.Err
			}
		}
	}

	if ctx.Err() != nil {
		return errInterrupted
	}

	show := a.showModules
	if a.json {
		show = func(d modulesDocument) error { return a.print(d) }
	}

	if err := show(d); err != nil {
		return err
	}
	if failed != nil {
		return shownError{failed}
	}

	return nil
}

func partOfModule(f pkcs11.Finding) modulePart {
	p := modulePart{
		Path: text.Clean(f.Path, 0), Vendor: f.Vendor, Configured: f.Named, Installed: f.Installed,
		Loads: f.Library != nil, Slots: []slotPart{},
	}
	if l := f.Library; l != nil {
		p.Library = &libraryPart{
			Description: text.Clean(l.Description, 0), Manufacturer: text.Clean(l.Manufacturer, 0), Version: l.Version,
			Cryptoki: l.Cryptoki,
		}
	}
	for _, s := range f.Slots {
		p.Slots = append(p.Slots, slotPart{Description: text.Clean(s.Description, 0), Token: partOfToken(s.Token)})
	}
	if f.Err != nil {
		e := errorOf(f.Err)
		p.Error = &e
	}
	return p
}

func partOfToken(t *pkcs11.Token) *tokenPart {
	if t == nil {
		return nil
	}
	p := &tokenPart{
		Label: text.Clean(t.Label, 0), Manufacturer: text.Clean(t.Manufacturer, 0), Model: text.Clean(t.Model, 0),
		Serial: text.Clean(t.Serial, 0), Passcode: t.Form().String(),
	}
	if left, _ := t.Tries(); left >= 0 {
		p.Tries = &left
	}
	return p
}

// showModules lists the modules that are installed or configured, and the number of known modules that are not
// installed.
func (a *app) showModules(d modulesDocument) error {
	w := &lines{out: a.out}
	absent := 0
	for _, m := range d.Modules {
		if !m.Installed && m.Error == nil {
			absent++
			continue
		}

		w.text("%s", m.Path)

		switch {
		case m.Error != nil:
			w.text("  %s (%s)", m.Error.Sentence, m.Error.Code)
			continue
		case m.Library != nil:
			w.text("  loads: %s",
				strings.Join(strings.Fields(fmt.Sprintf("%s %s, %s", m.Library.Description, m.Library.Version,
					m.Library.Manufacturer)), " "))
		}

		if len(m.Slots) == 0 {
			w.text("  sees no reader")
		}

		for _, s := range m.Slots {
			w.text("  %s: %s", s.Description, tokenWords(s.Token))
		}
	}

	switch {
	case len(d.Modules) == 0:
		w.text("No module is to be tried: card.modules says none.")
	case absent > 0:
		w.text("Known and not installed: %d.", absent)
	}

	return w.err
}

func tokenWords(t *tokenPart) string {
	if t == nil {
		return "no card that it knows"
	}
	words := fmt.Sprintf("card %q of %s, passcode of %s", t.Label, t.Manufacturer, t.Passcode)
	if t.Tries != nil {
		words += tokenTries(*t.Tries)
	}
	return words
}

func tokenTries(left int) string {
	if left == 0 {
		return ", locked: " + strings.TrimSuffix((&cardreader.Error{Kind: cardreader.Locked}).Advice(), ".")
	}
	return fmt.Sprintf(", tries left: %d", left)
}
