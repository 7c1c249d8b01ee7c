package demo

import (
	"fmt"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
)

// Site is where the demo takes place, as it stands at the top of the screens.
const Site = "Example General Hospital, training"

// Hint returns what a newcomer needs on the first screen: the passcode, whom to look for, how to change the card.
func Hint() []string {
	return []string{
		fmt.Sprintf("Training: nobody here is real. The passcode is %s.", cards.Passcode),
		fmt.Sprintf("Try %s (a plan), %s (nothing), %s (two plans).", people.OnPlan, people.Nothing, people.TwoAuthorities),
		"From a second terminal: wardlight-lab demo eject, demo insert CARD.",
	}
}
