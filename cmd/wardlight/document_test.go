package main

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestErrorOf_TriesLeft(t *testing.T) {
	for tries, want := range map[int]string{2: `"tries_left":2`, 0: `"tries_left":0`, -1: `"tries_left":null`} {
		b, err := json.Marshal(errorOf(&cardreader.Error{Kind: cardreader.WrongPasscode, Tries: tries}))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("document of %d tries left: got %s, %v, want %s", tries, b, err, want)
		}
	}
	if b, err := json.Marshal(errorOf(&cardreader.Error{Kind: cardreader.NoCard})); err != nil ||
		strings.Contains(string(b), "tries_left") {
		t.Errorf("document of a missing card: got %s, %v, want no tries_left", b, err)
	}
}
