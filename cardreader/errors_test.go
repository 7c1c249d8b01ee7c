package cardreader_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestKinds_DistinctTexts(t *testing.T) {
	codes, sentences := map[string]bool{}, map[string]bool{}
	for kind := cardreader.Internal; kind <= cardreader.NotTyped; kind++ {
		e := &cardreader.Error{Kind: kind}
		if e.Sentence() == "" || e.Advice() == "" || !strings.HasSuffix(e.Sentence(), ".") {
			t.Errorf("kind %d: got sentence %q and advice %q, want both, the sentence with a full stop",
				kind, e.Sentence(), e.Advice())
		}
		if codes[e.Code()] || sentences[e.Sentence()] {
			t.Errorf("kind %d: sentence or code %s is that of another kind", kind, e.Code())
		}
		codes[e.Code()], sentences[e.Sentence()] = true, true
	}
}

func TestError_Texts(t *testing.T) {
	cause := errors.New("cause")
	e := &cardreader.Error{
		Kind: cardreader.WrongPasscode, Detail: "Passcode not correct. 2 tries left.", Hint: "Wait.",
		Tries: 2, SW: 0x63C2, PCSC: 0x80100069, Err: cause,
	}
	wrapped := fmt.Errorf("sign in: %w", e)
	if e.Error() != "Passcode not correct. 2 tries left. (C41-63C2-80100069)" || e.Advice() != "Wait." {
		t.Errorf("Error() = %q, Advice() = %q, want Detail with the code, and Hint", e.Error(), e.Advice())
	}
	if !errors.Is(wrapped, &cardreader.Error{Kind: cardreader.WrongPasscode}) ||
		errors.Is(wrapped, &cardreader.Error{Kind: cardreader.Locked}) {
		t.Error("errors.Is does not compare kinds")
	}
	if !errors.Is(wrapped, cause) || cardreader.KindOf(wrapped) != cardreader.WrongPasscode ||
		cardreader.KindOf(cause) != cardreader.Internal {
		t.Error("errors.Is or KindOf does not follow the chain")
	}
}
