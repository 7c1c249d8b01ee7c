package pkcs11test

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:embed shim/shim.c
var shimSource string

// Shim is a module that wraps SoftHSM and misbehaves as requested.
type Shim struct {
	Path string
	log  string
}

// NewShim compiles the module. It needs gcc.
func NewShim(tb testing.TB) *Shim {
	tb.Helper()
	dir := tb.TempDir()
	s := &Shim{Path: filepath.Join(dir, "shim.so"), log: filepath.Join(dir, "log")}
	compile := exec.CommandContext(tb.Context(), "gcc", "-shared", "-fPIC", "-o", s.Path, "-x", "c", "-", "-ldl")
	compile.Stdin = strings.NewReader(shimSource)
	if out, err := compile.CombinedOutput(); err != nil {
		tb.Fatalf("gcc: %v\n%s", err, out)
	}
	return s
}

// Environ adds a variable to the environment that selects the shim's behaviour, such as "hang" or "abort at sign" (see
// shim/shim.c). "" passes all calls on.
func (s *Shim) Environ(environ []string, mode string) []string {
	return append(slices.Clone(environ), "SHIM_REAL="+SoftHSM, "SHIM_LOG="+s.log, "SHIM_MODE="+mode)
}

// Keypad is like Environ for a reader with a keypad on which typed is typed. mode may be "keypad", "keypad cancel" or
// "keypad locked".
func (s *Shim) Keypad(environ []string, mode, typed string) []string {
	return append(s.Environ(environ, mode), "SHIM_TYPED="+typed)
}

// Asked returns the calls that the shim received, such as "login 4711" for a login in process 4711.
func (s *Shim) Asked(tb testing.TB) []string {
	tb.Helper()
	data, err := os.ReadFile(s.log)
	if err != nil && !os.IsNotExist(err) {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// Count returns how often the shim received the call what.
func (s *Shim) Count(tb testing.TB, what string) int {
	tb.Helper()
	n := 0
	for _, line := range s.Asked(tb) {
		if strings.HasPrefix(line, what+" ") {
			n++
		}
	}
	return n
}
