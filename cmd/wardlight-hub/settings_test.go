package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/cards"
	"wardlight/hub/holder"
	"wardlight/hub/store"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
)

func settingsIn(t *testing.T, content string) (string, config.Sources) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name, config.Sources{Named: name}
}

func TestSettings_Defaults(t *testing.T) {
	s, err := loadFrom(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if s.listen != "127.0.0.1:8443" || s.operator != "127.0.0.1:9464" || s.tlsVersion != "1.2" || s.clients != "off" ||
		s.idle != 15*time.Minute || s.maxSession != 8*time.Hour || s.window.AfterEnd != 365 ||
		s.window.AfterDue != 28 || s.engine != "sqlite" {
		t.Errorf("default settings: got %+v", s)
	}
}

func TestASettingsFileIsTakenWhole(t *testing.T) {
	name, from := settingsIn(t, `
[hub]
listen = ":8443"
public_url = "https://hub.example"
data_folder = "books"
[tls]
certificate_file = "tls.pem"
key_file = "tls.key"
client_certificates = "required"
client_ca_file = "/etc/terminals.pem"
[cards]
ca_files = ["a=a.pem=uuid", "b.pem=sha256"]
[visibility]
after_end = 400
[session]
idle = "5m"
[operator]
listen = "off"
`)
	from.Environ = []string{"WARDLIGHT_SERVER_SESSION_IDLE=6m", "WARDLIGHT_HUB_URL=https://hub.example", "PATH=/bin"}
	from.Flags = map[string]string{"log-level": "debug", "config": name}
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}

	folder := filepath.Dir(name)
	if s.certificate != filepath.Join(folder, "tls.pem") || s.clientCA != "/etc/terminals.pem" ||
		s.data != filepath.Join(folder, "books") ||
		len(s.cardCAs) != 2 ||
		s.cardCAs[0] != (cards.Bundle{File: filepath.Join(folder, "a=a.pem"), Naming: holder.UUID}) ||
		s.cardCAs[1] != (cards.Bundle{File: filepath.Join(folder, "b.pem"), Naming: holder.SHA256}) ||
		s.window.AfterEnd != 400 || s.idle != 6*time.Minute ||
		s.operator != "" || s.logLevel != "debug" || s.signingKeyFile() != filepath.Join(folder, "books",
		"signing-key.pem") {
		t.Errorf("settings: got %+v", s)
	}

	for key, want := range map[string]string{
		"tls.client_ca_file": name + ":10", "cards.ca_files": name + ":12",
		"session.idle": "WARDLIGHT_SERVER_SESSION_IDLE", "log.level": "--log-level",
	} {
		if got := s.Origin(key); got != want {
			t.Errorf("Origin(%s) = %s, want %s", key, got, want)
		}
	}
}

func TestAWrongSettingOfTheHubIsRefusedWithItsLine(t *testing.T) {
	const pair = "[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\n"
	for name, c := range map[string]struct{ file, env, says, hints string }{
		"a slip": {
			"[hub]\nlisen = \":1\"", "", "config.toml:2: hub.lisen: there is no such setting",
			"did you mean hub.listen?",
		},
		"a slip in the environment": {
			"", "WARDLIGHT_SERVER_HUB_LISEN=:1",
			"WARDLIGHT_SERVER_HUB_LISEN: there is no such setting", "did you mean WARDLIGHT_SERVER_HUB_LISTEN?",
		},
		"another's variable": {
			"", "WARDLIGHT_SERVER_COLOUR=red",
			"WARDLIGHT_SERVER_COLOUR: there is no such setting", "",
		},
		"no port": {
			"[hub]\nlisten = \"localhost\"", "",
			`config.toml:2: hub.listen: "localhost" is not an address with a port`, "such as",
		},
		"plain HTTP on a network": {
			"[hub]\nlisten = \":8443\"", "",
			"config.toml:2: hub.listen: without a TLS certificate", "set tls.certificate_file",
		},
		"half a certificate": {
			"[tls]\nkey_file = \"b\"", "",
			"config.toml:2: tls.key_file: it has no certificate", "set tls.certificate_file",
		},
		"too old a TLS": {
			pair + "min_version = \"1.1\"", "",
			`config.toml:4: tls.min_version: "1.1" is none of 1.2, 1.3`, "the lowest TLS",
		},
		"clients of no CA": {
			pair + "client_certificates = \"required\"", "",
			"config.toml:4: tls.client_certificates: the CA of client certificates", "set tls.client_ca_file",
		},
		"a CA for nobody": {
			pair + "client_ca_file = \"c\"", "",
			"config.toml:4: tls.client_ca_file: client certificates are off", "set tls.client_certificates",
		},
		"clients without TLS": {
			"[tls]\nclient_certificates = \"optional\"\nclient_ca_file = \"c\"", "",
			"config.toml:2: tls.client_certificates: client certificates require TLS", "set tls.cert",
		},
		"idle after the end": {
			"[session]\nidle = \"10m\"\nmax = \"5m\"", "",
			"config.toml:2: session.idle: session.idle is longer than session.max", "session.max is 5m0s (",
		},
		"no days": {
			"[visibility]\nafter_end = 0", "",
			"config.toml:2: visibility.after_end: 0 is not between 1 and 3660", "a number of days",
		},
		"a rate in words": {
			"[limits]\ntoken_source = \"many\"", "",
			`config.toml:2: limits.token_source: "many" is not a whole number`, "a number of requests a minute",
		},
		"a public URL": {
			"[hub]\npublic_url = \"https://hub.example/\"", "",
			"config.toml:2: hub.public_url: \"https://hub.example/\" is not a valid URL for the hub", "such as",
		},
		"an operator without port": {
			"[operator]\nlisten = \"on\"", "",
			`config.toml:2: operator.listen: "on" is not an address`, "such as",
		},
		"a DSN for SQLite": {
			"[store]\ndsn_file = \"d\"", "",
			"config.toml:2: store.dsn_file: SQLite does not use a DSN", "set store.engine",
		},
		"PostgreSQL nowhere": {
			"[store]\nengine = \"postgres\"", "",
			"config.toml:2: store.engine: the connection string of PostgreSQL",
			"set store.dsn_file, or WARDLIGHT_SERVER_STORE_DSN",
		},
		"two DSNs": {
			"[store]\nengine = \"postgres\"\ndsn_file = \"d\"", "WARDLIGHT_SERVER_STORE_DSN=x",
			"config.toml:3: store.dsn_file: store.dsn is also set", "store.dsn comes from WARDLIGHT_SERVER_STORE_DSN",
		},
		"checkpoints unsigned": {
			"[audit]\ncheckpoint_folder = \"c\"", "",
			"config.toml:2: audit.checkpoint_folder: checkpoints require a signing key",
			"set audit.checkpoint_key_file",
		},
		"a key for no checkpoint": {
			"[audit]\ncheckpoint_key_file = \"c\"", "",
			"config.toml:2: audit.checkpoint_key_file: the folder for checkpoints", "set audit.checkpoint_folder",
		},
		"witnesses of no checkpoint": {
			"[audit]\nwitnesses_file = \"w\"", "",
			"config.toml:2: audit.witnesses_file: the folder for checkpoints", "witnesses sign checkpoints",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, from := settingsIn(t, c.file)
			from.Environ = []string{c.env}
			_, err := loadFrom(from)
			var refused *config.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) ||
				!strings.HasPrefix(refused.Hint, c.hints) || (c.hints == "") != (refused.Hint == "") {
				t.Fatalf("got error %v, want %q in it and the hint %q", err, c.says, c.hints)
			}
			var told bytes.Buffer
			if code := reportError(&told, err); code != exitSettings ||
				strings.Contains(told.String(), "hint:") != (c.hints != "") {
				t.Errorf("tell: exit code %d, want %d; hint: want %v, got %s", code, exitSettings, c.hints != "", &told)
			}
		})
	}
}

func TestTheSettingsOfHubAndTerminalLiveInOneEnvironment(t *testing.T) {
	var environ []string
	for _, k := range program().Keys {
		environ = append(environ, program().EnvName(k.Name)+"="+k.Default)
	}
	if _, err := wardlight.Load(config.Sources{Environ: environ}); err != nil {
		t.Errorf("terminal program with the hub's variables: %v", err)
	}
	if _, err := loadFrom(config.Sources{Environ: append(environ, "WARDLIGHT_HUB_URL=x",
		"WARDLIGHT_SITE_NAME=x")}); err != nil {
		t.Errorf("hub with the terminal program's variables: %v", err)
	}
}

func TestConfigShowsOriginsAndNoSecret(t *testing.T) {
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub:hush@db.example/hub")
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	var out bytes.Buffer
	root := newRoot(&out, io.Discard)
	root.SetArgs([]string{"config", "--listen", "127.0.0.1:1"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}

	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		`hub.listen "127.0.0.1:1" --listen`,
		`store.dsn "(kept secret)" WARDLIGHT_SERVER_STORE_DSN`, `tls.min_version "1.2" built in`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("config: no %s in\n%s", want, &out)
		}
	}

	if strings.Contains(got, "hush") {
		t.Error("config prints the password")
	}
}

func TestEverySettingIsInTheOperatorsHandbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range program().Keys {
		row := "| `" + k.Name + "` |"
		i := strings.Index(string(text), row)
		if i < 0 {
			t.Errorf("handbook: no row %s", row)
			continue
		}
		line, _, _ := strings.Cut(string(text[i:]), "\n")
		if k.Default != "" && !strings.Contains(line, "`"+k.Default+"`") || k.Flag != "" &&
			!strings.Contains(line, "`--"+k.Flag+"`") {
			t.Errorf("handbook row of %s: no default %q or flag --%s: %s", k.Name, k.Default, k.Flag, line)
		}
	}
}

func FuzzASettingsFileIsTakenOrRefused(f *testing.F) {
	f.Add("[hub]\nlisten = \"127.0.0.1:1\"\n[cards]\nca_files = [\"a\", 1]\n")
	f.Add("[store]\ndsn = \"postgres://x:hush@y/z\"\n")
	f.Fuzz(func(t *testing.T, content string) {
		name := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := loadFrom(config.Sources{Named: name})
		var refused *config.Error
		if err != nil && !errors.As(err, &refused) || err == nil && s.maxSession < s.idle {
			t.Errorf("got settings %+v, error %v, want a *config.Error or a maximum of at least the idle time", s, err)
		}
	})
}

func TestHowNotificationsAreDeliveredIsCheckedAtTheStart(t *testing.T) {
	folder := t.TempDir()
	secrets := filepath.Join(folder, "mesh")
	if err := os.WriteFile(secrets, []byte("password p\nshared_key k\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	whole := "[mesh]\nmailbox = \"X26HC001\"\nurl = \"https://mesh.example\"\nsecrets_file = \"" + secrets + "\"\n"
	for name, c := range map[string]struct{ content, says string }{
		"a whole one": {whole, ""},
		"no password": {
			"[mesh]\nmailbox = \"X26HC001\"\nurl = \"https://mesh.example\"",
			"config.toml:2: mesh.mailbox: it has no password",
		},
		"a mailbox in small letters": {
			strings.Replace(whole, "X26HC001", "x26hc001", 1),
			"config.toml:2: mesh.mailbox: \"x26hc001\" is not a mailbox of MESH: write it in capital letters, X26HC001",
		},
		"a mailbox that is none": {strings.Replace(whole, "X26HC001", "X26 HC001", 1), "config.toml:2: mesh.mailbox"},
		"no address":             {"[mesh]\nmailbox = \"X26HC001\"", "mesh.url"},
		"in clear": {
			"[mesh]\nmailbox = \"X26HC001\"\nurl = \"http://mesh.example\"",
			"config.toml:3: mesh.url",
		},
		"no mailbox": {
			"[mesh]\nurl = \"https://mesh.example\"",
			"config.toml:2: mesh.url: MESH requires a mailbox",
		},
		"a key without":            {whole + "key_file = \"k.pem\"", "mesh.certificate_file"},
		"secrets that do not read": {strings.Replace(whole, secrets, folder, 1), "config.toml:4: mesh.secrets_file"},
		"a CA of nothing": {
			whole + "ca_file = \"" + secrets + "\"",
			"config.toml:5: mesh.ca_file: there is no certificate",
		},
		"a relative folder":   {"[notify]\nfolder = \"drop\"", ""},
		"webhooks of nothing": {"[webhook]\nsecrets_file = \"" + secrets + "\"", "config.toml:2: webhook.secrets_file"},
	} {
		_, from := settingsIn(t, c.content)
		s, err := loadFrom(from)
		if err == nil {
			_, _, err = s.transport(newMonitor(slog.New(slog.DiscardHandler)))
		}
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got error %v, want %q in it", name, err, c.says)
		}
	}

	s, err := loadFrom(config.Sources{})
	if err != nil || s.window.NotifyAfterEnd != 365 {
		t.Errorf("default window: got %d days, error %v, want 365", s.window.NotifyAfterEnd, err)
	}
}

func TestWebhookSecrets_Shared(t *testing.T) {
	const one, other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
	for name, c := range map[string]struct {
		text  string
		alarm bool
	}{
		"shared": {one + "\n", true},
		"own":    {"version 2\nV998 " + one + "\nV999 " + other + "\n", false},
	} {
		file := filepath.Join(t.TempDir(), "secrets")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		s := &settings{delivery: delivery{secrets: file}}
		if _, _, err := s.transport(newMonitor(slog.New(slog.NewTextHandler(&log, nil)))); err != nil {
			t.Errorf("transport, %s: %v", name, err)
		}
		if got := strings.Contains(log.String(), "ALARM"); got != c.alarm {
			t.Errorf("%s: alarm logged: want %v, got log %q", name, c.alarm, log.String())
		}
	}
}

func TestRetention(t *testing.T) {
	for days, want := range map[string]time.Duration{"": 24 * time.Hour, "3": 72 * time.Hour} {
		var environ []string
		if days != "" {
			environ = append(environ, "WARDLIGHT_SERVER_RETENTION_SESSIONS="+days)
		}
		s, err := loadFrom(config.Sources{Environ: environ})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.retention().Sessions; got != want {
			t.Errorf("retention of sessions for %q days: got %s, want %s", days, got, want)
		}
	}

	s, err := loadFrom(config.Sources{Environ: []string{
		"WARDLIGHT_SERVER_RETENTION_NOTIFICATION_BODIES=30",
		"WARDLIGHT_SERVER_RETENTION_UPLOAD_ANSWERS=31",
	}})
	if err != nil {
		t.Fatal(err)
	}

	if got, want := s.retention(), (store.Retention{
		Sessions: 24 * time.Hour, Bodies: 30 * 24 * time.Hour,
		Answers: 31 * 24 * time.Hour,
	}); got != want {
		t.Errorf("retention() = %+v, want %+v", got, want)
	}

	for _, bad := range []string{"SESSIONS=0", "NOTIFICATION_BODIES=29", "UPLOAD_ANSWERS=29"} {
		if _, err := loadFrom(config.Sources{Environ: []string{"WARDLIGHT_SERVER_RETENTION_" + bad}}); err == nil {
			t.Errorf("setting %s was accepted, want an error", bad)
		}
	}
}
