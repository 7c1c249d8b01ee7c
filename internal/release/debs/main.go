// Command debs builds the programs of goreleaser.yaml for Linux on amd64 and their Debian packages, without goreleaser,
// which takes five minutes to install. It reads that file and calls the same version of nfpm as goreleaser does, so the
// packages are the same, byte for byte: scripts/snapshot compares them. It is a module of its own: nothing of nfpm is
// among what Wardlight's programs need.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"go.yaml.in/yaml/v3"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: debs GORELEASER.yaml VERSION DATE FOLDER, the date as 2026-11-29T12:00:00Z")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "debs:", err)
		os.Exit(1)
	}
}

// release holds the parts of goreleaser.yaml that this program reads.
type release struct {
	Builds   []build        `yaml:"builds"`
	Packages []pkg          `yaml:"nfpms"`
	Others   map[string]any `yaml:",inline"` // not used
}

// build says how a program is built.
type build struct {
	ID      string   `yaml:"id"`
	Main    string   `yaml:"main"`
	Binary  string   `yaml:"binary"`
	Env     []string `yaml:"env"`
	Systems []string `yaml:"goos"`
	Archs   []string `yaml:"goarch"`
	Flags   []string `yaml:"flags"`
	LDFlags []string `yaml:"ldflags"`
	Time    string   `yaml:"mod_timestamp"` // not used: the package sets the time
}

// pkg is a package. Each field that a package of goreleaser.yaml sets has to be here: an unknown one is refused.
type pkg struct {
	ID           string              `yaml:"id"`
	Name         string              `yaml:"package_name"`
	Builds       []string            `yaml:"ids"`
	Maintainer   string              `yaml:"maintainer"`
	Description  string              `yaml:"description"`
	License      string              `yaml:"license"`
	Section      string              `yaml:"section"`
	Priority     string              `yaml:"priority"`
	MTime        string              `yaml:"mtime"`
	Formats      []string            `yaml:"formats"`
	Dependencies []string            `yaml:"dependencies"`
	Contents     files.Contents      `yaml:"contents"`
	Scripts      scripts             `yaml:"scripts"`
	RPM          map[string]any      `yaml:"rpm"` // not used for a Debian package
	Overrides    map[string]override `yaml:"overrides"`
}

// scripts run at the steps of an installation.
type scripts struct {
	PreInstall  string `yaml:"preinstall"`
	PostInstall string `yaml:"postinstall"`
	PreRemove   string `yaml:"preremove"`
	PostRemove  string `yaml:"postremove"`
}

// override holds the settings of one package format.
type override struct {
	Dependencies []string `yaml:"dependencies"`
	Recommends   []string `yaml:"recommends"`
}

// run builds everything into a folder.
func run(ctx context.Context, settings, version, date, folder string) error {
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return err
	}

	r, err := read(settings)
	if err != nil {
		return err
	}

	for _, b := range r.Builds {
		if b.linuxAMD64() {
			if err := b.build(ctx, version, folder); err != nil {
				return fmt.Errorf("%s: %w", b.ID, err)
			}
		}
	}

	for _, p := range r.Packages {
		if err := p.write(r.Builds, version, at, folder); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}

	return nil
}

// read reads goreleaser.yaml. It refuses a field of a package that it does not know.
func read(name string) (release, error) {
	f, err := os.Open(name)
	if err != nil {
		return release{}, err
	}
	defer func() { _ = f.Close() }()
	var r release
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	return r, d.Decode(&r)
}

// linuxAMD64 reports whether the program is built for Linux on amd64. Without goos, goreleaser builds for Linux too.
func (b build) linuxAMD64() bool {
	return (b.Systems == nil || slices.Contains(b.Systems, "linux")) && slices.Contains(b.Archs, "amd64")
}

// build builds the program into a folder.
func (b build) build(ctx context.Context, version, folder string) error {
	args := append([]string{"build"}, b.Flags...)
	for _, f := range b.LDFlags {
		args = append(args, "-ldflags="+strings.ReplaceAll(f, "{{ .Version }}", version))
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", filepath.Join(folder, b.Binary), b.Main)...)
	cmd.Env = append(append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1"), b.Env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// write writes the Debian package into a folder, where its program is.
func (p pkg) write(builds []build, version string, at time.Time, folder string) (err error) {
	if p.MTime != "{{ .CommitDate }}" {
		return fmt.Errorf("mtime: got %q, want {{ .CommitDate }}", p.MTime)
	}

	own := p.Overrides["deb"]
	info := &nfpm.Info{
		Name: p.Name, Arch: "amd64", Platform: "linux", Version: version, Section: p.Section, Priority: p.Priority,
		Maintainer: p.Maintainer, Description: p.Description, License: p.License, MTime: at,
		Overridables: nfpm.Overridables{
			Depends: p.Dependencies, Recommends: own.Recommends, Contents: p.Contents,
			Scripts: nfpm.Scripts{
				PreInstall: p.Scripts.PreInstall, PostInstall: p.Scripts.PostInstall,
				PreRemove: p.Scripts.PreRemove, PostRemove: p.Scripts.PostRemove,
			},
			Deb: nfpm.Deb{ArchVariant: "v1"},
		},
	}

	if own.Dependencies != nil {
		info.Depends = own.Dependencies
	}

	for _, b := range builds {
		if b.linuxAMD64() && slices.Contains(p.Builds, b.ID) {
			info.Contents = append(info.Contents, &files.Content{
				Source: filepath.Join(folder, b.Binary), Destination: "/usr/bin/" + b.Binary,
				FileInfo: &files.ContentFileInfo{Mode: 0o755, MTime: at},
			})
		}
	}

	info = nfpm.WithDefaults(info)
	f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%s_%s_linux_amd64.deb", p.Name, version)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return deb.Default.Package(info, f)
}
