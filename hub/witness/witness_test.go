package witness_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wardlight/hub/witness"
	"wardlight/internal/translog"
)

// publicKey returns the public key of a witness with that name. Its private key consists of that byte.
func publicKey(t *testing.T, name string, b byte) string {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
	s, err := translog.NewWitnessSigner(name, private, time.Now)
	must(t, err)
	return s.String()
}

func TestRead_Refused(t *testing.T) {
	key, nine := publicKey(t, "one.example", 1), ""
	one := "witness one " + key + " https://one.example/\n"
	for i := range byte(9) {
		name := fmt.Sprintf("w%d.example", i)
		nine += fmt.Sprintf("witness w%d %s https://%s/\n", i, publicKey(t, name, i), name)
	}

	for name, c := range map[string]struct{ file, want string }{
		"no witness":               {"# none\n\n", "no witness"},
		"another word":             {one + "log one " + key + " https://one.example/", "line 2: not a witness"},
		"without its URL":          {"witness one " + key, "line 1: not a witness"},
		"a name that is not UTF-8": {strings.Replace(one, " one", " \xff", 1), "line 1: not a witness"},
		"the key of a log":         {strings.Replace(one, "+B", "+A", 1), "line 1: not the public key of a witness"},
		"a long name in the key": {
			"witness one " + publicKey(t, strings.Repeat("a", 201), 1) + " https://one.example/", "line 1: the name in",
		},
		"http":                  {strings.Replace(one, "https", "http", 1), "line 1: not the URL"},
		"not HTTP":              {strings.Replace(one, "https", "file", 1), "line 1: not the URL"},
		"a password in the URL": {strings.Replace(one, "//", "//a:b@", 1), "line 1: not the URL"},
		"a query in the URL":    {strings.Replace(one, "example/\n", "example/?a", 1), "line 1: not the URL"},
		"a name twice": {
			one + "witness one " + publicKey(t, "two.example", 2) + " https://two.example/", "line 2: there are two",
		},
		"a key twice": {
			one + "witness two " + publicKey(t, "two.example", 1) + " https://two.example/", "line 2: there are two",
		},
		"nine": {nine, "line 9: more than 8"},
	} {
		if all, err := witness.Read(strings.NewReader(c.file), http.Client{}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d witnesses, error %v; want an error with %q", name, len(all), err, c.want)
		}
	}
	eight := nine[:strings.Index(nine, "witness w8")]
	if all, err := witness.Read(strings.NewReader(eight), http.Client{}); err != nil || len(all) != 8 {
		t.Errorf("eight: got %d witnesses, error %v; want 8", len(all), err)
	}
}

// TestAdd_Answers returns answers that litewitness doesn't send.
func TestAdd_Answers(t *testing.T) {
	status, body := 0, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/other")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	all, err := witness.Read(strings.NewReader("witness one "+publicKey(t, "one.example", 1)+" "+server.URL),
		*server.Client())
	must(t, err)

	for name, c := range map[string]struct {
		status     int
		body, want string
	}{
		"no size":         {http.StatusConflict, "another", "has no size"},
		"a negative size": {http.StatusConflict, "-1\n", "has no size"},
		"an unknown log":  {http.StatusNotFound, "", "does not know the log"},
		"a redirect":      {http.StatusTemporaryRedirect, "", "status 307"},
		"a fault":         {http.StatusInternalServerError, "", "status 500"},
		"a long answer":   {http.StatusOK, strings.Repeat("a", 1<<20), "too long"},
	} {
		status, body = c.status, c.body
		answer, err := all[0].Add(t.Context(), translog.Addition{})
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, translog.ErrInconsistent) {
			t.Errorf("%s: got %q, error %v; want an error with %q", name, answer, err, c.want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
