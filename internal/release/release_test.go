package main

import (
	"debug/buildinfo"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// inRepository changes to the folder with go.mod for the test.
func inRepository(t *testing.T) { t.Helper(); t.Chdir("../..") }

func TestEveryLinkedModuleHasItsLicence(t *testing.T) {
	inRepository(t)
	for _, p := range programs {
		modules, err := p.modules(t.Context())
		if err != nil {
			t.Fatalf("modules of %s: %v", p.name, err)
		}
		text := string(licenceText(p.name, modules))
		for _, m := range modules {
			if m.licence() == "NOASSERTION" {
				t.Errorf("%s: licence of %s %s is not recognised; extend identify", p.name, m.path, m.version)
			}
			if !strings.Contains(text, "\n"+m.path+" "+m.version+" (") {
				t.Errorf("%s: licence text does not contain %s", p.name, m.path)
			}
		}
	}
}

// The modules are the same as those in the build information of the programs.
func TestTheModulesAreThoseOfTheProgram(t *testing.T) {
	inRepository(t)

	for _, c := range []struct{ name, cgo string }{{"wardlight-hub", "0"}, {"wardlight", "1"}} {
		path := filepath.Join(t.TempDir(), c.name)
		build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/"+c.name)
		build.Env = append(os.Environ(), "CGO_ENABLED="+c.cgo)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}

		info, err := buildinfo.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}

		here := program{c.name, []target{{"linux", "amd64", c.cgo}}}
		modules, err := here.modules(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		var got, want []string
		for _, m := range modules {
			if m.path != standardLibrary {
				got = append(got, m.path+" "+m.version)
			}
		}

		for _, m := range info.Deps {
			want = append(want, m.Path+" "+m.Version)
		}

		slices.Sort(got)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("modules of %s = %v, want %v", c.name, got, want)
		}
	}
}

func TestAModuleWithoutALicenceIsAnError(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"LICENSE.txt": {"Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"},
		"NOTICE":      {"Permission is hereby granted, free of charge, to any person obtaining a copy", "NOASSERTION"},
		"README":      {"MIT", "NOASSERTION"},
		"COPYING":     {"All rights reserved.", "NOASSERTION"},
	} {
		place := filepath.Join(folder, name+".d")
		if err := os.Mkdir(place, 0o700); err != nil {
			t.Fatal(err)
		}

		if err := os.WriteFile(filepath.Join(place, name), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}

		found, err := notices(place, nil)
		if err != nil {
			t.Fatal(err)
		}

		m := module{path: "example.org/x", version: "v1", notices: found}
		if got := m.licence(); got != c.want {
			t.Errorf("%s: licence = %s, want %s", name, got, c.want)
		}

		if _, err := billOfMaterials("p", "1", time.Time{}, []module{m}); (err == nil) != (c.want == "MIT") {
			t.Errorf("%s: billOfMaterials: error %v, want one unless the licence is MIT", name, err)
		}
	}
}

func TestABillIsTheSameForTheSameSource(t *testing.T) {
	inRepository(t)
	modules, err := programs[1].modules(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	date := time.Date(2026, 11, 29, 12, 0, 0, 0, time.FixedZone("", 3600))
	first, err := billOfMaterials("wardlight-hub", "0.1.0", date, modules)
	if err != nil {
		t.Fatal(err)
	}

	second, err := billOfMaterials("wardlight-hub", "0.1.0", date, modules)
	if err != nil || string(first) != string(second) {
		t.Errorf("second bill of materials differs from the first: error %v", err)
	}

	var b bill
	if err := json.Unmarshal(first, &b); err != nil {
		t.Fatal(err)
	}

	if b.Format != "CycloneDX" || b.Metadata.Timestamp != "2026-11-29T11:00:00Z" || len(b.Components) != len(modules) ||
		len(b.Dependencies) != len(modules)+1 {
		t.Errorf("bill of materials: metadata %+v, %d components, want %d", b.Metadata, len(b.Components), len(modules))
	}

	i := slices.IndexFunc(b.Components, func(c component) bool { return c.Name == "modernc.org/sqlite" })
	if i < 0 || len(b.Components[i].Hashes) != 1 || len(b.Components[i].Hashes[0].Content) != 64 ||
		!strings.HasPrefix(b.Components[i].URL, "pkg:golang/modernc.org/sqlite@v") {
		t.Errorf("modernc.org/sqlite is component %d of %v, want it with a hash and a purl", i, b.Components)
	}
}

func TestDebianFiles(t *testing.T) {
	date := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	if got := string(changelogFile("wardlight-hub", "0.1.0-snapshot.1", date)); !strings.HasPrefix(got,
		"wardlight-hub (0.1.0~snapshot.1) unstable; urgency=medium\n\n  * ") ||
		!strings.HasSuffix(got, "\n\n -- "+maintainer+"  Sun, 29 Nov 2026 12:00:00 +0000\n") {
		t.Errorf("changelogFile = %q", got)
	}
	own := "MIT License\n\nCopyright (c) 2026 The Wardlight founders\n\nPermission is hereby granted\n\nTHE SOFTWARE\n"
	if got := string(copyrightFile([]byte(own), "wardlight")); !strings.Contains(got,
		"License: Expat\n Permission is hereby granted\n .\n THE SOFTWARE\n") {
		t.Errorf("copyrightFile = %q", got)
	}
	release, err := os.ReadFile("../../goreleaser.yaml")
	if err != nil || !strings.Contains(string(release), "maintainer: "+maintainer+"\n") {
		t.Errorf("goreleaser.yaml does not name the maintainer %s: %v", maintainer, err)
	}
}

func TestNoLinkOfAPackagedDocumentIsDead(t *testing.T) {
	folder := t.TempDir()
	if err := copyDocuments("../..", folder); err != nil {
		t.Fatal(err)
	}

	links := 0
	err := filepath.WalkDir(folder, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".md" {
			return err
		}
		text, err := os.ReadFile(file)
		for _, found := range regexp.MustCompile(`\]\(([^)#: ]+)(#[^)]*)?\)`).FindAllSubmatch(text, -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), string(found[1]))); err != nil {
				t.Errorf("%s: broken link %s", file, found[0])
			}
		}
		return err
	})
	if err != nil || links < 100 {
		t.Errorf("%d links, error %v, want at least 100", links, err)
	}

	if text, err := os.ReadFile(filepath.Join(folder, "docs", "operating.md")); err != nil ||
		!strings.Contains(string(text), "written against a text that") {
		t.Errorf("a link to the source was not replaced by its text: %v", err)
	}
}
