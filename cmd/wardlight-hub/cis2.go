package main

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"strings"
	"time"

	"wardlight/hub/cis2"
	"wardlight/hub/identity"
)

// Names of the settings of the sign-in by browser.
const (
	cis2Issuer        = "identity.cis2.issuer"
	cis2ClientID      = "identity.cis2.client_id"
	cis2ClientSecret  = "identity.cis2.client_secret_file" //nolint:gosec // the name of a setting
	cis2Scopes        = "identity.cis2.scopes"
	cis2MaxAge        = "identity.cis2.max_age"
	cis2Level         = "identity.cis2.authentication_level"
	cis2IdentityLevel = "identity.cis2.identity_level"
	cis2Organisations = "identity.cis2.organisations"
	cis2CA            = "identity.cis2.ca_file"
)

// Limits of identity.cis2.max_age.
const minMaxAge, maxMaxAge = time.Minute, 12 * time.Hour

// cis2Settings configure the sign-in by browser. Without an issuer it isn't offered.
type cis2Settings struct {
	issuer, clientID, clientSecretFile, scopes, organisations, ca string
	maxAge                                                        time.Duration
	level, identityLevel                                          int
}

// cis2Keys returns the settings of the sign-in by browser.
func cis2Keys() []key {
	return []key{
		text(cis2Issuer, "", "", "the issuer of CIS2, from which the hub reads the provider's metadata; no sign-in by "+
			"browser when empty", func(s *settings) *string {
			return &s.cis2.issuer
		}),
		text(cis2ClientID, "", "", "the hub's client ID at CIS2",
			func(s *settings) *string { return &s.cis2.clientID }),
		path(cis2ClientSecret, "", "", "a file with the hub's client secret at CIS2", func(s *settings) *string {
			return &s.cis2.clientSecretFile
		}),
		text(cis2Scopes, "", cis2.DefaultScopes, "the scopes that the hub asks for, separated by spaces",
			func(s *settings) *string { return &s.cis2.scopes }),
		span(cis2MaxAge, "", cis2.DefaultMaxAge, minMaxAge, maxMaxAge, func(s *settings) *time.Duration {
			return &s.cis2.maxAge
		}),
		number(cis2Level, cis2.DefaultLevel, 1, 3, "the lowest authentication assurance level,",
			func(s *settings) *int {
				return &s.cis2.level
			}),
		number(cis2IdentityLevel, cis2.DefaultLevel, 1, 3, "the lowest identity assurance level,",
			func(s *settings) *int { return &s.cis2.identityLevel }),
		text(cis2Organisations, "", "", "the ODS codes of the organisations whose roles may be used, separated by "+
			"spaces; all when empty", func(s *settings) *string {
			return &s.cis2.organisations
		}),
		path(cis2CA, "", "", "the CA certificates that the certificate of CIS2 is checked with, in PEM; the system's "+
			"when empty", func(s *settings) *string {
			return &s.cis2.ca
		}),
	}
}

// checkCIS2 rejects settings of the sign-in by browser that are missing, or that have no effect.
func (s *settings) checkCIS2() error {
	c := s.cis2
	if c.issuer == "" {
		for _, k := range []struct{ name, value string }{
			{cis2ClientID, c.clientID},
			{cis2ClientSecret, c.clientSecretFile},
			{cis2Organisations, c.organisations},
			{cis2CA, c.ca},
		} {
			if k.value != "" {
				return s.Reject(k.name, "the sign-in by browser is off", "set "+cis2Issuer)
			}
		}
		return nil
	}

	switch {
	case c.clientID == "":
		return s.Reject(cis2Issuer, "it requires a client ID", "set "+cis2ClientID)
	case c.clientSecretFile == "":
		return s.Reject(cis2Issuer, "it requires a client secret", "set "+cis2ClientSecret)
	}
	if _, err := cis2.New(c.config("secret")); err != nil {
		return s.Reject(cis2Issuer, err.Error(), "such as https://cis2.example/realms/Healthcare")
	}
	return nil
}

func (c cis2Settings) config(secret string) cis2.Config {
	return cis2.Config{
		Issuer: c.issuer, ClientID: c.clientID, ClientSecret: secret, Scopes: strings.Fields(c.scopes),
		MaxAge:            c.maxAge,
		MinAuthentication: c.level, MinIdentity: c.identityLevel, Organisations: strings.Fields(c.organisations),
		Clock: time.Now,
	}
}

// provider returns the provider of the sign-in by browser, or nil if there is none. Errors are *config.Error.
func (s *settings) provider(look *monitor) (identity.Provider, error) {
	if s.cis2.issuer == "" {
		return nil, nil //nolint:nilnil // not offered
	}

	secret, err := s.file(cis2ClientSecret, s.cis2.clientSecretFile)
	if err != nil {
		return nil, err
	}
	if secret = bytes.TrimSpace(secret); len(secret) == 0 {
		return nil, s.Reject(cis2ClientSecret, s.cis2.clientSecretFile+" is empty", "")
	}

	c := s.cis2.config(string(secret))
	if s.cis2.ca != "" {
		roots, err := s.pool(cis2CA, s.cis2.ca, look)
		if err != nil {
			return nil, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // net/http's own type
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		c.Transport = transport
	}
	p, err := cis2.New(c)
	if err != nil {
		return nil, s.Reject(cis2Issuer, err.Error(), "")
	}
	return p, nil
}
