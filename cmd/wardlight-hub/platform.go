package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/pds"
)

// Sources of people, alerts and summaries.
const (
	sourceBook         = "book"
	sourcePDS          = "pds"
	sourcePatientFlags = "patient-flags"
	sourceSpine        = "spine"
	sourceSCR          = "scr-api"
)

// Ways of access to an API of the NHS API platform.
const (
	accessApplication = "application"
	accessUser        = "user"
)

// Limits of the timeout of national services. The terminal waits for the hub for five seconds.
const minNationalTimeout, maxNationalTimeout = time.Second, 30 * time.Second

// sources are the sources of people, alerts and summaries, and the APIs that they need.
type sources struct {
	people, alerts    string
	pds, patientFlags platformAPI
	spine             spineSettings
	summary           summarySettings
	fgmCode           string // activity code that permits FGM flags; "" shows none
}

// platformAPI configures the access to an API of the NHS API platform.
type platformAPI struct {
	url, access, tokenURL, apiKeyFile, privateKeyFile, keyID, ca string
	timeout                                                      time.Duration
	// of an answer in bytes, which is no setting; 0 means the default
	maxBody int64
}

// namedAPI is an API of the NHS API platform with the prefix of its settings.
type namedAPI struct {
	prefix string
	platformAPI
}

// platformAPIs returns the APIs of the NHS API platform. The files of one that isn't used are empty.
func (s *sources) platformAPIs() []namedAPI {
	return []namedAPI{{"pds", s.pds}, {"patient_flags", s.patientFlags}, {"scr", s.summary.api}}
}

// sourceKeys returns the settings of the national services.
func sourceKeys() []key {
	keys := []key{
		word("people.source", "", "where the hub finds people: its own book, or the Personal Demographics Service",
			func(s *settings) *string { return &s.sources.people }, sourceBook, sourcePDS),
		word("alerts.source", "", "where the hub finds child protection plans", func(s *settings) *string {
			return &s.sources.alerts
		}, sourceBook, sourcePatientFlags, sourceSpine),
		text("flags.fgm_code", "", "", "the activity code that permits FGM flags, such as B1234; none are shown when "+
			"empty", func(s *settings) *string {
			return &s.sources.fgmCode
		}),
	}
	keys = append(keys, platformKeys("pds", "PDS", func(s *settings) *platformAPI { return &s.sources.pds })...)
	keys = append(keys, platformKeys("patient_flags", "Patient Flags", func(s *settings) *platformAPI {
		return &s.sources.patientFlags
	})...)
	return append(append(keys, spineKeys()...), summaryKeys()...)
}

// platformKeys returns the settings of an API of the NHS API platform, whose names begin with prefix.
func platformKeys(prefix, service string, of func(*settings) *platformAPI) []key {
	return []key{
		text(prefix+".url", "", "", "the base address of the FHIR API of "+service+", without a slash at the end",
			func(s *settings) *string { return &of(s).url }),
		word(prefix+".access", "", "whether the hub asks "+service+" for itself, or for each person with the "+
			"person's CIS2 sign-in", func(s *settings) *string { return &of(s).access }, accessApplication, accessUser),
		text(prefix+".token_url", "", "", "the address at which the NHS API platform issues tokens",
			func(s *settings) *string { return &of(s).tokenURL }),
		path(prefix+".api_key_file", "", "", "a file with the API key of the hub's registration",
			func(s *settings) *string { return &of(s).apiKeyFile }),
		path(prefix+".private_key_file", "", "", "the RSA key that signs the requests for tokens, in PEM",
			func(s *settings) *string { return &of(s).privateKeyFile }),
		text(prefix+".key_id", "", "", "the kid of that key, as registered", func(s *settings) *string {
			return &of(s).keyID
		}),
		path(prefix+".ca_file", "", "", "the CA certificates that the certificate of "+service+" is checked with, in "+
			"PEM; the system's when empty", func(s *settings) *string { return &of(s).ca }),
		span(prefix+".timeout", "", national.DefaultTimeout, minNationalTimeout, maxNationalTimeout,
			func(s *settings) *time.Duration { return &of(s).timeout }),
	}
}

// checkSources rejects settings of national services that are missing, or that have no effect.
func (s *settings) checkSources() error {
	if err := s.checkPlatform("pds", "people.source", s.sources.people == sourcePDS, s.sources.pds); err != nil {
		return err
	}
	if err := s.checkPlatform("patient_flags", "alerts.source", s.sources.alerts == sourcePatientFlags,
		s.sources.patientFlags); err != nil {
		return err
	}
	if err := s.checkSpine(); err != nil {
		return err
	}
	return s.checkSummary()
}

// checkPlatform rejects incomplete settings of an API of the NHS API platform, and settings of one that isn't used.
func (s *settings) checkPlatform(prefix, source string, used bool, p platformAPI) error {
	for _, k := range []struct{ name, value string }{
		{"url", p.url},
		{"token_url", p.tokenURL},
		{"api_key_file", p.apiKeyFile},
		{"private_key_file", p.privateKeyFile},
		{"key_id", p.keyID},
	} {
		switch {
		case used && k.value == "":
			return s.Reject(source, "this source requires "+prefix+"."+k.name, "set "+prefix+"."+k.name)
		case !used && k.value != "":
			return s.Reject(prefix+"."+k.name, source+" does not use it", "set "+source)
		}
	}

	if !used {
		return nil
	}

	for _, k := range []struct{ name, value string }{{"url", p.url}, {"token_url", p.tokenURL}} {
		if err := s.checkServiceURL(prefix+"."+k.name, k.value); err != nil {
			return err
		}
	}

	if p.access == accessUser && s.cis2.issuer == "" {
		return s.Reject(prefix+".access", "access for a person requires a sign-in with CIS2",
			"set identity.cis2.issuer, or "+prefix+".access to application")
	}
	return nil
}

// checkServiceURL rejects an address that isn't https, or http on a loopback address.
func (s *settings) checkServiceURL(key, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		value[len(value)-1] == '/' || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()+":0")) {
		return s.Reject(key, "it is not an address of a service", "https:// and a host, without a slash at the end")
	}
	return nil
}

// nationalObserver counts requests to national services.
type nationalObserver interface {
	national.Observer
	ExpectNational(service string)
}

// platform are what the clients of national services share.
type platform struct {
	settings *settings
	look     *monitor
	log      *slog.Logger
	observer nationalObserver
	ended    *[]func(idToken string) // called when a session with an ID token ends
	// idToken returns a person's CIS2 ID token; nil without sign-in by CIS2.
	idToken func(ctx context.Context, who national.Caller) (string, error)
}

// client returns the client of an API of the NHS API platform. Errors are *config.Error.
func (p platform) client(prefix, service string, c platformAPI) (*national.Client, error) {
	var roots *x509.CertPool
	var err error
	if c.ca != "" {
		if roots, err = p.settings.pool(prefix+".ca_file", c.ca, p.look); err != nil {
			return nil, err
		}
	}

	apiKey, err := p.settings.file(prefix+".api_key_file", c.apiKeyFile)
	if err != nil {
		return nil, err
	}
	text, err := p.settings.file(prefix+".private_key_file", c.privateKeyFile)
	if err != nil {
		return nil, err
	}
	signs, err := national.ReadKey(text)
	if err != nil {
		return nil, p.settings.Reject(prefix+".private_key_file", c.privateKeyFile+": "+err.Error(),
			"an RSA private key without a password, in PEM")
	}

	t := national.TokensConfig{
		URL: c.tokenURL, APIKey: string(bytes.TrimSpace(apiKey)), KeyID: c.keyID, Key: signs,
		HTTP: national.NewHTTP(roots), Clock: time.Now, NewID: uuid.NewString,
	}
	if c.access == accessUser {
		t.IDToken = p.idToken
	}
	tokens, err := national.NewTokens(t)
	if err != nil {
		return nil, p.settings.Reject(prefix+".private_key_file", err.Error(), "")
	}

	if p.ended != nil {
		*p.ended = append(*p.ended, tokens.ForgetPerson)
	}

	p.observer.ExpectNational(service)
	return national.New(national.Config{
		Service: service, BaseURL: c.url, HTTP: national.NewHTTP(roots), Tokens: tokens, Timeout: c.timeout,
		MaxBody: c.maxBody, Clock: time.Now, After: time.After, NewID: uuid.NewString, Log: p.log, Observer: p.observer,
	}), nil
}

// useSources sets the sources of people and alerts in the hub's configuration. Errors are *config.Error.
func (p platform) useSources(c *hub.Config) error {
	if p.settings.sources.people == sourcePDS {
		client, err := p.client("pds", national.PDS, p.settings.sources.pds)
		if err != nil {
			return err
		}
		records := pds.New(client, pds.NewLinks(c.Store, time.Now))
		c.People, c.Records, c.Rows, c.Numbers = records, records, records, records
	}

	if p.settings.sources.summary.source == sourceSCR {
		if err := p.useSummaries(c); err != nil {
			return err
		}
	}

	switch p.settings.sources.alerts {
	case sourcePatientFlags:
		return p.usePatientFlags(c)
	case sourceSpine:
		alerts, err := p.spine()
		if err != nil {
			return err
		}
		c.Alerts = alerts
	}
	return nil
}
