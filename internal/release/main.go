// Command release writes the files of a release other than the programs: the licences of all linked modules, the
// software bills of materials, and the documents. goreleaser.yaml runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// programs is the programs of a release, with the systems that they are built for.
var programs = []program{
	{"wardlight", []target{{"linux", "amd64", "1"}, {"linux", "arm64", "1"}, {"windows", "amd64", "1"}}},
	{"wardlight-hub", []target{{"linux", "amd64", "0"}, {"linux", "arm64", "0"}}},
	{"wardlight-lab", []target{{"linux", "amd64", "1"}}},
}

// run writes to a folder: licences/PROGRAM.txt and sbom/PROGRAM.cdx.json of each program, the files that Debian
// packages need, and the documents.
func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: release FOLDER VERSION DATE, the date as 2026-11-29T12:00:00Z")
	}

	folder, version := args[0], args[1]
	date, err := time.Parse(time.RFC3339, args[2])
	if err != nil {
		return err
	}

	own, err := os.ReadFile("LICENSE")
	if err != nil {
		return err
	}
	if err := copyDocuments(".", filepath.Join(folder, "documents")); err != nil {
		return err
	}

	for _, p := range programs {
		modules, err := p.modules(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}

		bill, err := billOfMaterials(p.name, version, date, modules)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}

		for name, text := range map[string][]byte{
			"licences/" + p.name + ".txt":     licenceText(p.name, modules),
			"sbom/" + p.name + ".cdx.json":    bill,
			"debian/" + p.name + ".copyright": copyrightFile(own, p.name),
			"debian/" + p.name + ".changelog": changelogFile(p.name, version, date),
		} {
			if err := write(filepath.Join(folder, name), text); err != nil {
				return err
			}
		}
	}

	return nil
}

func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}
