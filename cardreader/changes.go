package cardreader

// Changes compares two states of the readers and returns the events between them in the order for acting on them:
// removals, then ReadersChanged (if a reader was added or removed, or before is nil, at the first look), then
// insertions.
//
// A card that was removed and inserted again between the two looks is detected by the event counter. On systems
// without a counter a replaced card is detected by its answer to reset.
func Changes(before, after []Reader) []Event {
	var went, came []Event
	for _, now := range after {
		was := find(before, now.Name)
		if was.Present && (!now.Present || wasSwapped(was, now)) {
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

// wasSwapped reports whether the card was replaced. If the system counts events, the counter decides, because a card
// may have another ATR after a warm reset.
func wasSwapped(was, now Reader) bool {
	if was.Events != 0 || now.Events != 0 {
		return was.Events != now.Events
	}
	return len(was.ATR) > 0 && len(now.ATR) > 0 && string(was.ATR) != string(now.ATR)
}

// condition returns the kind of error that the state of a reader's card implies, or usable.
func condition(r Reader) Kind {
	switch {
	case !r.Present:
		return NoCard
	case r.Mute:
		return Mute
	case r.Exclusive:
		return InUse
	}
	return usable
}

// usable is the condition of a card that answers and is not in use. It is not the kind of any error.
const usable Kind = -1

func arrival(r Reader) Event {
	if c := condition(r); c != usable {
		return Event{Kind: CardUnreadable, Reader: r.Name, Err: &Error{Kind: c}}
	}
	return Event{Kind: CardInserted, Reader: r.Name, ATR: r.ATR}
}
