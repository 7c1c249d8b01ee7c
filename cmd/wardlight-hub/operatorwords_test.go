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

// TestStaffCards revokes a lost card by what the hub shows of it, and lifts that again.
func TestStaffCards(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "uuid", &lockedLog{})
		card := w.nhs.issue(t, staffUUID, 0x1a2b)
		if out, err := command(t, "staff", "cards", staffUUID); err != nil || !strings.Contains(out, "No sign-in of this person") {
			t.Errorf("before a sign-in: %q, %v", out, err)
		}
		if refused := w.signIn(t, card); refused != "" {
			t.Fatal(refused)
		}
		out, err := command(t, "staff", "cards", staffUUID)
		revoke := regexp.MustCompile(`(?m)^  wardlight-hub (revoke --serial 1a2b) --issuer '(CN=NHS Sub CA,O=Test)'$`).FindStringSubmatch(out)
		if err != nil || revoke == nil {
			t.Fatalf("the card is not shown with the command that revokes it: %q, %v", out, err)
		}
		if out, err := command(t, append(strings.Fields(revoke[1]), "--issuer", revoke[2], "--reason", "lost")...); err != nil {
			t.Fatalf("%s, %v", out, err)
		}
		if refused := w.signIn(t, card); refused == "" {
			t.Errorf("the card signs in after it was revoked")
		}
		if out, err := command(t, "staff", "cards", staffUUID); err != nil || !strings.Contains(out, "it is revoked") || !strings.Contains(out, "--lift") {
			t.Errorf("after it was revoked: %q, %v", out, err)
		}
		if out, err := command(t, "staff", "cards", "999000000999"); err == nil {
			t.Errorf("cards of nobody: %q", out)
		}
	})
}

// TestRevoke_LiftByASerialAlone is about a certificate that was revoked by its file.
func TestRevoke_LiftByASerialAlone(t *testing.T) {
	t.Setenv("WARDLIGHT_SERVER_HUB_DATA_FOLDER", emptyBooks(t))
	if out, err := command(t, "revoke", "--certificate", file(t, newCardCA(t, "NHS Sub CA").issue(t, staffUUID, 0x1a2b), true)); err != nil {
		t.Fatalf("%s, %v", out, err)
	}
	_, err := command(t, "revoke", "--serial", "1A2B", "--lift")
	const line = `--serial 1a2b --issuer "CN=NHS Sub CA,O=Test" --lift`
	if err == nil || !strings.Contains(err.Error(), line) {
		t.Fatalf("got %v, want what is on the list: %s", err, line)
	}
	if out, err := command(t, "revoke", "--serial", "1a2b", "--issuer", "CN=NHS Sub CA,O=Test", "--lift"); err != nil {
		t.Errorf("%s, %v", out, err)
	}
	if _, err := command(t, "revoke", "--serial", "1A2B", "--lift"); err == nil || !strings.HasSuffix(err.Error(), "is not on the list") {
		t.Errorf("what is on no list: %v", err)
	}
}

func TestAuthority_WebhookSecret(t *testing.T) {
	line, _, err := say(t, "authority", "webhook-secret", "V999")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := notify.ReadSecrets(strings.NewReader("version 2\n" + line))
	if err != nil || len(secrets.For("V999")) != 1 || len(secrets.For("V999")[0]) != 32 {
		t.Errorf("the line %q is not one of the file: %v", line, err)
	}
	if again, _, err := say(t, "authority", "webhook-secret", "V999"); err != nil || again == line {
		t.Errorf("the second secret is the first: %q, %v", again, err)
	}
	if _, _, err := say(t, "authority", "webhook-secret", "V9 99"); err == nil {
		t.Error("a code that is none is accepted")
	}
}

func TestBackup_WhereItCannotGo(t *testing.T) {
	data, to := emptyBooks(t), t.TempDir()
	if err := os.Mkdir(filepath.Join(to, "cut.partial"), 0o700); err != nil {
		t.Fatal(err)
	}
	for dest, want := range map[string]string{
		filepath.Join(to, "absent", "b"): "the folder " + filepath.Join(to, "absent") + ", which the backup is to be in, is not there",
		filepath.Join(to, "cut"):         filepath.Join(to, "cut.partial") + " is there already: another backup to this place runs, or one was cut off",
	} {
		if _, _, err := say(t, "backup", dest, "--data", data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestAuditVerify_Empty(t *testing.T) {
	out, _, err := say(t, "audit", "verify", "--data", emptyBooks(t))
	if want := "The audit has no record: none yet, or none any more.\n"; err != nil || !strings.HasPrefix(out, want) || strings.Contains(out, "hash") {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// TestImport_TheExamplesOfTheHandbook imports the lines of docs/operating.md as they are there.
func TestImport_TheExamplesOfTheHandbook(t *testing.T) {
	text := readFile(t, "../../docs/operating.md")
	var lines []string
	for _, line := range regexp.MustCompile(`(?m)^\s*(\{"resourceType".*\})$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, line[1])
	}
	if len(lines) < 4 {
		t.Fatalf("the handbook has %d lines to import", len(lines))
	}
	w := &killedWorld{folder: emptyBooks(t)}
	if _, _, err := say(t, "authority", "add", "V999", "--data", w.folder, "--name", "EXAMPLESHIRE COUNCIL"); err != nil {
		t.Fatal(err)
	}
	if _, besides, err := say(t, "import", "--data", w.folder, writeTemp(t, strings.Join(lines, "\n")+"\n")); err != nil {
		t.Fatalf("%v: %s", err, besides)
	}
	s := w.books(t)
	defer s.Close() //nolint:errcheck // it was only read
	plans, err := s.PlansOf(t.Context(), "V999")
	kinds := make(map[store.PlanKind]nhs.Number)
	for _, p := range plans {
		kinds[p.Kind] = p.Number
	}
	for _, kind := range []store.PlanKind{store.ChildProtection, store.LookedAfter, store.UnbornChild} {
		if err != nil || kinds[kind] == "" {
			t.Errorf("there is no example of %s: %v", kind, err)
		}
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}
