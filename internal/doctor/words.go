package doctor

import (
	"cmp"
	"slices"

	"wardlight/internal/fault"
)

// A word is an entry of table. Card and hub errors have texts of their own.
type entry int

const (
	serviceRuns entry = iota
	serviceBeingAsked
	readersFound
	readersNotReached
	cardAnswers
	cardsSeveral
	cardBeingRead
	cardNotReached
	driverFits
	driverNotReached
	certificateGood
	certificateEndsSoon
	certificateOfOthers
	certificateNoCA
	certificateAltered
	certificateCADates
	certificateRefused
	certificateNotReached
	triesLeft
	triesOne
	triesNotSaid
	triesFewer
	triesNotReached
	clockAgrees
	clockOff
	clockUnknown
	clockNotReached
	hubAnswers
	hubNotSet
	hubSettingsWrong
	hubNameUnknown
	hubBeingAsked
	hubNotAsked
	tlsGood
	tlsEndsSoon
	tlsNone
	tlsNotReached
	signInWorks
	signInNotAsked
	signInNotReached
	rolesGood
	rolesNotReached
	unknown
)

const (
	nothing = "Nothing to do."
	earlier = "Mend the failed line that it waits for."
	later   = "Wait a moment."
)

// table contains the texts of the checks. The first digit of a code is that of the check; the second is the result: 0
// is passed, 9 is not reached.
var table = fault.Table[entry]{
	serviceRuns:       fault.Row("The smartcard service is running.", nothing, "D00", ""),
	serviceBeingAsked: fault.Row("The smartcard service is being asked.", later, "D08", ""),
	readersFound:      fault.Row("There is a smartcard reader.", nothing, "D10", ""),
	readersNotReached: fault.Row("The readers were not checked.", earlier, "D19", ""),
	cardAnswers:       fault.Row("A card answers.", nothing, "D20", ""),
	cardsSeveral: fault.Row("Several cards can sign in; one of them was looked at.",
		"Leave in only the card that is meant, or name its reader with --reader.", "D21", ""),
	cardBeingRead:    fault.Row("The card is being read.", later, "D28", ""),
	cardNotReached:   fault.Row("The card was not checked.", earlier, "D29", ""),
	driverFits:       fault.Row("A driver reads this card.", nothing, "D30", ""),
	driverNotReached: fault.Row("The driver was not checked.", earlier, "D39", ""),
	certificateGood:  fault.Row("The certificate is in order.", nothing, "D40", ""),
	certificateEndsSoon: fault.Row("The certificate ends soon.",
		"Renew it with your Registration Authority before it ends.", "D41", ""),
	certificateOfOthers: fault.Row("The certificate is not of the CA in card.ca_file.", "Use your NHS smartcard; "+
		"if this is one, ask support to check card.ca_file.", "D42", ""),
	certificateNoCA: fault.Row("The file in card.ca_file cannot be used.", "Ask support to put the setting "+
		"right: it names a file with CA certificates, in PEM.", "D43", ""),
	certificateAltered: fault.Row("The signature on the certificate is not that of the CA in card.ca_file.",
		"Do not go on with this card: ask your Registration Authority for a new one, and tell support the code.", "D44",
		""),
	certificateCADates: fault.Row("The certificate of the CA in card.ca_file has ended, or is not valid yet.",
		"Check this computer's date first; then ask support to put the CA's new certificate into card.ca_file.", "D45",
		""),
	certificateRefused: fault.Row("The certificate cannot be accepted by the CA in card.ca_file.",
		"Tell support the code.", "D46", ""),
	certificateNotReached: fault.Row("The certificate was not checked.", earlier, "D49", ""),
	triesLeft:             fault.Row("There are passcode tries left.", nothing, "D50", ""),
	triesOne: fault.Row("1 try left; after that the card locks.", "If you are not sure of your "+
		"passcode, stop and use the self-service unlock page or your Registration Authority.", "D51", ""),
	triesNotSaid: fault.Row("The card does not say how many tries are left.",
		"Take the card out and put it back, if another program has used it.", "D52", ""),
	triesFewer: fault.Row("Wrong passcodes were typed, and the card does not say how many tries are left.",
		"If you are not sure of your passcode, stop and use the self-service unlock page or your Registration "+
			"Authority.", "D53", ""),
	triesNotReached: fault.Row("The passcode tries were not checked.", earlier, "D59", ""),
	clockAgrees:     fault.Row("This computer's clock agrees with the hub's.", nothing, "D60", ""),
	clockOff: fault.Row("This computer's clock and the hub's differ by more than 30 seconds.",
		"Ask support to set it; from 2 minutes on the hub refuses sign-ins.", "D61", ""),
	clockUnknown: fault.Row("The hub did not say what time it is.", "Look at this computer's clock yourself.",
		"D62", ""),
	clockNotReached: fault.Row("The clock was not checked.", earlier, "D69", ""),
	hubAnswers:      fault.Row("The hub answers.", nothing, "D70", ""),
	hubNotSet: fault.Row("No hub is set.", "Set url in the table [hub] of the settings, WARDLIGHT_HUB_URL, "+
		"or --hub; 'wardlight config' shows what is set.", "D71", ""),
	hubSettingsWrong: fault.Row("The settings are wrong.", "Put the setting right; 'wardlight config' shows where "+
		"each comes from.", "D72", ""),
	hubNameUnknown: fault.Row("The hub's name is not known to this network.", "Check the network cable or the "+
		"VPN, then hub.url; tell support the code.", "D73", ""),
	hubBeingAsked: fault.Row("The hub is being asked.", later, "D78", ""),
	hubNotAsked:   fault.Row("The hub was not asked.", "Run 'wardlight doctor'.", "D79", ""),
	tlsGood:       fault.Row("The hub has proved that it is the hub.", nothing, "D75", ""),
	tlsEndsSoon:   fault.Row("The hub's certificate ends soon.", "Tell those who run the hub.", "D76", ""),
	tlsNone: fault.Row("There is no TLS: the hub is on this computer.",
		"Nothing to do on a test bench; anywhere else tell support the code.", "D77", ""),
	tlsNotReached: fault.Row("The hub's TLS was not checked.", earlier, "D74", ""),
	signInWorks:   fault.Row("The sign-in works.", nothing, "D80", ""),
	signInNotAsked: fault.Row("The sign-in was not tried: it needs the passcode.",
		"Run 'wardlight doctor --sign-in', or sign in on the screens.", "D81", ""),
	signInNotReached: fault.Row("The sign-in was not tried.", earlier, "D89", ""),
	rolesGood:        fault.Row("A role can find a patient, see the lamp and open.", nothing, "D90", ""),
	rolesNotReached: fault.Row("The roles were not checked: the hub tells them at sign-in.",
		"Run 'wardlight doctor --sign-in', or sign in on the screens.", "D99", ""),
	unknown: fault.Row("Something went wrong in the program.", "Try again; if it goes on, tell support the code.",
		"D98", ""),
}

// A Word is an entry of the doctor's table of codes.
type Entry struct{ words fault.Words }

// Sentence returns the default sentence for the user.
func (w Entry) Sentence() string { return w.words.Sentence }

// Advice returns what the user can do.
func (w Entry) Advice() string { return w.words.Advice }

// Code returns the support code.
func (w Entry) Code() string { return w.words.Code }

// Entries returns the table in the order of its codes, for the runbook and for tests.
func Entries() []Entry {
	all := make([]Entry, 0, len(table))
	for _, w := range table {
		all = append(all, Entry{w})
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.words.Code, b.words.Code) })
	return all
}
