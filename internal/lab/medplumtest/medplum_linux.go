// Package medplumtest runs a record system that nobody here wrote: the FHIR R4 engine of Medplum (npm
// @medplum/fhir-router), which is behind their servers, too, over real HTTP and with resources in memory. It asks for
// no token. It is for tests only.
package medplumtest

import (
	"context"
	_ "embed"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/process"
	"wardlight/internal/need"
)

//go:embed serve.mjs
var script string

// modules is where make puts the engine.
const modules = ".bin/fhir-validators/node_modules"

// ready is how long it may take to begin: it reads the definitions of all of R4, on a busy machine for a while.
const ready = 2 * time.Minute

// Start starts an empty record system and gives its FHIR base URL. It ends with the test. Where it is not installed
// the test is skipped, or fails with CI=true.
func Start(tb testing.TB) (base string) {
	tb.Helper()
	node := need.Program(tb, "node", "install nodejs")
	root, err := need.Module()
	if err != nil {
		tb.Fatal(err)
	}
	folder := filepath.Join(root, modules)
	need.File(tb, filepath.Join(folder, "@medplum", "fhir-router"), "run make need-validators")
	said, complaints := new(process.Tail), new(process.Tail)
	cmd := exec.CommandContext(tb.Context(), node, "--input-type=module", "--eval", script, folder)
	cmd.Stdout, cmd.Stderr = said, complaints
	p, err := process.Start(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Kill)
	ctx, cancel := context.WithTimeout(tb.Context(), ready)
	defer cancel()
	if err := p.Until(ctx, 10*time.Millisecond, func(context.Context) error {
		if base = said.String(); !strings.HasSuffix(base, "/fhir") {
			return errors.New("it has not said where it listens")
		}
		return nil
	}); err != nil {
		tb.Fatalf("medplum's engine: %v\n%s", err, complaints)
	}
	return base
}
