package doctor

import (
	"cmp"
	"slices"
)

// word is what a check has to say that neither cards nor hub have words for.
type word int

const (
	serviceRuns word = iota
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
	certificateNotReached
	triesLeft
	triesOne
	triesNotSaid
	triesFewer
	triesNotReached
	clockAgrees
	clockOff
	clockNotTold
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

// words is what a word says to the user, what to do, and the code to read out to support.
type words struct{ code, sentence, advice string }

const (
	nothing = "Nothing to do."
	earlier = "Mend the failed line that it waits for."
	later   = "Wait a moment."
)

// table is the one place for the words that are the doctor's own. The first digit of a code is the check's, the
// second says what came of it: 0 passed, 9 not reached.
var table = map[word]words{
	serviceRuns:           {"D00", "The smartcard service is running.", nothing},
	serviceBeingAsked:     {"D08", "The smartcard service is being asked.", later},
	readersFound:          {"D10", "There is a smartcard reader.", nothing},
	readersNotReached:     {"D19", "The readers were not checked.", earlier},
	cardAnswers:           {"D20", "A card answers.", nothing},
	cardsSeveral:          {"D21", "Several readers hold a card; one of the cards was looked at.", "Leave in only the card that is meant, or name its reader with --reader."},
	cardBeingRead:         {"D28", "The card is being read.", later},
	cardNotReached:        {"D29", "The card was not checked.", earlier},
	driverFits:            {"D30", "A driver reads this card.", nothing},
	driverNotReached:      {"D39", "The driver was not checked.", earlier},
	certificateGood:       {"D40", "The certificate is in order.", nothing},
	certificateEndsSoon:   {"D41", "The certificate ends soon.", "Renew it with your Registration Authority before it ends."},
	certificateOfOthers:   {"D42", "The certificate is not of the CA in card.ca_file.", "Use your NHS smartcard; if this is one, ask support to check card.ca_file."},
	certificateNoCA:       {"D43", "The file in card.ca_file cannot be used.", "Ask support to put the setting right: it names a file with CA certificates, in PEM."},
	certificateNotReached: {"D49", "The certificate was not checked.", earlier},
	triesLeft:             {"D50", "There are passcode tries left.", nothing},
	triesOne:              {"D51", "1 try left; after that the card locks.", "If you are not sure of your passcode, stop and use the self-service unlock page or your Registration Authority."},
	triesNotSaid:          {"D52", "The card does not say how many tries are left.", "Take the card out and put it back, if another program has used it."},
	triesFewer:            {"D53", "Wrong passcodes were typed, and the card does not say how many tries are left.", "If you are not sure of your passcode, stop and use the self-service unlock page or your Registration Authority."},
	triesNotReached:       {"D59", "The passcode tries were not checked.", earlier},
	clockAgrees:           {"D60", "This computer's clock agrees with the hub's.", nothing},
	clockOff:              {"D61", "This computer's clock and the hub's differ by more than 30 seconds.", "Ask support to set it; from 2 minutes on the hub refuses sign-ins."},
	clockNotTold:          {"D62", "The hub did not say what time it is.", "Look at this computer's clock yourself."},
	clockNotReached:       {"D69", "The clock was not checked.", earlier},
	hubAnswers:            {"D70", "The hub answers.", nothing},
	hubNotSet:             {"D71", "No hub is set.", "Set url in the table [hub] of the settings, WARDLIGHT_HUB_URL, or --hub; 'wardlight config' shows what is set."},
	hubSettingsWrong:      {"D72", "The settings are wrong.", "Put the setting right; 'wardlight config' shows where each comes from."},
	hubNameUnknown:        {"D73", "The hub's name is not known to this network.", "Check the network cable or the VPN, then hub.url; tell support the code."},
	hubBeingAsked:         {"D78", "The hub is being asked.", later},
	hubNotAsked:           {"D79", "The hub was not asked.", "Run 'wardlight doctor'."},
	tlsGood:               {"D75", "The hub has proved that it is the hub.", nothing},
	tlsEndsSoon:           {"D76", "The hub's certificate ends soon.", "Tell those who run the hub."},
	tlsNone:               {"D77", "There is no TLS: the hub is on this computer.", "Nothing to do on a test bench; anywhere else tell support the code."},
	tlsNotReached:         {"D74", "The hub's TLS was not checked.", earlier},
	signInWorks:           {"D80", "The sign-in works.", nothing},
	signInNotAsked:        {"D81", "The sign-in was not tried: it needs the passcode.", "Run 'wardlight doctor --sign-in', or sign in on the screens."},
	signInNotReached:      {"D89", "The sign-in was not tried.", earlier},
	rolesGood:             {"D90", "A role can find a patient, see the lamp and open.", nothing},
	rolesNotReached:       {"D99", "The roles were not checked: the hub tells them at sign-in.", "Run 'wardlight doctor --sign-in', or sign in on the screens."},
	unknown:               {"D98", "Something went wrong in the program.", "Try again; if it goes on, tell support the code."},
}

// Word is an entry of the doctor's own table of codes.
type Word struct{ words }

// Sentence is what the user sees, where nothing more is known.
func (w Word) Sentence() string { return w.sentence }

// Advice is what to do.
func (w Word) Advice() string { return w.advice }

// Code is what support asks for.
func (w Word) Code() string { return w.code }

// Words lists the table in the order of its codes: for the runbook, and for tests that leave none out.
func Words() []Word {
	all := make([]Word, 0, len(table))
	for _, w := range table {
		all = append(all, Word{w})
	}
	slices.SortFunc(all, func(a, b Word) int { return cmp.Compare(a.code, b.code) })
	return all
}
