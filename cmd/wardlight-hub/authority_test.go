package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/hub/store"
)

// runCommand runs a command and returns its standard output, its standard error and its error.
func runCommand(t *testing.T, args ...string) (out, besides string, err error) {
	t.Helper()
	var o, b bytes.Buffer
	root := newRoot(&o, &b)
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return o.String(), b.String(), err
}

// TestAuthorityCredential runs an operator's commands on credentials.
func TestAuthorityCredential(t *testing.T) {
	f := newFiles(t)
	data := filepath.Join(f.folder, "data")
	address, end := run(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s",
		"--data", data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets)
	defer func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}()

	authority := func(args ...string) (out, besides string) {
		t.Helper()
		out, besides, err := runCommand(t, append([]string{"authority", "--data", data}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return out, besides
	}

	if _, hint := authority("add", "V999", "--name", "EXAMPLESHIRE COUNCIL"); !strings.Contains(hint, "--duty-phone") {
		t.Errorf("authority add without a duty phone: standard error: got %q, want --duty-phone in it", hint)
	}

	if out, hint := authority("add", "V999", "--duty-phone", "01632 960102", "--office-phone", "01632 960101",
		"--endpoint", "https://la.example/cpis"); strings.Contains(hint, "--duty-phone") ||
		out != "Changed V999, EXAMPLESHIRE COUNCIL.\n" {
		t.Errorf("authority add of an existing one: got %q and %q, want it changed", out, hint)
	}

	secret, besides := authority("credential", "V999", "--label", "case system")
	secret = strings.TrimSuffix(secret, "\n")
	if !strings.HasPrefix(secret, "wlla_") || len(secret) != len("wlla_")+43 || strings.Contains(besides, secret) {
		t.Fatalf("authority credential: got a secret of %d bytes, want wlla_ and 43 more; also %q",
			len(secret), besides)
	}

	status := func() int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/la/uploads?file=1",
			strings.NewReader("nonsense"))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("V999", secret)
		req.Header.Set("Content-Type", "text/csv")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}

	if got := status(); got != http.StatusBadRequest {
		t.Errorf("upload with the credential: got status %d, want 400", got)
	}

	if list, _ := authority("list"); !strings.Contains(list, "EXAMPLESHIRE COUNCIL") ||
		!strings.Contains(list, "01632 960102") || strings.Contains(list, secret) {
		t.Errorf("authority list: want the name, the duty phone and no secret in %s", list)
	}

	list, _ := authority("credential", "list", "V999")
	fields := strings.Fields(strings.Split(list, "\n")[1])
	if !strings.Contains(list, "case system") || !strings.Contains(list, "in use") || strings.Contains(list, secret) {
		t.Fatalf("authority credential list: want the label, \"in use\" and no secret in %s", list)
	}

	authority("credential", "end", "V999", fields[0])
	if got := status(); got != http.StatusUnauthorized {
		t.Errorf("upload with the ended credential: got status %d, want 401", got)
	}

	if list, _ := authority("credential", "list", "V999"); strings.Contains(list, "in use") {
		t.Errorf("authority credential list after the end: got %s, want none in use", list)
	}
}

func TestWhatAnOperatorDoesToAnAuthorityIsOnRecord(t *testing.T) {
	w := &hubProcess{folder: emptyLedger(t)}
	for _, endpoint := range []string{
		"https://la.example/cpis", "http://127.0.0.1:8080/cpis", "mesh:V999OT001",
		"file:V999",
	} {
		if _, _, err := runCommand(t, "authority", "add", "V999", "--data", w.folder, "--name", "EXAMPLESHIRE COUNCIL",
			"--endpoint", endpoint); err != nil {
			t.Fatal(err)
		}
	}

	s := w.ledger(t)
	defer s.Close() //nolint:errcheck // it was only read
	var actions []string
	if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		actions = append(actions, r.Action+" "+r.OrgODS)
		return nil
	}); err != nil || strings.Join(actions, ", ") != "add authority V999, change authority V999, change authority "+
		"V999, change authority V999" {
		t.Errorf("audit actions: got %v, error %v", actions, err)
	}
}

func TestWhatTheAuthorityCommandsRefuse(t *testing.T) {
	data := emptyLedger(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a code with a colon":        {[]string{"add", "V9:9", "--name", "X"}, "not a code"},
		"no name":                    {[]string{"add", "V999"}, "--name"},
		"a name that does not print": {[]string{"add", "V999", "--name", "X\x1b[2J"}, "--name"},
		"a phone that is none": {
			[]string{"add", "V999", "--name", "X", "--duty-phone", "ring us"},
			"--duty-phone",
		},
		"an endpoint that is none": {
			[]string{"add", "V999", "--name", "X", "--endpoint", "la.example"},
			"--endpoint",
		},
		"an endpoint in clear": {[]string{
			"add", "V999", "--name", "X", "--endpoint",
			"http://la.example/cpis",
		}, "--endpoint"},
		"an endpoint of another scheme": {[]string{
			"add", "V999", "--name", "X", "--endpoint",
			"mailto:cpis@la.example",
		}, "--endpoint"},
		"a mailbox that is none": {
			[]string{"add", "V999", "--name", "X", "--endpoint", "mesh:V999 OT001"},
			"--endpoint",
		},
		"a mailbox in small letters": {
			[]string{"add", "V999", "--name", "X", "--endpoint", "mesh:v999ot001"},
			"write it in capital letters, V999OT001",
		},
		"a folder of somebody else": {
			[]string{"add", "V999", "--name", "X", "--endpoint", "file:../V998"},
			"--endpoint",
		},
		"a credential of nobody":         {[]string{"credential", "V999"}, "authority add"},
		"credentials of nobody":          {[]string{"credential", "list", "V999"}, "authority add"},
		"the end of no credential":       {[]string{"credential", "end", "V999", "0123"}, "credential list V999"},
		"a credential without authority": {[]string{"credential"}, "arg"},
		"an unknown command":             {[]string{"remove", "V999"}, "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := runCommand(t, append([]string{"authority", "--data", data}, c.args...)...)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestAuthority_WhyItCannotBeNotified(t *testing.T) {
	data, secrets := emptyLedger(t), writeTemp(t, "V999 whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
	for _, c := range []struct{ code, endpoint, why string }{
		{"V996", "", "this authority has no endpoint"},
		{"V997", "mesh:V997OT001", `this hub has no settings for delivery to an endpoint of scheme "mesh"`},
		{"V998", "https://la.example/cpis", "no webhook secret for this authority"},
		{"V999", "https://la.example/cpis", ""},
	} {
		_, besides, err := runCommand(t, "authority", "add", c.code, "--data", data, "--webhook-secrets", secrets,
			"--name", "EXAMPLESHIRE COUNCIL",
			"--duty-phone", "01632960102", "--endpoint", c.endpoint)
		if err != nil {
			t.Fatal(err)
		}

		if got := strings.Contains(besides, "cannot be notified of accesses yet: "+c.why); got != (c.why != "") {
			t.Errorf("authority add %s: got %q, want the reason %q", c.code, besides, c.why)
		}

		listed, _, err := runCommand(t, "authority", "list", "--data", data, "--webhook-secrets", secrets)
		if err != nil {
			t.Fatal(err)
		}

		want := c.why
		if want == "" {
			want = "ready"
		}

		if row := listed[strings.Index(listed, c.code):]; !strings.Contains(row, "  "+want+"  ") {
			t.Errorf("authority list: got %q, want %q in the row", row, want)
		}
	}
}
