package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"wardlight/hub/store"
	"wardlight/internal/config"
)

// wordTrial is the answer for which init creates a CA for trials.
const wordTrial = "trial"

// Flags of init that are not settings.
const (
	flagFolder        = "folder"
	flagAuthority     = "authority"
	flagAuthorityName = "authority-name"
	flagUser          = "user"
)

func newInit() *cobra.Command {
	c := &cobra.Command{
		Use:   "init",
		Short: "Set up a first hub: settings, keys, certificate, databases, a local authority",
		Long: `Set up a first hub. On a terminal, init asks for every value without a flag; elsewhere, a missing value is an error.

It creates a folder with a commented settings file; a certificate from its own CA for a trial (--tls-cert trial), unless
certificate files are given; the keys that sign sign-ins and audit checkpoints; the databases; and a first local authority
with its secrets. Then it starts the hub once, as the user that it runs as, and prints the next steps.

Existing files are not overwritten. If a step fails, the created files are removed. A settings file that sets only the data
folder, as installed by the packages, is renamed.`,
		Example: `  sudo wardlight-hub init
  wardlight-hub init --folder ~/hub --name localhost --tls-cert trial --ca cards.pem=uuid --authority V999 \
    --authority-name "EXAMPLESHIRE COUNCIL" --duty-phone 01632960102`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := onlySettingsOfInit(c); err != nil {
				return err
			}
			p, err := initParameters(c)
			if err != nil {
				return err
			}
			return p.run(c.Context(), c.OutOrStdout())
		},
	}

	f := c.Flags()
	f.String(flagFolder, "", "folder of the settings and keys (built in: "+filepath.Dir(settingsFile)+")")
	f.String(flagName, "", "name or address by which terminals reach the hub, such as hub.hospital.example")
	f.String(flagAuthority, "", "code of the first local authority, such as V999")
	f.String(flagAuthorityName, "", "its name, as clinicians see it")
	f.String(flagOffice, "", "phone in office hours")
	f.String(flagDuty, "", "phone of the emergency duty team")
	f.String(flagEndpoint, "", "URL that its notifications go to (built in: a folder of the data folder)")
	f.String(flagUser, "", "user that the hub runs as, where root sets it up (built in: "+serviceUser+")")
	return c
}

// settingsOfInit are the flags of settings that init uses.
var settingsOfInit = []string{"listen", "data", "tls-cert", "tls-key", "ca", "operator-listen"}

// onlySettingsOfInit rejects the flags of settings that init would not write to the settings file.
func onlySettingsOfInit(c *cobra.Command) (err error) {
	c.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		switch {
		case !f.Changed:
		case f.Name == "config":
			err = errors.New("--config: init writes config.toml into a folder: use --folder")
		case !slices.Contains(settingsOfInit, f.Name):
			err = fmt.Errorf("--%s: init does not support this setting: add it to the settings file afterwards", f.Name)
		}
	})
	return err
}

// question is one question that init asks.
type question struct {
	flag, words   string
	defaultAnswer func() string // meaning of an empty answer; "" requires an answer, unless it is optional
	optional      bool
	check         func(string) error
	into          *string
	when          func() bool // nil means always
}

// initParameters collects the parameters of init from the flags and, on a terminal, by asking.
func initParameters(c *cobra.Command) (*setup, error) {
	p := &setup{}
	asked := &prompter{out: c.ErrOrStderr(), in: bufio.NewReader(c.InOrStdin())}
	if f, ok := c.InOrStdin().(*os.File); ok {
		asked.terminal = term.IsTerminal(int(f.Fd()))
	}

	host, _ := os.Hostname() // on error the name must be given
	always := func(s string) func() string { return func() string { return s } }
	withAuthority := func() bool { return p.authority.Code != "" }
	for _, q := range []question{
		{
			flag: flagFolder, words: "Folder of the settings and keys",
			defaultAnswer: always(filepath.Dir(settingsFile)),
			into:          &p.folder, check: p.setFolder,
		},
		{flag: flagName, words: "Name or address by which terminals reach the hub", defaultAnswer: func() string {
			if asked.terminal {
				return host
			}
			return ""
		}, into: &p.name, check: checkHostName},
		{
			flag: "listen", words: "Address and port to listen on", defaultAnswer: always(":8443"), into: &p.listen,
			check: checkListen,
		},
		{flag: "data", words: "Folder of the databases", defaultAnswer: p.defaultData, into: &p.data},
		{
			flag: "tls-cert", words: "Certificate file, or " + wordTrial + " for a CA made for a trial",
			defaultAnswer: func() string {
				if asked.terminal {
					return wordTrial
				}
				return ""
			}, into: &p.certificate, check: p.checkCertificate,
		},
		{
			flag: "tls-key", words: "File of the certificate's key", into: &p.key, check: checkReadable,
			when: func() bool { return p.certificate != wordTrial },
		},
		{
			flag: "ca", words: "Files of the smartcards' CAs, each with how its certificates name a person: " +
				"cards.pem=uuid",
			into: &p.cards, check: p.checkCards,
		},
		{
			flag: flagAuthority, words: "Code of the first local authority, such as V999; none for later",
			optional: true,
			into:     &p.authority.Code, check: checkCode,
		},
		{
			flag: flagAuthorityName, words: "Its name, as clinicians see it", into: &p.authority.Name,
			when: withAuthority,
		},
		{
			flag: flagDuty, words: "Phone of its emergency duty team",
			into: &p.authority.DutyPhone, check: checkPhone, when: withAuthority,
		},
		{
			flag: flagOffice, words: "Its phone in office hours; none for none", optional: true,
			into: &p.authority.OfficePhone, check: checkPhone, when: withAuthority,
		},
		{
			flag: flagEndpoint, words: "Where its notifications go (https://…, mesh:…, file:…)",
			defaultAnswer: func() string {
				return "file:" + p.authority.Code
			}, into: &p.authority.Endpoint, when: withAuthority,
		},
	} {
		if q.when != nil && !q.when() {
			continue
		}
		f := c.Flags().Lookup(q.flag)
		if err := asked.answer(c.Context(), q, strings.TrimSpace(f.Value.String()), f.Changed); err != nil {
			return nil, err
		}
	}

	p.operator = c.Flags().Lookup("operator-listen").Value.String()
	p.user = c.Flags().Lookup(flagUser).Value.String()
	if withAuthority() {
		if err := checkAuthority(p.authority); err != nil {
			return nil, err
		}
	}

	return p, nil
}

// prompter is the dialogue of init.
type prompter struct {
	out      io.Writer
	in       *bufio.Reader
	terminal bool
}

// answer stores the answer to a question: the value of its flag, or what is typed, or the default.
func (a *prompter) answer(ctx context.Context, q question, given string, flag bool) error {
	fallback := ""
	if q.defaultAnswer != nil {
		fallback = q.defaultAnswer()
	}

	for {
		said := given
		switch {
		case flag:
		case a.terminal:
			words := q.words
			if fallback != "" {
				words += " [" + fallback + "]"
			}
			fmt.Fprint(a.out, words+": ")
			line, err := a.line(ctx)
			if err != nil {
				return err
			}
			said = line
		}

		if said == "" {
			said = fallback
		}

		err := q.accept(said)
		switch {
		case err == nil:
			*q.into = said
			return nil
		case flag || !a.terminal:
			return fmt.Errorf("--%s: %w", q.flag, err)
		}

		fmt.Fprintln(a.out, "  "+err.Error())
	}
}

// accept validates and stores an answer.
func (q question) accept(said string) error {
	switch {
	case said == "" && q.optional:
		return nil
	case said == "":
		return errors.New("a value is required")
	}
	if err := config.OneLine(said); err != nil || q.check == nil {
		return err
	}
	return q.check(said)
}

// line reads a line. It returns an error when ctx is done.
func (a *prompter) line(ctx context.Context) (string, error) {
	type read struct {
		text string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := a.in.ReadString('\n')
		done <- read{strings.TrimSpace(text), err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("interrupted: nothing was created")
	case r := <-done:
		if r.err != nil {
			return "", errors.New("the input ended: nothing was created")
		}
		return r.text, nil
	}
}

func checkHostName(s string) error {
	if net.ParseIP(s) != nil {
		return nil
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return fmt.Errorf("%q is not a host name or an address; leave out https:// and the port", s)
		}
	}
	return nil
}

func checkListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil || port == "" || port == "0" {
		return fmt.Errorf("%q is not an address with a port, such as :8443", s)
	}
	return nil
}

func checkReadable(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %s", name, config.Reason(err))
	}
	return f.Close()
}

func checkCode(s string) error {
	if !store.IsAuthorityCode(s) {
		return fmt.Errorf("%q is not a code of an authority: up to 20 letters, digits and hyphens, such as V999", s)
	}
	return nil
}

func checkPhone(s string) error {
	if !store.IsPhone(s) {
		return fmt.Errorf("%q is not a phone number, such as 01632 960101", s)
	}
	return nil
}
