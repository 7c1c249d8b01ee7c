package client

import "slices"

// FlagKinds returns the known kinds in the order in which they are shown.
func FlagKinds() []FlagKind { return []FlagKind{ReasonableAdjustments, FGM} }

// Words returns the kind in words, such as "Reasonable adjustments".
func (k FlagKind) Words() string {
	switch k {
	case ReasonableAdjustments:
		return "Reasonable adjustments"
	case FGM:
		return "Female genital mutilation"
	default:
		return "Flag of another kind"
	}
}

// The words of flags.
const (
	// wordFlag is the word of state Alert of a flag. "ALERT" is for child protection only.
	wordFlag = "FLAG"
	flagName = "flag"

	wordsAdjustments   = "Ask what the patient needs."
	wordsNoAdjustments = "Ask all the same what the patient needs."
	wordsFGM           = "Use the local FGM procedure."
	wordsNoFGM         = "This does not prove that there is no risk."
	wordsOtherFlag     = "The meaning of this flag is not known here."
	wordsNotKnownFlag  = "Whether there is a flag is not known."
	wordsRestrictedOne = "Restricted: whether there is a flag is shown to nobody here."
)

// Words returns the state of the flag in the words used on every screen, printout and document.
func (l FlagLamp) Words() string {
	if l.State == Alert {
		return wordFlag
	}
	return l.State.String()
}

// Name returns the state's name in JSON documents: "flag", "none_recorded", "not_checked" or "could_not_check".
func (l FlagLamp) Name() string {
	if l.State == Alert {
		return flagName
	}
	return l.State.Name()
}

// Restricted reports whether the flag could not be checked because the record is restricted. That is not a failure, and
// asking again is useless.
func (l FlagLamp) Restricted() bool { return l.State == CouldNotCheck && KindOf(l.Err) == Sensitive }

// Means returns a sentence about the state: what to do about a flag, what "none recorded" does not prove, or why the
// flag was not checked. It is "" if the state says everything. It does not contain the reason of CouldNotCheck.
func (l FlagLamp) Means() string {
	switch {
	case l.Restricted():
		return wordsRestrictedOne
	case l.State == CouldNotCheck:
		return wordsNotKnownFlag
	case l.State == NotChecked:
		return l.Reason
	case l.Kind == ReasonableAdjustments && l.State == NoneRecorded:
		return wordsNoAdjustments
	case l.Kind == ReasonableAdjustments:
		return wordsAdjustments
	case l.Kind == FGM && l.State == NoneRecorded:
		return wordsNoFGM
	case l.Kind == FGM:
		return wordsFGM
	case l.State == Alert:
		return wordsOtherFlag
	}
	return ""
}

// supersedes reports whether l may replace known, an earlier lamp of the same flag, by the rule of [Lamp.Supersedes].
func (l FlagLamp) supersedes(known FlagLamp) bool {
	return Lamp{State: l.State, AsOf: l.AsOf}.Supersedes(Lamp{State: known.State, AsOf: known.AsOf})
}

// After returns what is known once l was received and known was shown before: for child protection and for each flag,
// the lamp that supersedes the other. The lamps do not affect each other.
func (l Lamp) After(known Lamp) Lamp {
	flags := l.flagsAfter(known.Flags)
	if !l.Supersedes(known) {
		l = known
	}
	l.Flags = flags
	return l
}

// flagsAfter returns the flags of l, each replaced by the one in known that it does not supersede. If the whole
// request failed, the known flags become could not check too, except those that are present.
func (l Lamp) flagsAfter(known []FlagLamp) []FlagLamp {
	flags := slices.Clone(l.Flags)
	if l.State == CouldNotCheck && len(l.Flags) == 0 {
		for _, f := range known {
			flags = append(flags, FlagLamp{Kind: f.Kind, State: CouldNotCheck, Err: l.Err})
		}
	}

	for i, f := range flags {
		at := slices.IndexFunc(known, func(k FlagLamp) bool { return k.Kind == f.Kind })
		if at >= 0 && !f.supersedes(known[at]) {
			flags[i] = known[at]
		}
	}

	return flags
}
