package main

import "wardlight/cardreader"

// cardKinds are the kinds of card errors as documents have them: they do not change.
var cardKinds = map[cardreader.Kind]string{
	cardreader.Internal: "card_internal", cardreader.BuiltWithout: "card_built_without", cardreader.ServiceDown: "card_service_down",
	cardreader.ServiceRefused: "card_service_refused", cardreader.VersionMismatch: "card_version_mismatch",
	cardreader.NoReader: "no_reader", cardreader.NoCard: "no_card", cardreader.Mute: "card_mute",
	cardreader.UnknownCard: "card_unknown", cardreader.InUse: "card_in_use", cardreader.Busy: "card_busy",
	cardreader.Removed: "card_removed", cardreader.WasReset: "card_reset", cardreader.Unpowered: "card_unpowered",
	cardreader.NotResponding: "card_not_responding", cardreader.NotPIV: "card_not_piv",
	cardreader.PasscodeForm: "passcode_form", cardreader.WrongPasscode: "passcode_wrong", cardreader.Locked: "card_locked",
	cardreader.PasscodeNeeded: "passcode_needed", cardreader.NoCertificate: "card_no_certificate",
	cardreader.CertificateEnded: "card_certificate_ended", cardreader.CertificateNotYet: "card_certificate_not_yet",
	cardreader.KeyUnsupported: "card_key_unsupported",
}

// cardKind is the kind's name in documents.
func cardKind(k cardreader.Kind) string {
	if name, known := cardKinds[k]; known {
		return name
	}
	return cardKinds[cardreader.Internal]
}
