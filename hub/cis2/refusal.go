package cis2

// Reason classifies the errors of a sign-in by the provider.
type Reason int

// Reasons.
const (
	Unavailable Reason = iota // the provider can't be reached, or refuses the hub
	Refused                   // the provider refused the code
	Invalid                   // an answer or a token of the provider failed a check
	TooOld                    // the person's authentication is older than max_age
	TooWeak                   // the assurance level of the authentication or the identity is too low
)

// Error is the error of a sign-in by the provider. What is for the log. It quotes no token, code or answer.
type Error struct {
	Reason Reason
	What   string
}

// Error returns the details.
func (e *Error) Error() string { return e.What }

func failed(reason Reason, what string) error { return &Error{reason, what} }
