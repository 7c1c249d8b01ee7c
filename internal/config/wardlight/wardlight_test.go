package wardlight_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
)

// write writes a file and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnySourceTheSettingsAreTheUsualOnes(t *testing.T) {
	c, err := wardlight.Load(config.Sources{Files: []string{filepath.Join(t.TempDir(), "absent.toml")}})
	if err != nil {
		t.Fatal(err)
	}
	if c.HubURL != "" || c.HubTimeout != 5*time.Second || c.IdleLock != 15*time.Minute || c.IdleWarn != 2*time.Minute ||
		c.Zone.String() != "Europe/London" || c.Origin("idle.lock") != "built in" {
		t.Errorf("settings = %+v, want the defaults", c)
	}
}

func TestLaterSourcesWinAndAreRemembered(t *testing.T) {
	system := write(t, "system.toml", "[hub]\nurl = \"https://system.example\"\nca_file = \"ca.pem\"\ntimeout = "+
		"\"1s\"\n[card]\nca_file = \"cards.pem\"\n")
	user := write(t, "user.toml", "# mine\nsite.name = \"ED\"\n\n[hub]\n  url = \"https://user.example\" # the "+
		"other hub\n")
	c, err := wardlight.Load(config.Sources{
		Files:   []string{system, user},
		Environ: []string{"WARDLIGHT_HUB_TIMEOUT=2s", "WARDLIGHT_IDLE_LOCK=5m", "HOME=/root", "WARDLIGHT_DRAW=1"},
		Flags:   map[string]string{"timeout": "3s"},
	})
	if err != nil {
		t.Fatal(err)
	}

	if c.HubURL != "https://user.example" || c.HubTimeout != 3*time.Second || c.IdleLock != 5*time.Minute ||
		c.Site != "ED" {
		t.Errorf("settings = %+v, want those of the later sources", c)
	}

	if want := filepath.Join(filepath.Dir(system), "ca.pem"); c.HubCAFile != want {
		t.Errorf("HubCAFile = %s, want %s, relative to the file that names it", c.HubCAFile, want)
	}

	if want := filepath.Join(filepath.Dir(system), "cards.pem"); c.CardCAFile != want {
		t.Errorf("CardCAFile = %s, want %s", c.CardCAFile, want)
	}

	for key, want := range map[string]string{
		"hub.url": user + ":5", "hub.ca_file": system + ":3", "hub.timeout": "--timeout",
		"idle.lock": "WARDLIGHT_IDLE_LOCK",
		"site.name": user + ":2", "idle.warn": "built in", "no.such": "",
	} {
		if got := c.Origin(key); got != want {
			t.Errorf("Origin(%q) = %q, want %q", key, got, want)
		}
	}

	if len(c.Settings()) != 35 {
		t.Errorf("got %d settings, want 35", len(c.Settings()))
	}
}

func TestANamedFileIsReadAloneAndMustBeThere(t *testing.T) {
	other := write(t, "other.toml", "[hub]\nurl = \"https://other.example\"\n")
	named := write(t, "named.toml", "[site]\nname = \"Bench\"\n")
	c, err := wardlight.Load(config.Sources{Files: []string{other}, Named: named})
	if err != nil || c.HubURL != "" || c.Site != "Bench" {
		t.Errorf("Load with a named file = %+v, %v, want only its settings", c, err)
	}
	_, err = wardlight.Load(config.Sources{Named: filepath.Join(t.TempDir(), "absent.toml")})
	if err == nil ||
		!strings.HasSuffix(err.Error(), "absent.toml: the file cannot be read: no such file or directory") {
		t.Errorf("Load with a missing named file: error = %v", err)
	}
}

func TestAWrongSettingIsRefusedWithItsPlaceAndWhatWasMeant(t *testing.T) {
	for name, c := range map[string]struct {
		file, env   string
		says, hints string
	}{
		"slip": {
			"[hub]\nulr = \"https://hub.example\"", "",
			"config.toml:2: hub.ulr: there is no such setting", "did you mean hub.url?",
		},
		"another case": {
			"[Hub]\nURL = \"https://hub.example\"", "",
			"config.toml:2: Hub.URL: there is no such setting", "did you mean hub.url?",
		},
		"wrong table": {
			"[server]\nca_file = \"x\"", "", "config.toml:2: server.ca_file: there is no such setting",
			"did you mean hub.ca_file?",
		},
		"no table": {
			"url = \"https://hub.example\"", "", "config.toml:1: url: there is no such setting",
			"did you mean hub.url?",
		},
		"nothing near": {
			"[colour]\nbackground = \"red\"", "",
			"config.toml:2: colour.background: there is no such setting", "",
		},
		"not a time": {
			"[hub]\ntimeout = \"soon\"", "", `config.toml:2: hub.timeout: "soon" is not a time`,
			"a time from 100ms to 1m, such as 5s",
		},
		"too long": {
			"[idle]\nlock = \"1h\"", "", "config.toml:2: idle.lock: 1h is not between 1m and 15m",
			"a time from 1m to 15m, such as 10m",
		},
		"a bare number": {
			"[idle]\nlock = 10", "", "config.toml:2: idle.lock: 10 is not text in quotes",
			"a time from 1m to 15m, such as 10m",
		},
		"warn after lock": {
			"[idle]\nlock = \"1m\"\nwarn = \"1m\"", "",
			"config.toml:3: idle.warn: the warning must come before the lock", "idle.lock is 1m0s (",
		},
		"no quotes": {
			"[hub]\n\nurl = https://hub.example", "", "config.toml:3: this is not TOML: ",
			`write text in quotes, as in url = "https://hub.example"`,
		},
		"no zone": {
			"[site]\ntime_zone = \"Leeds\"", "",
			`config.toml:2: site.time_zone: there is no time zone "Leeds"`, "a time zone, such as Europe/London",
		},
		"escapes": {
			"[site]\nname = \"\\u001b[2J\"", "",
			"config.toml:2: site.name: this is not one line of plain text", "a line of text",
		},
		"relative module": {
			"[card]\nmodules = \"/a.so:b.so\"", "",
			`config.toml:2: card.modules: "b.so" is not an absolute path`, "absolute paths of PKCS#11 modules",
		},
		"no switch": {
			"[clipboard]\nosc52 = \"yes\"", "",
			`config.toml:2: clipboard.osc52: "yes" is neither true nor false`, "true or false",
		},
		"not a switch": {
			"[clipboard]\nosc52 = 1", "", "config.toml:2: clipboard.osc52: 1 is not true or false",
			"true or false",
		},
		"true is no text": {
			"[print]\nqueue = true", "", "config.toml:2: print.queue: true is not text in quotes",
			"a print queue's name",
		},
		"too much paper": {
			"[print]\ndestroy = \"" + strings.Repeat("w", 301) + "\"", "",
			"config.toml:2: print.destroy: 301 letters do not fit on the paper", "a line of text",
		},
		"summary destroyed too late": {
			"[summary]\ndestroy_after = \"169h\"", "",
			"config.toml:2: summary.destroy_after: ", "a time from 1h to 168h",
		},
		"summary destroyed at once": {
			"[summary]\ndestroy_after = \"0s\"", "", "config.toml:2: summary.destroy_after: ", "a time from 1h to 168h",
		},
		"summary printed by text": {
			"[summary]\nprint = \"yes\"", "", `config.toml:2: summary.print: "yes" is neither true nor false`,
			"true or false",
		},
		"no hours": {
			"[office]\nhours = \"9 to 5\"", "",
			`config.toml:2: office.hours: "9" is no day; begin with days, as in Mon-Fri`,
			"days and times, such as Mon-Thu",
		},
		"no day": {
			"[office]\nclosed = \"8 May\"", "", `config.toml:2: office.closed: "8" is no day`,
			"days besides the usual bank holidays",
		},
		"open and closed": {
			"[office]\nclosed = \"2027-05-03\"\nopen = \"2027-05-03\"", "",
			"config.toml:3: office.open: 2027-05-03 is closed as well", "office.closed has it (",
		},
		"environment": {
			"", "WARDLIGHT_HUB_ULR=x", "WARDLIGHT_HUB_ULR: there is no such setting",
			"did you mean WARDLIGHT_HUB_URL?",
		},
		"bad environment": {
			"", "WARDLIGHT_HUB_TIMEOUT=5", `WARDLIGHT_HUB_TIMEOUT: hub.timeout: "5" is not a time`,
			"a time from 100ms to 1m, such as 5s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := wardlight.Load(config.Sources{
				Files:   []string{write(t, "config.toml", c.file)},
				Environ: []string{c.env},
			})
			var refused *config.Error
			if !errors.As(err, &refused) {
				t.Fatalf("Load error = %v, want *config.Error", err)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(refused.Hint, c.hints) ||
				(c.hints == "") != (refused.Hint == "") {
				t.Errorf("Load error = %q, hint %q, want %q, hint %q", err, refused.Hint, c.says, c.hints)
			}
		})
	}
}

func TestKeysAreSettingsOfTheActionsThatThereAre(t *testing.T) {
	file := write(t, "config.toml", "[keys]\nopen = \"x\"\n[screen]\ntheme = \"mono\"\nplain = \"on\"\n")
	c, err := wardlight.Load(config.Sources{Files: []string{file}}, wardlight.Action{Name: "open", Default: "o"},
		wardlight.Action{Name: "quit", Default: "q"})
	if err != nil {
		t.Fatal(err)
	}

	if c.Screen.Keys["open"] != "x" || c.Screen.Keys["quit"] != "q" || c.Origin("keys.open") != file+":2" ||
		c.Screen.Theme != "mono" || !c.Screen.Plain || c.Screen.ASCII || c.Screen.Clear {
		t.Errorf("settings = %+v", c)
	}

	for says, content := range map[string]string{
		"there is no such setting":                       "[keys]\nopne = \"x\"\n",
		`"pink" is none of default, high-contrast, mono`: "[screen]\ntheme = \"pink\"\n",
		`"yes" is none of auto, on`:                      "[screen]\nplain = \"yes\"\n",
		`"usb" is none of auto, piv, pkcs11`:             "[card]\ndriver = \"usb\"\n",
	} {
		_, err := wardlight.Load(config.Sources{Files: []string{write(t, "config.toml", content)}},
			wardlight.Action{Name: "open", Default: "o"})
		if err == nil || !strings.Contains(err.Error(), ":2: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("Load error = %v, want line 2 and %q", err, says)
		}
	}
}

func FuzzAFileIsTakenOrRefused(f *testing.F) {
	f.Add("[hub]\nurl = \"https://hub.example\"\n")
	f.Add("hub.timeout = 5\n[[idle]]\n")
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := wardlight.Load(config.Sources{Named: path})
		var refused *config.Error
		if err != nil && !errors.As(err, &refused) || err == nil && c.IdleWarn >= c.IdleLock {
			t.Errorf("Load = %+v, %v, want *config.Error or a warning before the lock", c, err)
		}
	})
}

func TestModulesAreAListOfPathsTheKnownOnesOrNone(t *testing.T) {
	for written, want := range map[string][]string{
		"": nil, "none": {}, "/opt/a.so": {"/opt/a.so"}, "/opt/a.so:/opt/b.so": {"/opt/a.so", "/opt/b.so"},
	} {
		c, err := wardlight.Load(config.Sources{Environ: []string{"WARDLIGHT_CARD_MODULES=" + written}})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.CardModules, want) || (c.CardModules == nil) != (want == nil) {
			t.Errorf("CardModules of %q = %#v, want %#v", written, c.CardModules, want)
		}
	}
}

func TestPrintingAndTheClipboardAreSet(t *testing.T) {
	file := write(t, "config.toml", "[print]\nqueue = \"ward\"\ndestroy = \"Shred it.\"\n[clipboard]\nosc52 = true\n")
	c, err := wardlight.Load(config.Sources{Named: file})
	if err != nil || c.PrintQueue != "ward" || c.PrintDestroy != "Shred it." || !c.Clipboard {
		t.Errorf("Load = %+v, %v, want the file's settings", c, err)
	}
	c, err = wardlight.Load(config.Sources{Named: file, Environ: []string{"WARDLIGHT_CLIPBOARD_OSC52=false"}})
	if err != nil || c.Clipboard {
		t.Errorf("Load with osc52=false = %+v, %v, want no clipboard", c, err)
	}
	if c, err = wardlight.Load(config.Sources{}); err != nil || c.Clipboard || c.PrintQueue != "" {
		t.Errorf("Load without settings = %+v, %v, want no clipboard and no queue", c, err)
	}
}

func TestTheOfficeHasTheHoursAndDaysOfTheSettings(t *testing.T) {
	c, err := wardlight.Load(config.Sources{Environ: []string{
		"WARDLIGHT_OFFICE_HOURS=mon-fri 8:30-17:00, sat 10:00-12:00", "WARDLIGHT_OFFICE_CLOSED=2027-05-10",
		"WARDLIGHT_OFFICE_OPEN=2027-05-03",
	}})
	if err != nil {
		t.Fatal(err)
	}

	if got := c.Office.String(); got != "Mon-Fri 08:30-17:00, Sat 10:00-12:00" {
		t.Errorf("Office = %s, want Mon-Fri 08:30-17:00, Sat 10:00-12:00", got)
	}

	// Days in May 2027; the 3rd is a Monday.
	for day, want := range map[int]bool{3: true, 8: true, 9: false, 10: false, 11: true} {
		if at := time.Date(2027, time.May, day, 11, 0, 0, 0, c.Zone); c.Office.Answers(at) != want {
			t.Errorf("Answers(%s) = %v, want %v", at, !want, want)
		}
	}

	fallback, err := wardlight.Load(config.Sources{})
	if err != nil || fallback.Office.String() != "Mon-Fri 09:00-17:00" ||
		fallback.Office.Answers(time.Date(2027, time.May, 3, 11, 0, 0, 0, fallback.Zone)) {
		t.Errorf("default Office = %s, %v, want Mon-Fri 09:00-17:00 and closed on 3 May 2027", fallback.Office, err)
	}
}
