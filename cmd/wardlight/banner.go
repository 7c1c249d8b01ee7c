package main

import (
	"fmt"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// banner returns the text that identifies a patient: name, birth date, gender and NHS number on one line, then further
// facts.
func banner(p client.Patient, now time.Time) string {
	var b strings.Builder
	born := p.Born.String()
	if age := nhs.Age(p.Born, now); age != "" && p.Died.IsZero() {
		born += " (" + age + ")"
	}

	fmt.Fprintf(&b, "%s   Born %s   Gender %s   NHS No. %s\n", p.DisplayName(), born, p.Gender.Display(), p.Number)
	if c := p.Caution(); c != "" {
		fmt.Fprintf(&b, "  %s\n", c)
	}

	if !p.Died.IsZero() {
		fmt.Fprintf(&b, "  Died %s\n", p.Died)
	}

	if p.AskedFor != "" {
		fmt.Fprintf(&b, "  The number asked for, %s, was superseded by this one.\n", p.AskedFor)
	}

	switch {
	case p.Restricted:
		b.WriteString("  Restricted: address, phone and practice are withheld.\n")
	case len(p.Address) > 0:
		fmt.Fprintf(&b, "  Usual address %s\n", strings.Join(p.Address, ", "))
	}

	if p.Phone != "" {
		fmt.Fprintf(&b, "  Phone %s\n", p.Phone)
	}

	return b.String()
}
