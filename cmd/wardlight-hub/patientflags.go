package main

import (
	"fmt"
	"time"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/flags"
	"wardlight/hub/trace"
)

// usePatientFlags makes the Patient Flags API the source of alerts and of the other flags. Errors are *config.Error, or
// of the zone's data.
func (p platform) usePatientFlags(c *hub.Config) error {
	client, err := p.client("patient_flags", national.PatientFlags, p.settings.sources.patientFlags)
	if err != nil {
		return err
	}

	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}

	records := c.Records
	if records == nil {
		records = trace.NewLogging(c.Store, p.log)
	}
	source := flags.New(flags.Config{Client: client, Records: records, Clock: time.Now, UK: uk})
	c.Alerts, c.Flags = source, source
	return nil
}
