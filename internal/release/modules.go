package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// target is a system that a program is built for.
type target struct{ os, arch, cgo string }

// program is a program of a release.
type program struct {
	name    string
	targets []target
}

// module is a module that is linked into a program.
type module struct {
	path, version string
	sum           string // SHA-256 from go.sum, in hex; "" for the standard library
	folder        string
	notices       []notice
}

// notice is a licence, or another text that must be distributed with the program.
type notice struct{ file, text string } // path relative to the module

// standardLibrary is the module path used for Go's standard library.
const standardLibrary = "std"

// modules returns the modules linked into a program on any of its systems, with their licences, ordered by path. It
// returns an error if a module has no licence.
func (p program) modules(ctx context.Context) ([]module, error) {
	found := make(map[string]*module)
	folders := make(map[string]map[string]bool) // folders of the linked packages, by module
	for _, t := range p.targets {
		packages, err := t.packages(ctx, "./cmd/"+p.name)
		if err != nil {
			return nil, err
		}
		for _, one := range packages {
			m := one.module()
			if m == nil {
				continue
			}
			if found[m.path] == nil {
				found[m.path], folders[m.path] = m, make(map[string]bool)
			}
			folders[m.path][one.Dir] = true
		}
	}

	sums, err := readSums("go.sum")
	if err != nil {
		return nil, err
	}

	var all []module
	for path, m := range found {
		if m.notices, err = notices(m.folder, folders[path]); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(m.notices, notice.isLicence) {
			return nil, fmt.Errorf("%s %s has no licence in %s", m.path, m.version, m.folder)
		}
		if m.sum = sums[m.path+" "+m.version]; m.sum == "" && m.path != standardLibrary {
			return nil, fmt.Errorf("%s %s is not in go.sum", m.path, m.version)
		}
		all = append(all, *m)
	}

	slices.SortFunc(all, func(a, b module) int { return cmp.Compare(a.path, b.path) })
	return all, nil
}

// goPackage is a package in the output of "go list".
type goPackage struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{}
	}
}

// module returns the module of a package, or nil for this project's own.
func (l *goPackage) module() *module {
	switch {
	case l.Standard:
		return &module{
			path: standardLibrary, version: strings.TrimPrefix(runtime.Version(), "go"),
			folder: runtime.GOROOT(), //nolint:staticcheck // the Go that builds the release runs this program
		}
	case l.Module == nil || l.Module.Main:
		return nil
	default:
		return &module{path: l.Module.Path, version: l.Module.Version, folder: l.Module.Dir}
	}
}

// packages returns the packages linked into a program on a system.
func (t target) packages(ctx context.Context, path string) ([]goPackage, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,Standard,Module", path)
	cmd.Env = append(os.Environ(), "GOOS="+t.os, "GOARCH="+t.arch, "CGO_ENABLED="+t.cgo)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list for %s/%s: %w: %s", t.os, t.arch, err, &stderr)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var one goPackage
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

// noticeName matches the names of files with licences and notices.
var noticeName = regexp.MustCompile(`(?i)^(licen[sc]e|copying|copyright|notice|patents|unlicense)([-._].*)?$`)

// isLicence reports whether a notice is a licence.
func (n notice) isLicence() bool {
	base := strings.ToLower(filepath.Base(n.file))
	return strings.HasPrefix(base, "licen") || strings.HasPrefix(base, "copying") ||
		strings.HasPrefix(base, "unlicense")
}

// notices returns the notices in the folders of packages and in their parent folders, up to the module's root.
func notices(root string, packages map[string]bool) ([]notice, error) {
	folders := map[string]bool{root: true}
	for folder := range packages {
		for ; len(folder) > len(root); folder = filepath.Dir(folder) {
			folders[folder] = true
		}
	}

	var all []notice
	for folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}

		for _, e := range entries {
			if !noticeName.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" || !isFile(folder, e) {
				continue
			}
			name := filepath.Join(folder, e.Name())
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			file, err := filepath.Rel(root, name)
			if err != nil {
				return nil, err
			}
			all = append(all, notice{filepath.ToSlash(file), strings.ReplaceAll(string(text), "\r\n", "\n")})
		}
	}

	slices.SortFunc(all, func(a, b notice) int { return cmp.Compare(a.file, b.file) })
	return all, nil
}

func isFile(folder string, e fs.DirEntry) bool {
	info, err := os.Stat(filepath.Join(folder, e.Name()))
	return err == nil && info.Mode().IsRegular()
}
