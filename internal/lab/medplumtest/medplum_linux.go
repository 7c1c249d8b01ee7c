// Package medplumtest runs an independent record system: the FHIR R4 engine of Medplum's servers (npm
// @medplum/fhir-router), over real HTTP and with resources in memory. It requires no token. It is for tests only.
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

// modules is the folder in which make installs the engine.
const modules = ".bin/fhir-validators/node_modules"

// ready is the timeout for it to start. It loads the definitions of all of R4, which takes long on a busy machine.
const ready = 2 * time.Minute

// Start starts an empty record system and returns its FHIR base URL. It is stopped at the end of the test. If it is
// not installed, the test is skipped, or fails with CI=true.
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
			return errors.New("it has not reported its address")
		}
		return nil
	}); err != nil {
		tb.Fatalf("starting Medplum: %v\n%s", err, complaints)
	}

	return base
}
