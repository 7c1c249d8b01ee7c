package cardreader_test

import (
	"errors"
	"testing"

	"wardlight/cardreader"
)

func TestForm_Check(t *testing.T) {
	vendor := cardreader.Form{Min: 4, Max: 15, Letters: true}
	for _, c := range []struct {
		form  cardreader.Form
		typed string
		fits  bool
	}{
		{cardreader.Form{}, "246813", true},
		{cardreader.Form{}, "24681357", true},
		{cardreader.Form{}, "24681", false},
		{cardreader.Form{}, "246813579", false},
		{cardreader.Form{}, "24681a", false},
		{vendor, "pass", true},
		{vendor, "P4ss-word!", true},
		{vendor, "abc", false},
		{vendor, "sixteen-letters!", false},
		{vendor, "pass word", false},
		{vendor, "", false},
		{cardreader.Form{Min: 0, Max: 255}, "", false},
		{cardreader.Form{Min: 0, Max: 255}, "1", true},
	} {
		err := c.form.Check(typed(c.typed))
		if (err == nil) != c.fits || err != nil && !errors.Is(err, &cardreader.Error{Kind: cardreader.PasscodeForm}) {
			t.Errorf("Check(%q) of %s: got error %v, want it accepted: %v", c.typed, c.form, err, c.fits)
		}
	}

	if err := vendor.Check(nil); err == nil || err.Error() != "A passcode has 4 to 15 letters, digits or signs. (C40)" {
		t.Errorf("Check(nil): got error %v, want kind PasscodeForm with the form", err)
	}

	if said := (cardreader.Form{Min: 6, Max: 6}).String(); said != "6 digits" {
		t.Error(said)
	}

	if table := (&cardreader.Error{Kind: cardreader.PasscodeForm}).Sentence(); table != "A passcode has "+
		(cardreader.Form{}).String()+"." {
		t.Errorf("sentence of PasscodeForm: got %q, want that of the default form", table)
	}
}
