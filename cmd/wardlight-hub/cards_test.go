package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/hub/store"
	"wardlight/internal/lab/pki"
)

// testTimeout is the test's timeout, long enough for a busy machine. That the hub needs at most five seconds by its own
// clock is tested in hub.TestARevokedCardIsWorthNothingAtTheNextLook.
const testTimeout = 2 * time.Minute

// countAnswers requests the lamp until the session is rejected, and returns the number of answers.
func countAnswers(t *testing.T, session *client.Acting) (answers int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	for {
		lamp := session.Lamp(ctx, openedChild)
		switch {
		case client.KindOf(lamp.Err) == client.SignedOut:
			return answers
		case lamp.Err != nil:
			t.Fatalf("lamp after %d answers: got error %v, want kind SignedOut", answers, lamp.Err)
		}
		answers++
		<-time.After(50 * time.Millisecond)
	}
}

func TestARunningHubEndsTheSessionsOfRevokedCards(t *testing.T) {
	t.Parallel() // mostly waits
	w := newHubProcess(t)
	crl := filepath.Join(t.TempDir(), "sub-ca.crl")
	put := func() {
		t.Helper()
		list, err := w.ca.RevocationList()
		if err == nil {
			err = os.WriteFile(crl+".new", list, 0o600)
		}
		if err == nil {
			err = os.Rename(crl+".new", crl)
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	put()
	w.args = append(w.args, "--crl", crl)
	hub := w.start(t)
	defer hub.Stop()

	t.Run("by the CA's list", func(t *testing.T) {
		session := w.signIn(t)
		if lamp := session.Lamp(t.Context(), openedChild); lamp.Err != nil {
			t.Fatal(lamp.Err)
		}
		w.ca.Revoke(7, time.Now())
		put()
		started := time.Now()
		t.Logf("%d lamps until the session ended, %s after the list was there", countAnswers(t, session),
			time.Since(started).Round(time.Millisecond))
	})

	t.Run("by the operator", func(t *testing.T) {
		card, err := w.ca.IssueCard(pki.CardRequest{
			UUID: openersUUID, Serial: 8, Key: pki.P256, NotBefore: time.Now().Add(-time.Hour),
			NotAfter: time.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}

		session := w.signInWith(t, card)
		name := filepath.Join(t.TempDir(), "card.pem")
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: card.DER()}),
			0o600); err != nil {
			t.Fatal(err)
		}

		if out, err := command(t, "revoke", "--data", w.folder, "--certificate", name, "--reason",
			"lost"); err != nil || !strings.Contains(out, "certificate 8 of CN=Sub CA") {
			t.Fatalf("revoke --certificate: got %q, error %v", out, err)
		}

		if n := countAnswers(t, session); n != 0 {
			t.Errorf("lamps answered after the revocation: got %d, want 0", n)
		}
	})
}

// command runs a hub command in this process and returns its output and error.
func command(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	out, besides, err := runCommand(t, args...)
	return out + besides, err
}

func TestACertificateIsRevokedByAnyOfItsNames(t *testing.T) {
	ca, err := pki.New("Sub CA", time.Now)
	if err != nil {
		t.Fatal(err)
	}

	card, err := ca.IssueCard(pki.CardRequest{
		UUID: openersUUID, Serial: 0x1A2B, Key: pki.P256, NotBefore: time.Now(),
		NotAfter: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(t.TempDir(), "card.der")
	if err := os.WriteFile(file, card.DER(), 0o600); err != nil {
		t.Fatal(err)
	}

	sum := sha256.Sum256(card.DER())
	named := store.Certificate{Fingerprint: hex.EncodeToString(sum[:]), Issuer: "CN=Sub CA,OU=CA,O=nhs", Serial: "1a2b"}
	for name, by := range map[string][]string{
		"file":              {"--certificate", file},
		"serial":            {"--serial", "1A:2B"},
		"serial and issuer": {"--serial", "0x1a2b", "--issuer", "CN=Sub CA,OU=CA,O=nhs"},
		"fingerprint":       {"--fingerprint", strings.ToUpper(named.Fingerprint)},
	} {
		t.Run(name, func(t *testing.T) {
			w := &hubProcess{folder: emptyLedger(t)}
			revoked := func() bool {
				s := w.ledger(t)
				defer s.Close() //nolint:errcheck // it was only read
				listed, err := s.CertificateRevoked(t.Context(), named)
				if err != nil {
					t.Fatal(err)
				}
				return listed
			}

			args := append([]string{"revoke", "--data", w.folder}, by...)
			if out, err := command(t, args...); err != nil || !revoked() {
				t.Fatalf("revoke: got %s, error %v, revoked %v, want true", out, err, revoked())
			}

			if out, err := command(t, append(args, "--lift")...); err != nil || revoked() {
				t.Errorf("revoke --lift: got %s, error %v, revoked %v, want false", out, err, revoked())
			}

			if _, err := command(t, append(args, "--lift")...); err == nil ||
				!strings.Contains(err.Error(), "not on the list") {
				t.Errorf("second revoke --lift: got error %v, want \"not on the list\"", err)
			}

			s := w.ledger(t)
			defer s.Close() //nolint:errcheck // it was only read
			var actions []string
			if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
				actions = append(actions, r.Action)
				return nil
			}); err != nil || strings.Join(actions, ", ") != "revoke certificate, lift revocation" {
				t.Errorf("audit actions: got %v, error %v, want the revocation and its lifting", actions, err)
			}
		})
	}

	for says, args := range map[string][]string{
		"at least one":         {},
		"none of the others":   {"--serial", "1", "--fingerprint", "00"},
		"is not a hexadecimal": {"--serial", "card"},
		"is not a SHA-256":     {"--fingerprint", "00"},
		"is not a certificate": {"--certificate", writeTemp(t, "rubbish")},
		"no such file":         {"--certificate", filepath.Join(t.TempDir(), "none")},
		"--reason":             {"--serial", "1", "--reason", "a\nb"},
	} {
		if _, err := command(t, append([]string{"revoke", "--data", emptyLedger(t)}, args...)...); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("revoke %v: got error %v, want %q in it", args, err, says)
		}
	}
}

func writeTemp(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const staffLines = `{"resourceType":"Practitioner","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"}],"name":[{"family":"Sample","given":["Ada"],"prefix":["Ms"]}]}

{"resourceType":"PractitionerRole","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"999000000222"}],"practitioner":{"identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"}},"organization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX1"},"display":"EXAMPLE GENERAL HOSPITAL"},"code":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode","code":"R8001"}]},{"coding":[{"system":"urn:wardlight:national-rbac-activity-code","code":"B0264"}]}]}
`

func TestStaffAreImportedAndShown(t *testing.T) {
	data := t.TempDir()
	file := writeTemp(t, staffLines)
	if out, err := command(t, "import", "--data", data, file); err != nil ||
		!strings.Contains(out, "2 imported, 0 refused") {
		t.Fatalf("import: got %q, error %v, want 2 lines imported", out, err)
	}

	if out, err := command(t, "staff", "list", "--data", data); err != nil ||
		strings.Join(strings.Fields(out), " ") != "999000000111 Ms Ada Sample 999000000222 RX1 R8001 B0264" {
		t.Errorf("staff list: got %q, error %v", out, err)
	}

	out, err := command(t, "staff", "show", "--data", data, "999000000111")
	if err != nil {
		t.Fatal(err)
	}

	for _, want := range []string{
		"role 999000000222", "RX1 EXAMPLE GENERAL HOSPITAL", "R8001 Nurse",
		"may trace a patient", "may not open an alert: lacks B0107",
		"may not make a privacy report: lacks B0107 and the job role R0001 or R5105",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("staff show: no %q in %s", want, out)
		}
	}

	if _, err := command(t, "staff", "show", "--data", data, "999000000112"); err == nil ||
		!strings.Contains(err.Error(), "no person has") {
		t.Errorf("staff show of an unknown person: got error %v, want \"knows nobody\"", err)
	}

	bad := writeTemp(t, "rubbish\n"+staffLines+strings.ReplaceAll(strings.Split(staffLines, "\n")[2], "999000000111",
		"999000000112")+"\n")
	out, err = command(t, "import", "--data", data, bad)
	if err == nil || !strings.Contains(err.Error(), "2 lines were not imported") ||
		!strings.Contains(out, bad+":1: ") || !strings.Contains(out, bad+":5: PractitionerRole.practitioner") ||
		!strings.Contains(out, "2 imported, 2 refused") {
		t.Errorf("import with 2 bad lines: got %q, error %v", out, err)
	}
}

func TestWithACAsCertificateTheSessionsOfItsCardsEnd(t *testing.T) {
	ca, err := pki.New("Sub CA", time.Now)
	if err != nil {
		t.Fatal(err)
	}

	w := &hubProcess{folder: emptyLedger(t)}
	s := w.ledger(t)
	session := &store.Session{
		ID: "s", TokenHash: []byte("t"), Person: openersUUID,
		Certificate: store.Certificate{Issuer: ca.Certificate().Subject.String(), Serial: "1a2b"},
		Started:     time.Now(), Seen: time.Now(), Expires: time.Now().Add(time.Hour),
	}

	refused, err := s.Commit(t.Context(),
		[]*store.Entry{{
			Audit: store.AuditRecord{At: time.Now(), Action: "sign in", Outcome: "granted"},
			Begin: session,
		}})
	if err := errors.Join(append(refused, err, s.Close())...); err != nil {
		t.Fatal(err)
	}

	if out, err := command(t, "revoke", "--data", w.folder, "--certificate",
		writeTemp(t, string(ca.PEM()))); err != nil || !strings.Contains(out, "its sessions have ended") {
		t.Fatalf("revoke of a CA: got %s, error %v", out, err)
	}

	s = w.ledger(t)
	defer s.Close() //nolint:errcheck // it was only read
	if got, err := s.SessionByToken(t.Context(), session.TokenHash); err != nil || got.Ended.IsZero() {
		t.Errorf("session of the CA's card: got %+v, error %v, want it ended", got, err)
	}
}
