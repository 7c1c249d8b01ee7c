//go:build linux

package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/cli"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// cardBench runs commands with cards made from files.
type cardBench struct {
	t              *testing.T
	lab, wardlight string
	home           string
}

func newCardBench(t *testing.T) *cardBench {
	t.Helper()
	pcscdtest.Need(t)
	return &cardBench{
		t: t, lab: labtest.Program(t, "wardlight-lab"), wardlight: labtest.Program(t, "wardlight"),
		home: t.TempDir(),
	}
}

// run runs a command with the card in folder, with flags of the lab and additional environment variables.
func (b *cardBench) run(folder string, flags, environ []string, command ...string) (code int, out, errs string) {
	b.t.Helper()
	args := append([]string{"card", "--from", folder}, flags...)
	cmd := exec.CommandContext(b.t.Context(), b.lab, append(append(args, "--"), command...)...)
	// With the race detector each program would sleep for a second at exit, and these tests run dozens of programs.
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.home, "PCSCLITE_CSOCK_NAME=/nonexistent",
		"GORACE=atexit_sleep_ms=10",
	}, environ...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// read runs a wardlight command, and returns its document and what the lab wrote to standard error.
func (b *cardBench) read(folder string, flags, environ []string,
	command ...string,
) (code int, document map[string]any, errs string) {
	b.t.Helper()
	code, out, errs := b.run(folder, flags, environ, append([]string{b.wardlight}, append(command, "--json")...)...)
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		b.t.Fatalf("%q: exit code %d, error %v: %s%s", command, code, err, out, errs)
	}
	return code, document, errs
}

// codeOf returns the support code in a document's error, or "".
func codeOf(document map[string]any) string {
	failure, _ := document["error"].(map[string]any)
	code, _ := failure["code"].(string)
	return code
}

// cardOf writes a folder with the key, its certificate, and more files, and returns its path.
func cardOf(t *testing.T, key crypto.Signer, more map[string][]byte) string {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	files := map[string][]byte{
		"9A.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: virtualtest.Certificate(t, key, nil)}),
		"9A.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}

	for name, data := range more {
		files[name] = data
	}

	dir := t.TempDir()
	for name, data := range files {
		if data == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return dir
}

func TestCard_OfAFolderSignsInEveryWay(t *testing.T) {
	b := newCardBench(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	for name, key := range map[string]crypto.Signer{
		"RSA 2048": virtualtest.RSA(t), "P-256": virtualtest.P256(t),
		"P-384": p384,
	} {
		folder := cardOf(t, key, nil)
		for _, flags := range [][]string{nil, {"--t0"}, {"--short"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				code, got, errs := b.read(folder, flags, nil, "card", "test", "--passcode-fd", "3")
				if code != 0 || got["passed"] != true || got["key"] != name ||
					got["tries_left"] != float64(cards.Tries) {
					t.Errorf("card test: exit code %d, want 0 and passed: %v", code, got)
				}

				for _, question := range []string{
					"SELECT ", "GET DATA, certificate 9A ", "VERIFY, tries left ",
					"VERIFY, passcode ", "GENERAL AUTHENTICATE, key 9A ",
				} {
					if !strings.Contains(errs, question) {
						t.Errorf("list of commands: no %q in\n%s", question, errs)
					}
				}

				if strings.Contains(errs, fmt.Sprintf("%X", cards.Passcode)) || strings.Contains(errs, cards.Passcode) {
					t.Errorf("list of commands contains the passcode:\n%s", errs)
				}

				overT0 := slices.Contains(flags, "--t0")
				if first := firstAnswer(errs); overT0 != strings.HasPrefix(first, "61") ||
					overT0 == strings.HasPrefix(first, "9000,") {
					t.Errorf("answer to SELECT: got %q over T=0 %t, want 61xx over T=0 and 9000 otherwise",
						first, overT0)
				}
			})
		}
	}
}

// firstAnswer returns the response to the first command.
func firstAnswer(errs string) string {
	_, rest, _ := strings.Cut(errs, "   1  SELECT")
	return strings.TrimLeft(rest, " ")
}

func TestCard_ItsFilesSayHowItIs(t *testing.T) {
	b := newCardBench(t)
	folder := cardOf(t, virtualtest.P256(t), map[string][]byte{
		"9A.key": nil, "ATR": []byte("3B 80 80 01 01"), "notes.txt": []byte("from ward 7"),
	})

	code, got, errs := b.read(folder, nil, nil, "card", "show")
	if code != 0 || got["atr"] != "3B80800101" || got["uuid"] != virtualtest.UUID || got["error"] != nil {
		t.Errorf("card show: exit code %d, want 0 and the ATR of the file: %v", code, got)
	}

	if !strings.HasPrefix(errs, "not used: notes.txt\n") {
		t.Errorf("want notes.txt listed as not used:\n%s", errs)
	}

	code, got, errs = b.read(folder, nil, nil, "card", "test", "--passcode-fd", "3")
	if code != 3 || got["passed"] != false || !strings.Contains(errs, "6A88") {
		t.Errorf("card test without a key: exit code %d, want 3 and 6A88: %v\n%s", code, got, errs)
	}

	// The lab exits with the exit code of the command.
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "CHUID Object"), []byte{0x53, 0x00}, 0o600); err != nil {
		t.Fatal(err)
	}

	if code, got, _ = b.read(empty, nil, nil, "card", "show"); code != 3 || codeOf(got) != "C50" {
		t.Errorf("card show without a certificate: exit code %d, want 3 and C50: %v", code, got)
	}

	if code, out, errs := b.run(folder, nil, nil, "sh", "-c", `echo "$PCSCLITE_CSOCK_NAME"; exit 7`); code != 7 ||
		out == "/nonexistent\n" || errs != "not used: notes.txt\nThe card received no commands.\n" {
		t.Errorf("card -- sh: exit code %d, want 7: %s%s", code, out, errs)
	} else if _, err := os.Stat(strings.TrimSpace(out)); !os.IsNotExist(err) {
		t.Errorf("socket %s of the service still exists: %v", out, err)
	}
}

// OpenSC verifies independently that the card works over T=0.
func TestCard_OpenSCSignsOverT0(t *testing.T) {
	b := newCardBench(t)
	tool, openssl := labtest.Need(t, "pkcs11-tool", "opensc"), labtest.Need(t, "openssl", "openssl")
	folder := cardOf(t, virtualtest.RSA(t), nil)
	path := func(name string) string { return filepath.Join(b.home, name) }
	if err := os.WriteFile(path("message"), []byte("sign in"), 0o600); err != nil {
		t.Fatal(err)
	}

	code, out, errs := b.run(folder, []string{"--t0"}, nil, tool, "--login", "--pin", cards.Passcode, "--sign", "--id",
		"01", "--mechanism", "SHA256-RSA-PKCS",
		"--input-file", path("message"), "--output-file", path("signature"))
	if code != 0 || !strings.Contains(errs, "GET RESPONSE ") {
		t.Fatalf("pkcs11-tool --sign: exit code %d, want 0: %s%s", code, out, errs)
	}

	for _, args := range [][]string{
		{"x509", "-in", filepath.Join(folder, "9A.crt"), "-pubkey", "-noout", "-out", path("public")},
		{"dgst", "-sha256", "-verify", path("public"), "-signature", path("signature"), path("message")},
	} {
		if out, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
			t.Errorf("openssl %v: %v: %s", args, err, out)
		}
	}
}

func TestCard_MistakesAreNamed(t *testing.T) {
	empty := t.TempDir()
	folder := cardOf(t, virtualtest.P256(t), nil)
	for says, args := range map[string][]string{
		"usage: wardlight-lab card --from FOLDER":                {"card", "--from", folder},
		"usage: wardlight-lab card --from FOLDER [--t0]":         {"card", "--from", folder, "true"},
		"usage: wardlight-lab card --from FOLDER [--t0] [--shor": {"card", "--", "true"},
		"unknown flag: --t1":                                     {"card", "--t1", "--from", folder, "--", "true"},
		"has no files of a card":                                 {"card", "--from", empty, "--", "true"},
		"no such file or directory": {
			"card", "--from", filepath.Join(empty, "none"), "--",
			"true",
		},
		`"no-such-program": executable file not found`: {"card", "--from", folder, "--", "no-such-program"},
	} {
		if code, out, errs := call(t, args...); code != cli.ExitUsage || out != "" || !strings.Contains(errs, says) {
			t.Errorf("%q: exit code %d, want %d and %q: %s%s", args, code, cli.ExitUsage, says, out, errs)
		}
	}
}

// icam is the environment variable with the folder of the public test cards. The default is ../shared/icam beside the
// checkout.
const icam = "WARDLIGHT_ICAM"

// publicCards returns the folder of the GSA's ICAM test cards. They are not part of this repository; without them the
// test is skipped. The tests above check the same rules with other cards.
func publicCards(t *testing.T) string {
	t.Helper()
	folder := os.Getenv(icam)
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "icam")
	}
	if _, err := os.Stat(filepath.Join(folder, "01_Golden_PIV")); err != nil {
		t.Skipf("public test cards not found: set %s to their folder (%v)", icam, err)
	}
	return folder
}

// issuersOf writes the certificates of the public cards' issuers to one file and returns its path.
func issuersOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "CA", "*.crt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("issuers' certificates: got %d, error %v", len(files), err)
	}
	var all []byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, data...), '\n')
	}
	file := filepath.Join(t.TempDir(), "issuers.pem")
	if err := os.WriteFile(file, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// publicCard is a row of the table in docs/smartcards.md: a card, the purpose its publisher made it for, and the
// support codes that Wardlight shows for it. "" means success.
type publicCard struct {
	folder, publisher string
	show, test        string // codes of card show and card test
	doctor            string // code of the doctor's check Certificate, with the issuers in card.ca_file
}

var publicTable = []publicCard{
	{"01_Golden_PIV", "in order", "", "", "D40"},
	{"05_Tampered_Certificates", "its certificates were changed after they were signed", "", "", "D44"},
	{"12_Certs_not_yet_valid", "its certificates are valid from 2030", "C52", "C52", "C52"},
	{"23_Public_Private_Key_mismatch", "its keys are not those of its certificates", "", "C54", "D40"},
	{"25_Disco_Object_Not_Present", "in order, without a discovery object", "", "", "D40"},
	{
		"27_Disco_Object_Present_App_PIN_Primary", "in order, with two passcodes, of which PIV's comes first", "", "",
		"D40",
	},
	{"37_Golden_FIPS_201-2_PIV_PPS_F=512_D=64", "in order, at the fastest link", "", "", "D40"},
	{"46_Golden_FIPS_201-2_PIV", "in order, by FIPS 201-2", "", "", "D40"},
	{"53_FIPS_201-2_Large_Card_Auth_Cert", "in order, with a certificate of 2160 bytes in 9E", "", "", "D40"},
}

func TestCard_NinePublicTestCards(t *testing.T) {
	folder := publicCards(t)
	b := newCardBench(t)
	environ := []string{"WARDLIGHT_CARD_CA_FILE=" + issuersOf(t, folder), "WARDLIGHT_HUB_URL=https://127.0.0.1:1"}
	for _, want := range publicTable {
		t.Run(want.folder, func(t *testing.T) {
			card := filepath.Join(folder, want.folder)
			for _, flags := range [][]string{nil, {"--t0"}} {
				_, shown, _ := b.read(card, flags, nil, "card", "show")
				if codeOf(shown) != want.show || shown["key"] != "RSA 2048" ||
					shown["tries_left"] != float64(cards.Tries) {
					t.Errorf("card show %v: got %v, want code %q", flags, shown, want.show)
				}
				_, tested, _ := b.read(card, flags, nil, "card", "test", "--passcode-fd", "3")
				if codeOf(tested) != want.test || tested["passed"] != (want.test == "") ||
					tested["tries_left"] != float64(cards.Tries) {
					t.Errorf("card test %v: got %v, want code %q", flags, tested, want.test)
				}
			}
			_, found, _ := b.read(card, nil, environ, "doctor")
			if got := doctorsCertificate(found); got != want.doctor {
				t.Errorf("doctor's check Certificate: got code %q, want %q", got, want.doctor)
			}
		})
	}
}

// doctorsCertificate returns the code of the doctor's check Certificate.
func doctorsCertificate(document map[string]any) string {
	checks, _ := document["checks"].([]any)
	for _, one := range checks {
		if check, _ := one.(map[string]any); check["check"] == "certificate" {
			code, _ := check["code"].(string)
			return code
		}
	}
	return ""
}

// docs/smartcards.md has the table that the test above checks.
func TestSmartcardDocumentHasTheTableOfPublicCards(t *testing.T) {
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "smartcards.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := func(code, well string) string {
		if code == "" {
			return well
		}
		return code
	}
	for _, c := range publicTable {
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s |", c.folder, c.publisher, said(c.show, "can sign in"),
			said(c.test, "passed"), c.doctor)
		if !bytes.Contains(document, []byte(row+"\n")) {
			t.Errorf("docs/smartcards.md has no row\n%s", row)
		}
	}
}
