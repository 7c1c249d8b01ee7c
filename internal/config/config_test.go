package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/config"
)

// kitchen is the settings of an imaginary program.
type kitchen struct {
	port             int
	menu             []string
	cook, key, ovens string
}

func program(shared bool) config.Program[kitchen] {
	text := func(at func(*kitchen) *string) func(*kitchen, string) error {
		return func(k *kitchen, s string) error {
			*at(k) = s
			return config.OneLine(s)
		}
	}

	return config.Program[kitchen]{
		Prefix: "KITCHEN_", Shared: shared, Example: `cook = "Ada"`, Keys: []config.Key[kitchen]{
			{
				Name: "door.port", Flag: "port", Default: "80", Kind: config.Number, Format: "a number from 1 to 99",
				Parse: func(k *kitchen, s string) (err error) {
					k.port, err = config.ReadNumber(s, 1, 99)
					return err
				},
			},
			{Name: "menu.files", Kind: config.Paths, Format: "files", Parse: func(k *kitchen, s string) error {
				k.menu = filepath.SplitList(s)
				return nil
			}},
			{Name: "cook", Default: "Ada", Format: "a name", Parse: text(func(k *kitchen) *string { return &k.cook })},
			{Name: "safe.key", Kind: config.Secret, Format: "a key", Parse: func(k *kitchen, s string) error {
				if s == "short" {
					return errors.New("the key is too short")
				}
				k.key = s
				return nil
			}},
			{Name: "ovens", Default: "one", Format: "one or two", Parse: func(k *kitchen, s string) (err error) {
				k.ovens, err = config.ReadOne(s, "one", "two")
				return err
			}},
		},
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileMayHaveAByteOrderMark(t *testing.T) {
	var k kitchen
	path := write(t, "\ufeffcook = \"Bob\"\n[door]\nport = 8\n")
	if s, err := program(false).Load(&k, config.Sources{Named: path}); err != nil || k.cook != "Bob" ||
		s.Origin("door.port") != path+":3" {
		t.Errorf("Load = %+v, %v, want cook Bob and port from line 3", k, err)
	}
	twice := write(t, "\ufeffcook = \"Bob\"\ncook = \"Ann\"\n")
	if _, err := program(false).Load(&k, config.Sources{Named: twice}); err == nil ||
		!strings.Contains(err.Error(), "config.toml:2") {
		t.Errorf("Load with a duplicate key: error = %v, want line 2", err)
	}
}

func TestAFileHasNumbersListsAndPathsBesideItself(t *testing.T) {
	path := write(t, "cook = \"Bob\"\n[door]\nport = 8\n[menu]\nfiles = [\"a.txt\", \"/b.txt\"]\n[safe]\nkey = "+
		"\"hush-hush\"\n")
	var k kitchen
	s, err := program(false).Load(&k, config.Sources{Named: path})
	if err != nil {
		t.Fatal(err)
	}

	menu := []string{filepath.Join(filepath.Dir(path), "a.txt"), "/b.txt"}
	if k.port != 8 || k.cook != "Bob" || !slices.Equal(k.menu, menu) || k.key != "hush-hush" {
		t.Errorf("settings = %+v", k)
	}

	want := []config.Setting{
		{Key: "door.port", Value: "8", Origin: path + ":3"},
		{Key: "menu.files", Value: "a.txt:/b.txt", Origin: path + ":5"},
		{Key: "cook", Value: "Bob", Origin: path + ":1"},
		{Key: "safe.key", Value: "(kept secret)", Origin: path + ":7"},
		{Key: "ovens", Value: "one", Origin: "built in"},
	}

	if got := s.All(); !slices.Equal(got, want) {
		t.Errorf("All = %v, want %v", got, want)
	}

	if refused := s.Reject("door.port", "somebody else has it", ""); refused.Error() != path+
		":3: door.port: somebody else has it" {
		t.Errorf("Refuse = %v, want the origin and the problem", refused)
	}
}

func TestTheEnvironmentMayNameTheFile(t *testing.T) {
	in, flag := write(t, "cook = \"Bob\"\n"), write(t, "cook = \"Cy\"\n")
	environ := []string{"KITCHEN_CONFIG=" + in, "KITCHEN_DOOR_PORT=7"}
	var k kitchen
	if _, err := program(false).Load(&k, config.Sources{Environ: environ}); err != nil || k.cook != "Bob" ||
		k.port != 7 {
		t.Errorf("Load = %+v, %v, want cook Bob and port 7", k, err)
	}
	if _, err := program(false).Load(&k, config.Sources{Environ: environ, Named: flag}); err != nil || k.cook != "Cy" {
		t.Errorf("Load with a named file = %+v, %v, want cook Cy", k, err)
	}
}

func TestAPrefixOfOnesOwnAdmitsNoStranger(t *testing.T) {
	from := config.Sources{Environ: []string{"KITCHEN_WALLPAPER=green"}}
	var k kitchen
	if _, err := program(true).Load(&k, from); err != nil {
		t.Errorf("Load with a shared prefix: %v", err)
	}
	if _, err := program(false).Load(&k, from); err == nil ||
		err.Error() != "KITCHEN_WALLPAPER: there is no such setting" {
		t.Errorf("Load without a shared prefix: error = %v, want KITCHEN_WALLPAPER rejected", err)
	}
}

func TestATableMayBeEmpty(t *testing.T) {
	var k kitchen
	if _, err := program(false).Load(&k, config.Sources{Named: write(t, "[door]\n[menu]\n")}); err != nil ||
		k.port != 80 {
		t.Errorf("Load with empty tables = %+v, %v, want port 80", k, err)
	}
	for content, says := range map[string]string{
		"[cellar]\n": "cellar: there is no such setting",
		"[cook]\n":   "cook: map[] is not text in quotes",
	} {
		if _, err := program(false).Load(&k, config.Sources{Named: write(t, content)}); err == nil ||
			!strings.HasSuffix(err.Error(), says) {
			t.Errorf("Load of %q: error = %v, want %q", content, err, says)
		}
	}
}

func TestAWrongValueIsRefusedInItsOwnWords(t *testing.T) {
	for content, says := range map[string]string{
		"[door]\nport = 100":   "config.toml:2: door.port: 100 is not between 1 and 99",
		"[door]\nport = true":  "config.toml:2: door.port: true is not a number",
		"[door]\nport = \"x\"": `config.toml:2: door.port: "x" is not a whole number`,
		"cook = 4":             "config.toml:1: cook: 4 is not text in quotes",
		"cook = [\"a\"]":       "config.toml:1: cook: [a] is not text in quotes",
		"[menu]\nfiles = [1]": "config.toml:2: menu.files: [1] is not text in quotes, " +
			"or a list of such",
		"ovens = \"three\"":                   `config.toml:1: ovens: "three" is none of one, two`,
		"[safe]\nkey = 424242":                "config.toml:2: safe.key: this is not text in quotes",
		"[safe]\nkey = \"short\"":             "config.toml:2: safe.key: the key is too short",
		"cook = Bob":                          "config.toml:1: this is not TOML",
		"cook = \"a\"\n\ncook = \"b\"\n[x]\n": "config.toml:3: this is not TOML: key cook is already defined",
		"# one\n[x]\n[x]\n":                   "config.toml:3: this is not TOML: table x already exists",
	} {
		var k kitchen
		_, err := program(false).Load(&k, config.Sources{Named: write(t, content)})
		var refused *config.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), says) || refused.Hint == "" {
			t.Errorf("Load of %q: error = %v, want %q and a hint", content, err, says)
		}
	}
}

func TestWhatTheComputerMakesFinalNobodyElseSets(t *testing.T) {
	machine := write(t, "final = [\"cook\", \"menu.files\", \"safe.key\", \"ovens\"]\ncook = \"Bob\"\n[door]\nport "+
		"= 8\n[menu]\nfiles = [\"a.txt\"]\n[safe]\nkey = \"hush-hush\"\n")
	beside := filepath.Join(filepath.Dir(machine), "a.txt")
	user := write(t, "cook = \"Cy\"\n")
	key := write(t, "[safe]\nkey = \"other-key\"\n")
	for name, c := range map[string]struct {
		from        config.Sources
		says, hints string
	}{
		"a user's file": {
			config.Sources{Files: []string{user}},
			user + ":1: cook: this computer has a final value for it",
			`leave it out: it is "Bob" (` + machine + ":2)",
		},
		"a named file": {config.Sources{Named: user}, user + ":1: cook: this computer has a final value for it", "Bob"},
		"a file that the environment names": {
			config.Sources{Environ: []string{"KITCHEN_CONFIG=" + user}},
			user + ":1: cook: this computer has a final value for it", "Bob",
		},
		"the environment": {
			config.Sources{Environ: []string{"KITCHEN_COOK=Cy"}},
			"KITCHEN_COOK: cook: this computer has a final value for it", "Bob",
		},
		"nothing, too": {
			config.Sources{Environ: []string{"KITCHEN_COOK="}},
			"KITCHEN_COOK: cook: this computer has a final value for it", "Bob",
		},
		"what is built in": {
			config.Sources{Environ: []string{"KITCHEN_OVENS=two"}},
			"KITCHEN_OVENS: ovens: this computer has a final value for it", `"one" (built in)`,
		},
		"a path": {
			config.Sources{Environ: []string{"KITCHEN_MENU_FILES=a.txt"}},
			"KITCHEN_MENU_FILES: menu.files: this computer", "a.txt",
		},
		"a secret": {config.Sources{Named: key}, "safe.key: this computer has a final value for it", `"(kept secret)"`},
	} {
		t.Run(name, func(t *testing.T) {
			c.from.Machine = machine
			var k kitchen
			_, err := program(false).Load(&k, c.from)
			var refused *config.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) ||
				!strings.Contains(refused.Hint, c.hints) {
				t.Errorf("Load error = %v (%+v), want %q, hint %q", err, refused, c.says, c.hints)
			}
			if strings.Contains(refused.Hint+err.Error(), "hush") {
				t.Error("the error contains a secret")
			}
		})
	}

	// Setting a final setting to the same value is allowed, and other settings can be set as usual.
	var k kitchen
	s, err := program(false).Load(&k, config.Sources{
		Machine: machine, Environ: []string{"KITCHEN_COOK=Bob", "KITCHEN_MENU_FILES=" + beside, "KITCHEN_DOOR_PORT=9"},
	})
	if err != nil || k.cook != "Bob" || k.port != 9 {
		t.Fatalf("Load = %+v, %v, want cook Bob and port 9", k, err)
	}

	for _, set := range s.All() {
		if set.Final != (set.Key != "door.port") {
			t.Errorf("%s: Final = %t, want %t", set.Key, set.Final, set.Key != "door.port")
		}
	}

	// A named file replaces only the settings that aren't final.
	k = kitchen{}
	if _, err := program(false).Load(&k,
		config.Sources{Machine: machine, Named: write(t, "ovens = \"one\"\n")}); err != nil || k.cook != "Bob" ||
		k.port != 80 {
		t.Errorf("Load with a named file = %+v, %v, want cook Bob and port 80", k, err)
	}

	// The named file may be the computer's own.
	k = kitchen{}
	if _, err := program(false).Load(&k, config.Sources{
		Machine: machine, Files: []string{user},
		Named: machine,
	}); err != nil || k.cook != "Bob" || k.port != 8 {
		t.Errorf("Load with the computer's own file named = %+v, %v, want cook Bob and port 8", k, err)
	}
}

func TestOnlyTheComputersFileMakesSettingsFinal(t *testing.T) {
	machine := filepath.Join(t.TempDir(), "absent.toml")
	for name, c := range map[string]struct {
		from        config.Sources
		says, hints string
	}{
		"a user's file": {
			config.Sources{Machine: machine, Files: []string{write(t, "final = []\n")}}, "config.toml:1: final: " +
				"only the computer's own file makes settings final", machine,
		},
		"a named file": {
			config.Sources{Machine: machine, Named: write(t, "final = [\"cook\"]\n")},
			"final: only the computer's own file", machine,
		},
		"a program without any": {
			config.Sources{Named: write(t, "final = [\"cook\"]\n")},
			"final: there is no such setting", "",
		},
		"an unknown setting": {
			config.Sources{Machine: write(t, "final = [\"door.prot\"]\n")},
			`config.toml:1: final: there is no setting "door.prot"`, "did you mean door.port?",
		},
		"no list": {
			config.Sources{Machine: write(t, "final = true\n")},
			"final: true is not a list of settings", `["hub.url", "hub.ca_file"]`,
		},
		"below a table": {
			config.Sources{Machine: write(t, "[door]\nfinal = [\"cook\"]\n")},
			"door.final: there is no such setting", "final stands above the first table",
		},
		"a file that is no TOML": {
			config.Sources{Machine: write(t, "final = [\n"), Named: write(t, "")},
			"this is not TOML", "",
		},
		"a list that has numbers": {config.Sources{Machine: write(t, "final = [1]\n")}, `there is no setting "1"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var k kitchen
			_, err := program(false).Load(&k, c.from)
			var refused *config.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) ||
				!strings.Contains(refused.Hint, c.hints) {
				t.Errorf("Load error = %v (%+v), want %q, hint %q", err, refused, c.says, c.hints)
			}
		})
	}
}
