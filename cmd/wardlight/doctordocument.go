package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"

	"wardlight/internal/checklist"
	"wardlight/internal/doctor"
	"wardlight/internal/text"
	"wardlight/internal/version"
	"wardlight/rbac"
)

// doctorDocument is the JSON document wardlight.doctor/1.
type doctorDocument struct {
	Schema   string              `json:"schema"`
	At       *string             `json:"at"`
	Version  string              `json:"version"`
	Worst    string              `json:"worst"` // pass, warning or fail
	ExitCode int                 `json:"exit_code"`
	Checks   []checklist.JSONRow `json:"checks"`
	Readers  []readerPart        `json:"readers"`
	Card     *doctorCard         `json:"card"`  // null when there is no card
	Hub      *doctorHub          `json:"hub"`   // null when the hub was not called
	Roles    []roleCheck         `json:"roles"` // null without a sign-in
	Bundle   string              `json:"bundle,omitempty"`
}

// doctorCard is the examined card.
type doctorCard struct {
	Reader  string  `json:"reader"`
	Driver  string  `json:"driver"`
	ATR     string  `json:"atr"` // hex
	Serial  string  `json:"serial"`
	Subject string  `json:"certificate_subject"`
	UUID    string  `json:"uuid"`        // "" where the common name is not a UUID
	Name    string  `json:"common_name"` // common name of the certificate
	Issuer  string  `json:"issuer"`
	Begins  *string `json:"certificate_begins"`
	Ends    *string `json:"certificate_ends"`
	Key     string  `json:"key"`
	Tries   *int    `json:"tries_left"`
	Low     bool    `json:"tries_low"` // wrong passcodes were typed; the number of tries left is unknown
	certificatePart
}

// doctorHub describes the connection to the hub.
type doctorHub struct {
	Address   string   `json:"address"`
	Proxy     string   `json:"proxy"`
	Numbers   []string `json:"resolved_to"`
	Connected bool     `json:"connected"`
	TLS       string   `json:"tls"`
	Subject   string   `json:"certificate_subject"`
	Issuer    string   `json:"certificate_issuer"`
	Names     []string `json:"certificate_names"`
	Ends      *string  `json:"certificate_ends"`
	Answered  bool     `json:"answered"`
	Skew      *float64 `json:"clock_ahead_seconds"` // relative to the hub's clock; null when the hub sent no time
	Took      float64  `json:"took_seconds"`
}

func documentOf(f *examined) doctorDocument {
	rows := doctor.Rows(f.lines)
	d := doctorDocument{
		Schema: "wardlight.doctor/1", At: instant(f.facts.At), Version: version.String(),
		Worst:  checklist.Worst(rows).Name(),
		Checks: checklist.Parts(rows), Readers: partsOfReaders(f.facts.Readers.List), Card: cardOf(f.facts),
		Hub: hubOf(f.facts.Hub),
	}
	if first, failed := doctor.FirstFailed(f.lines); failed {
		d.ExitCode = exitOf(first.Family)
	}
	if s := f.facts.SignIn; s.Done && s.Err == nil {
		d.Roles = []roleCheck{}
		for _, r := range s.In.Roles {
			d.Roles = append(d.Roles, checkOfRole(r, rbac.MainActions(r)))
		}
	}
	return d
}

func cardOf(f doctor.Facts) *doctorCard {
	if f.Readers.Used == "" {
		return nil
	}
	seen := f.Card.Seen
	c := &doctorCard{
		Reader: text.Clean(f.Readers.Used, 0), Driver: seen.Driver, ATR: strings.ToUpper(hex.EncodeToString(seen.ATR)),
		Serial: seen.Serial,
		UUID:   seen.UUID, Name: seen.Name, Issuer: seen.Issuer, Ends: instant(seen.NotAfter), Key: seen.KeyKind,
		Low:             seen.FewTries(),
		certificatePart: certificateOf(seen),
	}
	if seen.Certificate != nil {
		c.Subject, c.Begins = text.Clean(seen.Certificate.Subject.String(), 256), instant(seen.Certificate.NotBefore)
	}
	if seen.Tries >= 0 && seen.Driver != "" {
		c.Tries = &seen.Tries
	}
	return c
}

func hubOf(h doctor.HubFacts) *doctorHub {
	if !h.HasProbe {
		return nil
	}

	p := h.Probed
	out := &doctorHub{
		Address: text.Clean(p.Address, 0), Proxy: text.Clean(p.Proxy, 0), Numbers: orEmpty(p.Addresses),
		Connected: p.Connected,
		TLS:       p.TLS, Names: []string{}, Answered: p.Answered, Took: p.Took.Seconds(),
	}

	if c := p.Certificate; c != nil {
		out.Subject, out.Issuer, out.Ends = text.Clean(c.Subject.String(), 256), text.Clean(c.Issuer.String(), 256),
			instant(c.NotAfter)
		for _, name := range c.DNSNames {
			out.Names = append(out.Names, text.Clean(name, 256))
		}
		for _, number := range c.IPAddresses {
			out.Names = append(out.Names, number.String())
		}
	}

	if p.HasDate {
		ahead := p.Skew.Seconds()
		out.Skew = &ahead
	}

	return out
}

// checkOfRole returns a role with the decision for each action.
func checkOfRole(r rbac.RoleProfile, actions []rbac.Action) roleCheck {
	check := roleCheck{rolePart: partOfRole(r)}
	for _, action := range actions {
		decision := rbac.Decide(r, action)
		part := actionPart{
			Action: action.String(), Allowed: decision.Allowed, Missing: []string{},
			Jobs: append([]string{}, decision.MissingJobs...), Reason: decision.Reason(),
		}
		for _, c := range decision.Missing {
			part.Missing = append(part.Missing, string(c))
		}
		check.Actions = append(check.Actions, part)
	}
	return check
}

// systemDocument is the JSON document wardlight.system/1 of a support bundle.
type systemDocument struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	doctor.Machine
}

// write writes the contents of the bundle.
func (b *bundleFile) write(ctx context.Context, a *app, f *examined, d doctorDocument) error {
	if b == nil {
		return nil
	}

	settings := documentOfSettings(f.config)
	shown := []string{"WARDLIGHT_CONFIG"}
	for _, s := range f.config.Settings() {
		shown = append(shown, "WARDLIGHT_"+strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_")))
	}

	machine := systemDocument{"wardlight.system/1", version.String(), doctor.Inspect(ctx, a.environ)}
	d.Bundle = "" // the path may name a user
	files := []doctor.File{{Name: "README.txt", Content: []byte(doctor.ReadMe)}}
	for _, one := range []struct {
		name     string
		document any
	}{{"doctor.json", d}, {"settings.json", settings}, {"system.json", machine}} {
		content, err := json.MarshalIndent(one.document, "", "  ")
		if err != nil {
			return err
		}
		files = append(files, doctor.File{Name: one.name, Content: append(content, '\n')})
	}

	files = append(files, doctor.File{Name: "environment.txt", Content: doctor.Environment(a.environ, shown)},
		doctor.File{Name: "card.apdu.txt", Content: f.trace.Bytes()})
	if err := doctor.WriteBundle(b, f.facts.At, files); err != nil {
		return err
	}

	return b.Close()
}
