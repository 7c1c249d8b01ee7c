package demo

import (
	"fmt"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
)

// Site is the name of the demo's site, shown at the top of the screens.
const Site = "Example General Hospital, training"

// Hint returns the lines for the first screen: the passcode, patients to look for, and how to change the card.
func Hint() []string {
	return []string{
		fmt.Sprintf("Training: nobody here is real. The passcode is %s.", cards.Passcode),
		fmt.Sprintf("Try %s (a plan), %s (nothing), %s (two plans).", people.OnPlan, people.Nothing,
			people.TwoAuthorities),
		"From a second terminal: wardlight-lab demo eject, demo insert CARD.",
	}
}
