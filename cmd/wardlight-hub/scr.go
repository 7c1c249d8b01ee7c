package main

import (
	"regexp"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/scr"
)

// summarySettings configure the source of Summary Care Records.
type summarySettings struct {
	source string
	api    platformAPI
	asid   string // the hub's accredited system ID, in alerts
}

// summaryKeys returns the settings of the source of summaries.
func summaryKeys() []key {
	keys := []key{word("summary.source", "", "where the hub finds Summary Care Records", func(s *settings) *string {
		return &s.sources.summary.source
	}, sourceBook, sourceSCR)}
	keys = append(keys, platformKeys("scr", "Summary Care Record", func(s *settings) *platformAPI {
		return &s.sources.summary.api
	})...)
	return append(keys, text("scr.asid", "", "", "the hub's accredited system ID (ASID), which privacy alerts name",
		func(s *settings) *string { return &s.sources.summary.asid }))
}

// asidForm matches an accredited system ID.
var asidForm = regexp.MustCompile(`^[0-9]{12}$`)

// checkSummary rejects settings of Summary Care Record that are missing, or that have no effect. Only access for a
// person can send alerts, which name the hub's system.
func (s *settings) checkSummary() error {
	c, used := s.sources.summary, s.sources.summary.source == sourceSCR
	if err := s.checkPlatform("scr", "summary.source", used, c.api); err != nil {
		return err
	}
	switch {
	case used && c.api.access == accessUser && c.asid == "":
		return s.Reject(
			"summary.source",
			"access for a person sends privacy alerts, and requires scr.asid",
			"set scr.asid",
		)
	case !used && c.asid != "":
		return s.Reject("scr.asid", "summary.source does not use it", "set summary.source")
	case c.asid != "" && !asidForm.MatchString(c.asid):
		return s.Reject("scr.asid", "it is not an accredited system ID", "12 digits")
	}
	return nil
}

// useSummaries makes the Summary Care Record API the source of summaries. The API accepts alerts only with access for a
// person. Errors are *config.Error.
func (p platform) useSummaries(c *hub.Config) error {
	s := p.settings.sources.summary
	s.api.maxBody = scr.MaxBody
	client, err := p.client("scr", national.SummaryCareRecord, s.api)
	if err != nil {
		return err
	}
	source := scr.New(scr.Config{Client: client, ASID: s.asid, Clock: time.Now, NewID: uuid.NewString})
	c.Summaries = source
	if s.api.access == accessUser {
		c.SendAlert = source.Send
	}
	return nil
}
