// Package prismtest runs Prism, which knows nothing of this project, with the NHS's own description of the PDS FHIR R4 API: in
// front of a hub it holds every answer to that contract, and alone it is a PDS that nobody here wrote. For tests only.
package prismtest

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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
const startFor = 90 * time.Second

// Proxy starts Prism in front of upstream and gives its URL. An answer that breaks the contract comes as a 500 whose body
// names each break. root is the way to the folder of go.mod.
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
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	out := &lockedBuffer{}
	cmd := exec.Command(node, append([]string{prism}, append(command(spec), "--host", "127.0.0.1", "--port", port)...)...) //nolint:noctx // ended below, by its own pid
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
	for !answers(tb, "http://"+address) {
		select {
		case <-tick.C:
		case <-gone:
			tb.Fatalf("Prism ended: %s", out)
		case <-limit.C:
			tb.Fatalf("Prism did not begin in %s: %s", startFor, out)
		}
	}
	return "http://" + address
}

// answers reports whether something listens there and speaks HTTP.
func answers(tb testing.TB, url string) bool {
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return true
}

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

// String is what was written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
