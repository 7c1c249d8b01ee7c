package main

import (
	"crypto/x509"
	"regexp"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/national"
	"wardlight/hub/national/spine"
)

// Limits of the timeout of Spine. The answer comes on a second connection, so it takes longer than that of other
// services. The terminal waits 15 seconds for an opening that asks Spine, and the hub writes no answer after that.
const defaultSpineTimeout, maxSpineTimeout = 10 * time.Second, 12 * time.Second

// spineSettings configure the access to Spine through the MHS adaptor.
type spineSettings struct {
	url, ca, fromASID, toASID string
	timeout                   time.Duration
}

// spineKeys returns the settings of Spine.
func spineKeys() []key {
	return []key{
		text("spine.mhs_url", "", "",
			"the address of the outbound service of the MHS adaptor, without a slash at the end",
			func(s *settings) *string { return &s.sources.spine.url }),
		path("spine.ca_file", "", "",
			"the CA certificates that the certificate of the MHS adaptor is checked with, in "+
				"PEM; the system's when empty", func(s *settings) *string { return &s.sources.spine.ca }),
		text("spine.from_asid", "", "", "the accredited system ID (ASID) of this site's system, 12 digits",
			func(s *settings) *string { return &s.sources.spine.fromASID }),
		text("spine.to_asid", "", "", "the ASID of Spine for CP-IS queries, 12 digits",
			func(s *settings) *string { return &s.sources.spine.toASID }),
		span("spine.timeout", "", defaultSpineTimeout, minNationalTimeout, maxSpineTimeout,
			func(s *settings) *time.Duration { return &s.sources.spine.timeout }),
	}
}

// asid matches an accredited system ID.
var asid = regexp.MustCompile(`^[0-9]{12}$`)

// checkSpine rejects settings of Spine that are missing or invalid, or that have no effect.
func (s *settings) checkSpine() error {
	const source = "alerts.source"
	c, used := s.sources.spine, s.sources.alerts == sourceSpine
	for _, k := range []struct{ name, value string }{
		{"spine.mhs_url", c.url}, {"spine.from_asid", c.fromASID}, {"spine.to_asid", c.toASID},
	} {
		switch {
		case used && k.value == "":
			return s.Reject(source, "this source requires "+k.name, "set "+k.name)
		case !used && k.value != "":
			return s.Reject(k.name, source+" does not use it", "set "+source)
		case used && k.name != "spine.mhs_url" && !asid.MatchString(k.value):
			return s.Reject(k.name, "it is not an ASID", "12 digits")
		}
	}
	if !used {
		return nil
	}
	return s.checkServiceURL("spine.mhs_url", c.url)
}

// spine returns Spine as a source of alerts. Errors are *config.Error.
func (p platform) spine() (*spine.Service, error) {
	c := p.settings.sources.spine
	var roots *x509.CertPool
	var err error
	if c.ca != "" {
		if roots, err = p.settings.pool("spine.ca_file", c.ca, p.look); err != nil {
			return nil, err
		}
	}
	p.observer.ExpectNational(national.Spine)
	return spine.New(national.New(national.Config{
		Service: national.Spine, BaseURL: c.url, HTTP: national.NewHTTP(roots), Timeout: c.timeout, Clock: time.Now,
		After: time.After, NewID: uuid.NewString, Log: p.log, Observer: p.observer,
	}), spine.Systems{From: c.fromASID, To: c.toASID}, time.Now), nil
}
