package cardreader

import "errors"

// PossiblyUsedTry returns the error for a passcode whose transmission failed with err. The card may have counted a try,
// which the message to the user says.
func PossiblyUsedTry(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Detail = e.Sentence() + " A passcode try may have been used."
	return &told
}

// WithDriver sets the driver that read the card as the Driver of the *Error in err.
func WithDriver(driver string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Driver == "" {
		e.Driver = driver
	}
	return err
}

// DriverOf returns the driver that read the card that err is about, or "" if none did.
func DriverOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Driver
	}
	return ""
}
