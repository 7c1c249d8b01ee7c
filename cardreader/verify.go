package cardreader

import "errors"

// TryMayBeGone returns err of a passcode that was on its way to the card when it failed: nobody knows whether the card has
// counted a try, and the user is told so.
func TryMayBeGone(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Detail = e.Sentence() + " A passcode try may have been used."
	return &told
}

// ReadBy notes on err the driver that read the card as far as it came.
func ReadBy(driver string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Driver == "" {
		e.Driver = driver
	}
	return err
}

// DriverOf returns the driver that read the card of which err is; "" where none did.
func DriverOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Driver
	}
	return ""
}
