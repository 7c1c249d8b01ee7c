package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/doctor"
	"wardlight/internal/checklist"
	"wardlight/internal/version"
)

func newDoctor() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that the hub needs, and report what to fix",
		Long: `Check everything that the hub needs: settings, clock, files and their modes, expiry of certificates, databases, audit,
checkpoints, whether each authority's system answers, outbox, last backup. The hub may be running. Each row has the result,
what to do, and a code (docs/operating.md). Run it as the user that the hub runs as.

It changes nothing. Each authority's system receives one HEAD request, which contains no data.

Exit codes: 0 if no check failed (there may be warnings); 1 if a check failed; 2 if the settings are invalid.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err == nil {
				err = s.checkCards()
			}
			f := doctor.Facts{At: time.Now(), Settings: err}
			if err == nil {
				s.examine(c.Context(), &f)
			}
			return showDoctor(c.OutOrStdout(), f, asJSON)
		},
	}

	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// doctorDocument is the JSON document wardlight.hub-doctor/1.
type doctorDocument struct {
	Schema       string              `json:"schema"`
	At           string              `json:"at"`
	Version      string              `json:"version"`
	Worst        string              `json:"worst"` // pass, warning or fail
	ExitCode     int                 `json:"exit_code"`
	Checks       []checklist.JSONRow `json:"checks"`
	Certificates []certificatePart   `json:"certificates"`
	Authorities  []authorityPart     `json:"authorities"`
}

// certificatePart is a certificate that is in use.
type certificatePart struct {
	Setting string `json:"setting"`
	Subject string `json:"subject"`
	Serial  string `json:"serial"`
	Ends    string `json:"ends"`
}

// authorityPart is an authority and whether it can be notified.
type authorityPart struct {
	Code        string `json:"code"`
	Ready       bool   `json:"ready"` // can be notified with the settings
	Unreachable bool   `json:"away"`  // its system did not answer
	Why         string `json:"why"`   // reason; "" when it can be notified
}

// showDoctor prints the results. It returns an error if a check failed; for invalid settings it is the error of the
// settings.
func showDoctor(out io.Writer, f doctor.Facts, asJSON bool) error {
	rows := doctor.Judge(f)
	var failed error
	if problem := checklist.Problem(rows); problem != "" {
		failed = errors.New(problem)
	}

	if f.Settings != nil {
		failed = f.Settings
	}

	if !asJSON {
		for _, line := range checklist.Text(rows) {
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
		return failed
	}

	d := doctorDocument{
		Schema: "wardlight.hub-doctor/1", At: f.At.UTC().Format(time.RFC3339), Version: version.String(),
		Worst:  checklist.Worst(rows).Name(),
		Checks: checklist.Parts(rows), Certificates: []certificatePart{}, Authorities: []authorityPart{},
	}

	switch {
	case f.Settings != nil:
		d.ExitCode = exitSettings
	case failed != nil:
		d.ExitCode = exitFailed
	}

	for _, c := range f.Certificates {
		if c.Err == nil {
			d.Certificates = append(d.Certificates, certificatePart{
				c.Setting, c.Subject.String(), c.SerialNumber.Text(16), c.NotAfter.UTC().Format(time.RFC3339),
			})
		}
	}

	for _, a := range f.Authorities {
		part := authorityPart{Code: a.Code, Ready: a.Unready == nil, Unreachable: a.Away != nil}
		if why := errors.Join(a.Unready, a.Away); why != nil {
			part.Why = why.Error()
		}
		d.Authorities = append(d.Authorities, part)
	}

	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return errors.Join(e.Encode(d), failed)
}

// errFound stops reading the audit at the wanted record.
var errFound = errors.New("found")
