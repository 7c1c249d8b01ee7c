package cardreader

// Changes compares two looks at the readers and says what happened between, in the order to act on: first what went,
// then the readers there are (when one came or went, or before is nil: the first look), then what came.
//
// A card that was pulled and put back between the looks is noticed by the event counter, one that was swapped on a
// system without a counter by its answer to reset.
func Changes(before, after []Reader) []Event {
	var went, came []Event
	for _, now := range after {
		was := find(before, now.Name)
		if was.Present && (!now.Present || swapped(was, now)) {
			went = append(went, Event{Kind: CardRemoved, Reader: now.Name})
			was = Reader{}
		}
		if now.Present && condition(was) != condition(now) {
			came = append(came, arrival(now))
		}
	}
	changed := before == nil || len(before) != len(after)
	for _, now := range after {
		changed = changed || find(before, now.Name).Name == ""
	}
	for _, was := range before {
		if find(after, was.Name).Name != "" {
			continue
		}
		changed = true
		if was.Present {
			went = append(went, Event{Kind: CardRemoved, Reader: was.Name})
		}
	}
	if changed {
		went = append(went, Event{Kind: ReadersChanged, Readers: after})
	}
	return append(went, came...)
}

func find(readers []Reader, name string) Reader {
	for _, r := range readers {
		if r.Name == name {
			return r
		}
	}
	return Reader{}
}

// swapped: where events are counted the counter decides, since a card may answer a warm reset with another ATR.
func swapped(was, now Reader) bool {
	if was.Events != 0 || now.Events != 0 {
		return was.Events != now.Events
	}
	return len(was.ATR) > 0 && len(now.ATR) > 0 && string(was.ATR) != string(now.ATR)
}

// condition returns what a user would notice of a reader's card.
func condition(r Reader) Kind {
	switch {
	case !r.Present:
		return NoCard
	case r.Mute:
		return Mute
	case r.Taken:
		return InUse
	}
	return usable
}

// usable is the condition of a card that answers and is free. It is no error's kind.
const usable Kind = -1

func arrival(r Reader) Event {
	if c := condition(r); c != usable {
		return Event{Kind: CardUnreadable, Reader: r.Name, Err: &Error{Kind: c}}
	}
	return Event{Kind: CardInserted, Reader: r.Name, ATR: r.ATR}
}
