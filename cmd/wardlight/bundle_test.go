package main

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/client/hubtest"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	"wardlight/internal/schematest"
)

// unzipped returns a bundle's files by name, and its raw bytes under the name "".
func unzipped(t *testing.T, path string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}

	files := map[string]string{"": string(raw)}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}

	return files
}

// checkNoSecrets fails the test if a file contains one of the secrets, in clear text or in hexadecimal with or without
// spaces.
func checkNoSecrets(t *testing.T, files map[string]string, secrets ...string) {
	t.Helper()
	for name, content := range files {
		lower := strings.ToLower(content)
		for _, s := range secrets {
			if s == "" {
				t.Fatal("a secret to search for is empty")
			}
			plain := hex.EncodeToString([]byte(s))
			spaced := strings.TrimSpace(regexp.MustCompile("..").ReplaceAllString(plain, "$0 "))
			for _, form := range []string{strings.ToLower(s), plain, spaced} {
				if strings.Contains(lower, form) {
					t.Errorf("%s in the bundle contains the secret %q", name, form)
				}
			}
		}
	}
}

func TestASupportBundleHoldsWhatSupportNeedsAndNoSecret(t *testing.T) {
	b := benchWithCard(t)
	var answer string // answer of the token route: the access token and the id_token
	b.hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		saved := httptest.NewRecorder()
		b.hub.DefaultHandler(hubtest.Token)(saved, r)
		answer = saved.Body.String()
		for name, values := range saved.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(saved.Code)
		_, _ = w.Write(saved.Body.Bytes())
	})

	b.world.environ = append(b.world.environ, "HOME_SECRET=swordfish-1", "WARDLIGHT_ELSEWHERE=swordfish-2",
		"PATH=/usr/bin")
	path := filepath.Join(t.TempDir(), "bundle.zip")
	checkContains(t, b.run(t, exitDone, "doctor", "--sign-in", "--bundle", path), "Support bundle written to "+path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("bundle file: got mode %v and error %v, want mode 0600", info.Mode(), err)
	}

	files := unzipped(t, path)
	var names []string
	for name := range files {
		names = append(names, name)
	}

	slices.Sort(names)
	if want := []string{
		"", "README.txt", "card.apdu.txt", "doctor.json", "environment.txt", "settings.json",
		"system.json",
	}; !slices.Equal(names, want) {
		t.Errorf("files in the bundle: got %q, want %q", names, want)
	}

	checkContains(t, files["doctor.json"], `"schema": "wardlight.doctor/1"`, `"code": "D80"`, hubtest.UUID)
	named := regexp.MustCompile(
		`"certificate_sha256": "[0-9a-f]{64}",\s+"certificate_serial": "7",\s+"certificate_issuer": "CN=` +
			hubtest.UUID + `,OU=people,O=nhs"`,
	)
	if !named.MatchString(files["doctor.json"]) {
		t.Errorf("doctor.json does not contain the certificate's hash, serial number and issuer: %s",
			files["doctor.json"])
	}

	checkContains(t, files["settings.json"], `"origin": "WARDLIGHT_HUB_URL"`, b.hub.URL)
	checkContains(t, files["environment.txt"], "HOME_SECRET\n", "WARDLIGHT_ELSEWHERE\n", "WARDLIGHT_HUB_URL="+b.hub.URL+
		"\n")
	checkContains(t, files["card.apdu.txt"], `connect "Virtual Reader" ATR 3B87`, "> 00A40400", "> 00CB3FFF",
		"> 00200080 (9 bytes hidden)")
	checkContains(t, files["system.json"], `"os": "`)

	tokens := regexp.MustCompile(`"(?:access_token|id_token)":"([^"]+)"`).FindAllStringSubmatch(answer, -1)
	if len(tokens) != 2 {
		t.Fatalf("answer of the token route: got %d tokens, want 2: %s", len(tokens), answer)
	}

	checkNoSecrets(t, files, passcode, "swordfish", tokens[0][1], tokens[1][1], "eyJ", "Example, Tess",
		hubtest.WithAlert, "999 000 0018")
}

func TestABundleIsNeverWrittenOverAnotherFile(t *testing.T) {
	b := benchWithCard(t)
	path := filepath.Join(t.TempDir(), "bundle.zip")
	if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.world.file = nil // panics if the passcode is read: the command must fail before that
	b.run(t, exitUsage, "doctor", "--sign-in", "--bundle", path)
	checkContains(t, b.err.String(), "bundle.zip is there already")
	if content, err := os.ReadFile(path); err != nil || string(content) != "kept" {
		t.Errorf("existing file: got %q, %v, want it unchanged", content, err)
	}
	b.run(t, exitUsage, "doctor", "--bundle", filepath.Join(path, "below"))
	checkContains(t, b.err.String(), "cannot be written: not a directory")
}

func TestBundle_HidesCredentialsInURLs(t *testing.T) {
	b := benchWithCard(t)
	b.set("WARDLIGHT_HUB_URL", "https://ward:swordfish@hub.example")
	path := filepath.Join(t.TempDir(), "bundle.zip")
	out := b.run(t, exitUsage, "doctor", "--bundle", path)
	checkContains(t, out, "https://(hidden)@hub.example")
	checkNoSecrets(t, unzipped(t, path), "swordfish", passcode)
	checkNoSecrets(t, map[string]string{"the output": out}, "swordfish")
}

func TestABundleFromADemoHubKnowsNoPatient(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w.insertAndSee("nurse")
	path := filepath.Join(t.TempDir(), "bundle.zip")
	code, out, errs := w.command("doctor", "--sign-in", "--bundle", path, "--json")
	if code != exitDone {
		t.Fatalf("doctor --bundle: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}

	files := unzipped(t, path)
	for _, name := range []string{"doctor.json", "settings.json", "system.json"} {
		schematest.Output(t, []byte(files[name]))
	}

	checkContains(t, files["doctor.json"], `"code": "D80"`, `"code": "D90"`)
	secrets := []string{cards.Passcode, "eyJ"}
	for _, p := range people.Named(time.Now()) {
		name := p.Patient.Name
		secrets = append(secrets, p.Number().Digits(), p.Number().String())
		if len(name) > 0 && len(name[0].Given) > 0 {
			secrets = append(secrets, name[0].Family+", "+name[0].Given[0], name[0].Given[0]+" "+name[0].Family)
		}
	}

	checkNoSecrets(t, files, secrets...)
	checkNoSecrets(t, map[string]string{"output": out, "errors": errs}, secrets...)
}
