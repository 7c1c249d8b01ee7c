package client

import (
	"cmp"
	"maps"
	"slices"
)

// Kinds lists every kind in the order of its support code: for the runbook, and for tests that leave none out.
func Kinds() []Kind {
	return slices.SortedFunc(maps.Keys(table), func(a, b Kind) int { return cmp.Compare(table[a].code, table[b].code) })
}

// kindNames are the kinds as documents have them: they do not change.
var kindNames = map[Kind]string{
	Unexpected: "unexpected", Unreachable: "unreachable", Untrusted: "untrusted", TimedOut: "timed_out", Cancelled: "cancelled",
	Rubbish: "rubbish", Busy: "busy", Failing: "failing", Intercepted: "intercepted", CertificateWanted: "certificate_wanted", BadRequest: "bad_request", NotFound: "not_found",
	Invalidated: "invalidated", Sensitive: "sensitive", SignedOut: "signed_out", NotAllowed: "not_allowed", NonceGone: "nonce_gone",
	SignInRefused: "sign_in_refused", ClockWrong: "clock_wrong", CertificateUntrusted: "certificate_untrusted",
	CertificateEnded: "certificate_ended", CertificateRevoked: "certificate_revoked", PersonUnknown: "person_unknown",
}

// String is the kind's name in documents for programs: "timed_out". It stays the same from version to version.
func (k Kind) String() string {
	if name, known := kindNames[k]; known {
		return name
	}
	return kindNames[Unexpected]
}

// stateNames are the states as documents have them.
var stateNames = map[State]string{
	NotChecked: "not_checked", CouldNotCheck: "could_not_check", NoneRecorded: "none_recorded", Alert: "alert",
}

// Name is the state's name in documents for programs: "none_recorded".
func (s State) Name() string {
	if name, known := stateNames[s]; known {
		return name
	}
	return stateNames[NotChecked]
}
