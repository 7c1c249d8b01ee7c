// Package prismtest runs Prism with the NHS's OpenAPI descriptions of the PDS FHIR R4 API, of the Summary Care Record
// FHIR R4 API and of the MHS adaptor. As a proxy in front of a hub or an adaptor it validates every response. As a mock
// it is a national service that is independent of this project. For tests only.
package prismtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"wardlight/internal/need"
)

// The documents, and the program that make installs.
const (
	pds     = "pds-fhir-r4.openapi.json"
	mhs     = "mhs-outbound.openapi.yaml"
	program = ".bin/node_modules/@stoplight/prism-cli/dist/index.js"
)

// Base is the base path of PDS. The document's paths are relative to it.
const Base = "/personal-demographics/FHIR/R4"

// startTimeout is the timeout for Prism to start. It compiles the document, which takes long on a busy machine.
const startTimeout = 3 * time.Minute

// Proxy starts Prism in front of upstream and returns its URL. A response that violates the contract becomes a 500
// whose body lists the violations. root is the path of the folder of go.mod.
func Proxy(tb testing.TB, root, upstream string) string {
	tb.Helper()
	return start(tb, root, pds, func(document string) []string {
		return []string{"proxy", document, upstream + Base, "--errors", "--validate-request", "false"}
	})
}

// MHSProxy starts Prism in front of an MHS adaptor and returns its URL. It also validates the requests: one that
// violates the contract gets a 422 whose body lists the violations.
func MHSProxy(tb testing.TB, root, upstream string) string {
	tb.Helper()
	return start(tb, root, mhs, func(document string) []string {
		return []string{"proxy", document, upstream, "--errors"}
	})
}

// Mock starts Prism as a PDS that answers with the document's examples, and returns its URL.
func Mock(tb testing.TB, root string) string {
	tb.Helper()
	return start(tb, root, pds, func(document string) []string { return []string{"mock", document} })
}

func start(tb testing.TB, root, document string, command func(document string) []string) string {
	tb.Helper()
	spec := need.Contract(tb, root, document)
	prism := need.File(tb, filepath.Join(root, program), "run make need-prism")
	node := need.Program(tb, "node", "install nodejs")
	out := &lockedBuffer{}
	args := append([]string{prism}, append(command(spec), "--host", "127.0.0.1", "--port", "0")...)
	cmd := exec.Command(node, args...)              //nolint:noctx // stopped below
	cmd.Env = append(os.Environ(), "FORCE_COLOR=0") // output is parsed
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}

	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait()
	}()

	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-gone
	})

	tick, limit := time.NewTicker(100*time.Millisecond), time.NewTimer(startTimeout)
	defer tick.Stop()
	defer limit.Stop()

	for {
		if url := listening.FindStringSubmatch(out.String()); url != nil {
			return url[1]
		}
		select {
		case <-tick.C:
		case <-gone:
			tb.Fatalf("Prism ended: %s", out)
		case <-limit.C:
			tb.Fatalf("Prism did not start within %s: %s", startTimeout, out)
		}
	}
}

// listening matches Prism's message with the URL on which it listens. The kernel assigns the port.
var listening = regexp.MustCompile(`Prism is listening on (http://[0-9.:]+)\n`)

// lockedBuffer is a buffer that is safe for concurrent use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends p.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns the output so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
