package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// TestStaffCards revokes a lost card with the command that staff cards prints, and lifts the revocation.
func TestStaffCards(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "uuid", &lockedLog{})
		card := w.nhs.issue(t, staffUUID, 0x1a2b)
		if out, err := command(t, "staff", "cards", staffUUID); err != nil ||
			!strings.Contains(out, "No sign-in of this person") {
			t.Errorf("staff cards before a sign-in: got %q, error %v", out, err)
		}

		if refused := w.signIn(t, card); refused != "" {
			t.Fatal(refused)
		}

		out, err := command(t, "staff", "cards", staffUUID)
		revoke := regexp.MustCompile(`(?m)^  wardlight-hub (revoke --serial 1a2b) --issuer '(CN=NHS Sub CA,O=Test)'$`).
			FindStringSubmatch(out)
		if err != nil || revoke == nil {
			t.Fatalf("staff cards: got %q, error %v, want the revoke command of the card", out, err)
		}

		if out, err := command(t, append(strings.Fields(revoke[1]), "--issuer", revoke[2], "--reason",
			"lost")...); err != nil {
			t.Fatalf("revoke: %v: %s", err, out)
		}

		if refused := w.signIn(t, card); refused == "" {
			t.Errorf("sign-in with the revoked card succeeded, want a refusal")
		}

		if out, err := command(t, "staff", "cards", staffUUID); err != nil || !strings.Contains(out, "it is revoked") ||
			!strings.Contains(out, "--lift") {
			t.Errorf("staff cards after the revocation: got %q, error %v", out, err)
		}

		if out, err := command(t, "staff", "cards", "999000000999"); err == nil {
			t.Errorf("staff cards of an unknown person succeeded: %q", out)
		}
	})
}

// TestRevoke_LiftByASerialAlone lifts the revocation of a certificate that was revoked with its file.
func TestRevoke_LiftByASerialAlone(t *testing.T) {
	t.Setenv("WARDLIGHT_SERVER_HUB_DATA_FOLDER", emptyLedger(t))
	if out, err := command(t, "revoke", "--certificate", file(t, newCardCA(t, "NHS Sub CA").issue(t, staffUUID, 0x1a2b),
		true)); err != nil {
		t.Fatalf("revoke --certificate: %v: %s", err, out)
	}
	_, err := command(t, "revoke", "--serial", "1A2B", "--lift")
	const line = `--serial 1a2b --issuer "CN=NHS Sub CA,O=Test" --lift`
	if err == nil || !strings.Contains(err.Error(), line) {
		t.Fatalf("revoke --lift by serial: got error %v, want the revoked certificate: %s", err, line)
	}
	if out, err := command(t, "revoke", "--serial", "1a2b", "--issuer", "CN=NHS Sub CA,O=Test", "--lift"); err != nil {
		t.Errorf("revoke --lift by serial and issuer: %v: %s", err, out)
	}
	if _, err := command(t, "revoke", "--serial", "1A2B", "--lift"); err == nil ||
		!strings.HasSuffix(err.Error(), "is not on the list") {
		t.Errorf("revoke --lift of a certificate that is not revoked: got error %v", err)
	}
}

func TestAuthority_WebhookSecret(t *testing.T) {
	line, _, err := runCommand(t, "authority", "webhook-secret", "V999")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := notify.ReadSecrets(strings.NewReader("version 2\n" + line))
	if err != nil || len(secrets.For("V999")) != 1 || len(secrets.For("V999")[0]) != 32 {
		t.Errorf("ReadSecrets of the printed line %q: error %v, or not one secret of 32 bytes", line, err)
	}
	if again, _, err := runCommand(t, "authority", "webhook-secret", "V999"); err != nil || again == line {
		t.Errorf("second webhook-secret: got %q, error %v, want a different secret", again, err)
	}
	if _, _, err := runCommand(t, "authority", "webhook-secret", "V9 99"); err == nil {
		t.Error("webhook-secret with a malformed code succeeded, want an error")
	}
}

func TestBackup_WhereItCannotGo(t *testing.T) {
	data, to := emptyLedger(t), t.TempDir()
	if err := os.Mkdir(filepath.Join(to, "cut.partial"), 0o700); err != nil {
		t.Fatal(err)
	}
	for dest, want := range map[string]string{
		filepath.Join(to, "absent", "b"): "the folder " + filepath.Join(to, "absent") +
			", in which the backup is made, does not exist",
		filepath.Join(to, "cut"): filepath.Join(to, "cut.partial") + " already exists: another backup to this " +
			"folder is running, or one was interrupted",
	} {
		if _, _, err := runCommand(t, "backup", dest, "--data", data); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("backup %s: got error %v, want %q in it", dest, err, want)
		}
	}
}

func TestAuditVerify_Empty(t *testing.T) {
	out, _, err := runCommand(t, "audit", "verify", "--data", emptyLedger(t))
	if want := "The audit has no records: none were written, or all were deleted.\n"; err != nil ||
		!strings.HasPrefix(out, want) || strings.Contains(out, "hash") {
		t.Errorf("audit verify of an empty ledger: got %q, error %v, want %q", out, err, want)
	}
}

// TestImport_TheExamplesOfTheHandbook imports the example lines of docs/operating.md.
func TestImport_TheExamplesOfTheHandbook(t *testing.T) {
	text := readFile(t, "../../docs/operating.md")
	var lines []string
	for _, line := range regexp.MustCompile(`(?m)^\s*(\{"resourceType".*\})$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, line[1])
	}

	if len(lines) < 4 {
		t.Fatalf("example lines in the handbook: got %d, want at least 4", len(lines))
	}

	w := &hubProcess{folder: emptyLedger(t)}
	if _, _, err := runCommand(t, "authority", "add", "V999", "--data", w.folder, "--name",
		"EXAMPLESHIRE COUNCIL"); err != nil {
		t.Fatal(err)
	}

	if _, besides, err := runCommand(t, "import", "--data", w.folder,
		writeTemp(t, strings.Join(lines, "\n")+"\n")); err != nil {
		t.Fatalf("import of the examples: %v: %s", err, besides)
	}

	s := w.ledger(t)
	defer s.Close() //nolint:errcheck // it was only read
	plans, err := s.PlansOf(t.Context(), "V999")
	kinds := make(map[store.PlanKind]nhs.Number)
	for _, p := range plans {
		kinds[p.Kind] = p.Number
	}

	for _, kind := range []store.PlanKind{store.ChildProtection, store.LookedAfter, store.UnbornChild} {
		if err != nil || kinds[kind] == "" {
			t.Errorf("no example of a plan of kind %s, error %v", kind, err)
		}
	}

	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("example is not valid JSON: %s", line)
		}
	}
}
