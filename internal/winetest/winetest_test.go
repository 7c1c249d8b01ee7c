package winetest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/winetest"
)

// env is what the tests on Windows share.
type env struct {
	*winetest.Windows
	program string // path of wardlight.exe, as released
	module  string // path of a vendor's module on this computer
}

// TestOnWindows runs the real wardlight.exe, and the tests of vendors' modules, on one Windows installation, because
// creating one takes about ten seconds.
func TestOnWindows(t *testing.T) {
	e := env{Windows: winetest.Start(t)}
	vendor := e.Drive("Åse's cards") // letters outside of most code pages
	if err := os.Mkdir(vendor, 0o700); err != nil {
		t.Fatal(err)
	}
	key := virtualtest.RSA(t)
	e.module = winetest.Module(t, vendor, key, virtualtest.Certificate(t, key, nil))
	e.program = winetest.Build(t, "wardlight/cmd/wardlight", true)

	t.Run("the tests of vendors' modules", e.moduleTests)
	t.Run("card modules", e.cardModules)
	t.Run("without cgo", e.withoutC)
	t.Run("commands without card and hub", e.commands)
	t.Run("settings", e.settings)
	t.Run("worklist", e.worklist)
	t.Run("a secret by a handle", e.secretByHandle)
	t.Run("proxies", e.proxies)
	t.Run("with a card", e.withCard) // last, because it replaces the smartcard service
}

// wardlight runs wardlight.exe and checks its exit code and output.
func (e env) wardlight(t *testing.T, environ []string, code int, says []string, args ...string) {
	t.Helper()
	e.check(t, e.program, environ, code, says, args...)
}

func (e env) check(t *testing.T, program string, environ []string, code int, says []string, args ...string) {
	t.Helper()
	got := e.Run(t, "", environ, program, args...)
	if got.Code != code {
		t.Errorf("%q: exit code %d, want %d:\n%s%s", args, got.Code, code, got.Out, got.Err)
	}
	all := strings.Join(strings.Fields(got.Out+got.Err), " ")
	for _, want := range says {
		if !strings.Contains(all, want) {
			t.Errorf("%q: output does not contain %q:\n%s%s", args, want, got.Out, got.Err)
		}
	}
}

// moduleTests runs the Windows tests of package pkcs11, in which a module signs in the helper process.
func (e env) moduleTests(t *testing.T) {
	program := winetest.Build(t, "wardlight/cardreader/pkcs11", true, "test", "-c")
	got := e.Run(t, "", []string{
		"WARDLIGHT_TEST_MODULE=" + winetest.Path(e.module), "WARDLIGHT_TEST_PASSCODE=" + winetest.Passcode,
	}, program, "-test.v")
	if got.Code != 0 || !strings.Contains(got.Out, "--- PASS: TestAVendorsCardSigns") ||
		strings.Contains(got.Out, "--- SKIP") {
		t.Errorf("tests of package pkcs11: exit code %d, want 0 and no skipped test:\n%s%s", got.Code, got.Out, got.Err)
	}
}

// cardModules tests the command with modules that work, hang, crash, or are not modules.
func (e env) cardModules(t *testing.T) {
	named := "WARDLIGHT_CARD_MODULES=" + winetest.Path(e.module)
	e.wardlight(t, []string{named}, 0, []string{
		winetest.Path(e.module), "loads: A module for tests 1.02, Wardlight", `card "nurse"`,
	}, "card", "modules")

	for mode, says := range map[string]string{
		"crash": "(C01)", "abort": "(C01)", "crash at load": "(C01)", "hang at load": "is not responding. (C29)",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel() // one hangs
			e.wardlight(t, []string{named, "MODULE_MODE=" + mode}, 3, []string{says}, "card", "modules")
		})
	}

	none := filepath.Join(t.TempDir(), "none.dll")
	if err := os.WriteFile(none, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}

	e.wardlight(t, []string{"WARDLIGHT_CARD_MODULES=" + winetest.Path(none)}, 3, []string{"could not be started"},
		"card", "modules")

	// Known modules are looked for in the folder that Windows returns, not in that of an environment variable.
	planted := e.Drive("planted", "System32")
	if err := os.MkdirAll(planted, 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(filepath.Join(planted, "eTPKCS11.dll"), []byte("planted"), 0o600); err != nil {
		t.Fatal(err)
	}

	e.wardlight(t, []string{`SystemRoot=C:\planted`}, 0, []string{"Known and not installed: 6."}, "card", "modules")
}

// withoutC tests the program built without cgo.
func (e env) withoutC(t *testing.T) {
	program := winetest.Build(t, "wardlight/cmd/wardlight", false)
	e.check(t, program, nil, 0, []string{"wardlight devel"}, "version")
	e.check(t, program, []string{"WARDLIGHT_CARD_MODULES=" + winetest.Path(e.module)}, 3, []string{"was built without"},
		"card", "modules")
}

// commands tests commands that need neither card nor hub. Wine has no smartcard service.
func (e env) commands(t *testing.T) {
	e.wardlight(t, nil, 0, []string{"wardlight devel"}, "version")
	e.wardlight(t, nil, 0, []string{"Perform Patient Trace"}, "role", "explain", "B0264")
	e.wardlight(t, nil, 3, []string{
		"FAIL Smartcard service", "FAIL Hub address No hub is set. (D71)",
		"2 of 11 checks failed",
	}, "doctor")
	e.wardlight(t, nil, 2, []string{"the screens need a terminal"}, "--plain")
}

// settings tests the settings files in ProgramData and AppData. Settings marked final can't be overridden.
func (e env) settings(t *testing.T) {
	machine, user := e.Drive("ProgramData", "Wardlight", "config.toml"), e.User(t, "AppData", "Roaming", "Wardlight",
		"config.toml")
	write(t, machine, "final = [\"hub.url\"]\n[hub]\nurl = \"https://hub.hospital.example\"\ntimeout = \"2s\"\n")
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(machine)) })
	write(t, user, "[site]\nname = \"Mine\"\ntime_zone = \"Pacific/Auckland\"\n") // a time zone embedded in the program
	const place = `C:\ProgramData\Wardlight\config.toml`
	e.wardlight(t, nil, 0, []string{
		`hub.url "https://hub.hospital.example" ` + place + ":3, final", `hub.timeout "2s" ` + place + ":4",
		`site.name "Mine" C:\users\`,
		`site.time_zone "Pacific/Auckland"`,
	}, "config")

	// An environment variable with another folder has no effect.
	elsewhere := e.Drive("elsewhere", "Wardlight", "config.toml")
	write(t, elsewhere, "[hub]\nurl = \"https://other.example\"\n")
	e.wardlight(t, []string{`ProgramData=C:\elsewhere`, `ALLUSERSPROFILE=C:\elsewhere`}, 0,
		[]string{place + ":3, final"}, "config")
	e.wardlight(t, nil, 2, []string{"--hub: hub.url: this computer has a final value", place + ":3"}, "trace",
		"9990000018", "--hub", "https://other.example")
	write(t, user, "[hub]\nurl = \"https://other.example\"\n")
	e.wardlight(t, nil, 2, []string{"hub.url: this computer has a final value", place + ":3"}, "config")
	if err := os.Remove(user); err != nil {
		t.Fatal(err)
	}

	// A file that doesn't belong to an administrator may have been written by anybody. In Wine, files of other users
	// of this computer belong to nobody.
	if os.Geteuid() != 0 {
		t.Skip("changing the owner of a file needs root")
	}

	for _, path := range []string{machine, filepath.Dir(machine)} {
		if err := os.Chown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		e.wardlight(t, nil, 2, []string{
			place + ": ", "who is no administrator here",
			"have an administrator look at it",
		}, "config")
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
	}

	e.wardlight(t, nil, 0, nil, "config")

	// The same applies to a file named in the computer's settings.
	ca := filepath.Join(filepath.Dir(machine), "hub-ca.pem")
	write(t, ca, "planted")
	write(t, machine, "[hub]\nca_file = 'hub-ca.pem'\n")
	if err := os.Chown(ca, 65534, 65534); err != nil {
		t.Fatal(err)
	}

	e.wardlight(t, nil, 2, []string{place + `:2: hub.ca_file: C:\ProgramData\Wardlight\hub-ca.pem belongs to`},
		"config")
}

// worklist tests the worklist command with a file. Without a card no requests are made.
func (e env) worklist(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list.csv")
	write(t, list, "\ufeffNHS number;Family name\r\n9990000018;SMITH\r\n")
	e.wardlight(t, nil, 3, []string{"(C"}, "worklist", winetest.Path(list), "--hub", "https://127.0.0.1:1")
	write(t, list, "Name\r\nSmith\r\n")
	e.wardlight(t, nil, 2, []string{"NHS number"}, "worklist", winetest.Path(list), "--hub", "https://127.0.0.1:1")
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// secretByHandle stores a token, which needs no card, in the Windows Credential Manager.
func (e env) secretByHandle(t *testing.T) {
	starter := winetest.Build(t, "wardlight/internal/winetest/handover", false)
	environ := []string{"WARDLIGHT_RECORD_URL=https://127.0.0.1:1/fhir"}
	by := func(handle string) winetest.Result {
		return e.Run(t, "token-4711\r\n", environ, starter, winetest.Path(e.program), "flag", "token", "--token-fd",
			handle)
	}

	if got := by("READ"); got.Code != 0 || !strings.Contains(got.Out, "The token for 127.0.0.1 is stored in ") {
		t.Errorf("token on an inherited handle: exit code %d, want 0:\n%s%s", got.Code, got.Out, got.Err)
	}

	for handle, says := range map[string]string{
		"OWN": "nobody handed over descriptor", "WRITE": "cannot be read",
		"44444": "nobody handed over descriptor 44444", "1": "is where messages go",
	} {
		if got := by(handle); got.Code != 2 || !strings.Contains(got.Err, says) {
			t.Errorf("token on handle %s: exit code %d, want 2 and %q:\n%s%s", handle, got.Code, says, got.Out, got.Err)
		}
	}

	if got := e.Run(t, "token-4712\n", environ, e.program, "flag", "token", "--token-fd", "0"); got.Code != 0 {
		t.Errorf("token on standard input: exit code %d, want 0:\n%s%s", got.Code, got.Out, got.Err)
	}

	// The passcode is passed in the same way, and the handle is checked before the card is accessed.
	if got := e.Run(t, "", nil, e.program, "alert", "9990000018", "--hub", "https://127.0.0.1:1", "--passcode-fd",
		"44444"); got.Code != 2 || !strings.Contains(got.Err, "AnonymousPipeServerStream") {
		t.Errorf("passcode on a handle that isn't inherited: exit code %d, want 2:\n%s%s", got.Code, got.Out, got.Err)
	}

	e.wardlight(t, environ, 0, nil, "flag", "token", "--remove")
}
