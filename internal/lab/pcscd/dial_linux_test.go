package pcscd_test

import (
	"os"
	"testing"

	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

func TestPluggingCardsInLeavesTheProcessInItsOwnNetwork(t *testing.T) {
	own := func() string {
		t.Helper()
		namespace, err := os.Readlink("/proc/self/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		return namespace
	}

	d := pcscdtest.Start(t, directory(t))
	before := own()
	for range 5 {
		card, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
		if err != nil {
			t.Fatal(err)
		}
		card.Pull()
		if now := own(); now != before {
			t.Fatalf("network namespace of the process changed from %s to %s", before, now)
		}
	}
}
