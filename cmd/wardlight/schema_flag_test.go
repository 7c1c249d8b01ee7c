//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/lab/record"
)

// TestSchema_OfFlags runs the commands that look after flags; bench.json validates what they print.
func TestSchema_OfFlags(t *testing.T) {
	b := setUp(t)
	r := b.recordSystem(t)
	b.setInput(recordToken + "\n")
	set := b.json(t, exitDone, "flag", "token", "--token-fd", "0")
	checkMembers(t, set, map[string]any{"schema": "wardlight.flag_token/1", "token": true, "name": "Example records"})

	b.leavePendingFlag(t, r)
	b.json(t, exitDone, "flag", "status")
	pending := b.json(t, exitDone, "flag", "pending", "--who")
	checkMembers(t, pending, map[string]any{"schema": "wardlight.flag_pending/1", "flags.0.nhs_number": "9990000018"})
	r.Fail(record.Down)
	checkMembers(t, b.json(t, exitRecord, "flag", "retry"), map[string]any{"schema": "wardlight.flag_retry/1"})
	id, _ := at(t, pending, "flags.0.id").(string)
	checkMembers(t, b.json(t, exitDone, "flag", "forget", id), map[string]any{
		"schema": "wardlight.flag_forget/1", "dropped": true, "set_aside": "",
	})

	checkMembers(t, b.json(t, exitDone, "flag", "forget", "--unreadable"),
		map[string]any{"dropped": false, "set_aside": ""})

	b.leavePendingFlag(t, r)
	files, err := filepath.Glob(filepath.Join(b.world.sealedFolder, "flags*.age"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got files %v and error %v, want one", files, err)
	}

	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}

	aside := b.json(t, exitDone, "flag", "forget", "--unreadable")
	if name, _ := at(t, aside, "set_aside").(string); name == "" {
		t.Errorf("got %v, want the new name of the file", aside)
	}

	checkMembers(t, b.json(t, exitDone, "flag", "token", "--remove"), map[string]any{"token": false})
}
