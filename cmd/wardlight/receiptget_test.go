package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"wardlight/client/hubtest"
)

// publicKey returns a file with the key of the hub's log.
func publicKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "audit.key.pub")
	if err := os.WriteFile(file, []byte(hubtest.ReceiptKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// checkReceipt verifies a receipt with the command, and checks that only its owner can read it.
func (b *fixture) checkReceipt(t *testing.T, file, requestID string) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: got %v, error %v; want mode 0600", file, info, err)
	}
	checkMembers(t, b.json(t, exitDone, "receipt", "verify", file, "--key", publicKey(t)), map[string]any{
		"log": "hub.example/tree", "record.request_id": requestID, "record.patients.0": "9990000018",
	})
}

func TestReceiptGet(t *testing.T) {
	const id = "6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10"
	b := setUp(t)
	file := filepath.Join(t.TempDir(), "receipt.json")
	out := b.run(t, exitDone, "receipt", "get", id, "--out", file)
	checkContains(t, out, file+" has the receipt of audit record 1: open an alert, granted.\n")
	b.checkReceipt(t, file, id)

	another := filepath.Join(t.TempDir(), "receipt.json")
	checkMembers(t, b.json(t, exitDone, "receipt", "get", id, "--out", another), map[string]any{
		"schema": "wardlight.receipt_get/1", "file": another, "request_id": id, "record": 1.0, "outcome": "granted",
	})

	for _, args := range [][]string{
		{"receipt", "get", id},
		{"receipt", "get", id, "--out", file},
		{"receipt", "get", "--out", "x"},
		{"receipt", "get", "1", "--out", "x"},
		{"alert", "9990000018", "--receipt", file},
	} {
		b.run(t, exitUsage, args...)
	}
}

// TestAlert_Receipt saves the receipts of a check and of an opening, with the ids of these requests.
func TestAlert_Receipt(t *testing.T) {
	for route, args := range map[string][]string{hubtest.Flag: nil, hubtest.CareTeam: {"--open"}} {
		b := setUp(t)
		file := filepath.Join(t.TempDir(), "receipt.json")
		out := b.run(t, exitDone, append([]string{"alert", "9990000018", "--receipt", file}, args...)...)
		checkContains(t, out, "\n"+file+" has the receipt.\n")
		requests := b.hub.Requests(route)
		if len(requests) != 1 {
			t.Fatalf("%s: got %d requests, want 1", route, len(requests))
		}
		b.checkReceipt(t, file, requests[0].Header.Get("X-Request-ID"))
	}
}

// The answer of the check is shown although there is no receipt of it.
func TestAlert_ReceiptRefused(t *testing.T) {
	for code, want := range map[string]string{
		"RESOURCE_NOT_FOUND": "no_receipt", "UNSUPPORTED_SERVICE": "no_receipts",
	} {
		b := setUp(t)
		b.hub.Answer(hubtest.Receipt, func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, http.StatusNotFound, code, "")
		})
		file := filepath.Join(t.TempDir(), "receipt.json")
		checkMembers(t, b.json(t, exitFailed, "alert", "9990000018", "--receipt", file), map[string]any{
			"state": "alert", "error.kind": want,
		})
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: a file was written, want none", code)
		}
	}
}
