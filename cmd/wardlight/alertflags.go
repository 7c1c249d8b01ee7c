package main

import (
	"wardlight/client"
	"wardlight/internal/nhs"
)

// flagPart is a flag other than child protection. State is flag, none_recorded, not_checked or could_not_check.
type flagPart struct {
	Kind      string     `json:"kind"` // code of England-FlagCategoryPatient
	KindWords string     `json:"kind_words"`
	State     string     `json:"state"`
	AsOf      *string    `json:"as_of"`   // time of the hub; null unless the hub answered
	Reason    string     `json:"reason"`  // why it was not checked; "" in other states
	Details   []string   `json:"details"` // what the role may see of a flag
	Error     *errorPart `json:"error"`   // why it could not be checked; null in other states
}

// partsOfFlags returns the flags of a lamp.
func partsOfFlags(all []client.FlagLamp) []flagPart {
	parts := []flagPart{}
	for _, f := range all {
		part := flagPart{
			Kind: string(f.Kind), KindWords: f.Kind.Words(), State: f.Name(), AsOf: instant(f.AsOf), Reason: f.Reason,
			Details: append([]string{}, f.Details...),
		}
		if f.State == client.CouldNotCheck {
			why := errorOf(f.Err)
			part.Error = &why
		}
		parts = append(parts, part)
	}
	return parts
}

// showFlags writes the flags other than child protection as text.
func (a *app) showFlags(w *lines, all []client.FlagLamp) {
	for _, f := range all {
		words := f.Words()
		if !f.AsOf.IsZero() {
			words += ", as of " + nhs.Instant(f.AsOf, a.zone())
		}
		w.text("")
		w.text("%s   %s", f.Kind.Words(), words)
		if means := f.Means(); means != "" {
			w.text("  %s", means)
		}
		if f.State == client.CouldNotCheck && !f.Restricted() {
			why := errorOf(f.Err)
			w.text("  %s (%s)", why.Sentence, why.Code)
		}
		for _, d := range f.Details {
			w.text("  - %s", d)
		}
	}
}
