//go:build linux

package main

import (
	"encoding/json"
	"testing"

	"wardlight/internal/lab/people"
)

func TestSignIn_P384CardOverTheRealServiceAndHub(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w.insertAndSee("gp")
	read := func(args ...string) any {
		t.Helper()
		code, out, errs := w.command(append(args, "--json")...)
		var d any
		if err := json.Unmarshal([]byte(out), &d); code != exitDone || err != nil {
			t.Fatalf("%q: exit code %d, want %d, error %v: %s%s", args, code, exitDone, err, out, errs)
		}
		return d
	}
	checkMembers(t, read("card", "show"), map[string]any{"driver": "PIV", "key": "P-384", "error": nil})
	checkMembers(t, read("card", "test"), map[string]any{"key": "P-384", "passed": true, "tries_left": float64(3)})
	checkMembers(t, read("alert", people.OnPlan.Digits()), map[string]any{"state": "alert", "error": nil})
}
