// Package prismtest runs Prism, which knows nothing of this project, with the NHS's own description of the PDS FHIR
// R4 API: in front of a hub it holds every answer to that contract, and alone it is a PDS that nobody here wrote. For
// tests only.
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

// The parts that a test needs: the document, and the program that make installs.
const (
	contracts = "WARDLIGHT_CONTRACTS" // the folder of the document, where it is not ../shared/contracts beside the checkout
	document  = "pds-fhir-r4.openapi.json"
	program   = ".bin/node_modules/@stoplight/prism-cli/dist/index.js"
)

// Base is the path under which PDS serves; the document's paths begin behind it.
const Base = "/personal-demographics/FHIR/R4"

// startFor is how long Prism may take to begin: it compiles the document, on a busy machine for a while.
const startFor = 3 * time.Minute

// Proxy starts Prism in front of upstream and gives its URL. An answer that breaks the contract comes as a 500 whose
// body names each break. root is the way to the folder of go.mod.
func Proxy(tb testing.TB, root, upstream string) string {
	tb.Helper()
	return start(tb, root, func(document string) []string {
		return []string{"proxy", document, upstream + Base, "--errors", "--validate-request", "false"}
	})
}

// Mock starts Prism as a PDS that answers with the document's own examples, and gives its URL.
func Mock(tb testing.TB, root string) string {
	tb.Helper()
	return start(tb, root, func(document string) []string { return []string{"mock", document} })
}

func start(tb testing.TB, root string, command func(document string) []string) string {
	tb.Helper()
	folder := os.Getenv(contracts)
	if folder == "" {
		folder = filepath.Join(root, "..", "shared", "contracts")
	}
	spec := need.File(tb, filepath.Join(folder, document), "set "+contracts+" to its folder")
	prism := need.File(tb, filepath.Join(root, program), "run make need-prism")
	node := need.Program(tb, "node", "install nodejs")
	out := &lockedBuffer{}
	cmd := exec.Command(node, append([]string{prism}, append(command(spec), "--host", "127.0.0.1", "--port", "0")...)...) //nolint:noctx // ended below, by its own pid
	cmd.Env = append(os.Environ(), "FORCE_COLOR=0")                                                                       // what it says is read
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
	tick, limit := time.NewTicker(100*time.Millisecond), time.NewTimer(startFor)
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
			tb.Fatalf("Prism did not begin in %s: %s", startFor, out)
		}
	}
}

// listening is how Prism says that it has begun, and on which port of the kernel's choice.
var listening = regexp.MustCompile(`Prism is listening on (http://[0-9.:]+)\n`)

// lockedBuffer is output that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps p.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
