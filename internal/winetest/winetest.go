// Package winetest builds Windows programs for tests and runs them under Wine, each test with its own Windows
// installation in a temporary folder. docs/windows.md describes what Wine can and can't verify.
package winetest

import (
	"bytes"
	"context"
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/need"
)

//go:embed c/*.c
var sources embed.FS

// Timeouts. They are long, because the machine may be busy.
const (
	bootTimeout    = 5 * time.Minute
	buildTimeout   = 15 * time.Minute
	programTimeout = 5 * time.Minute
	endTimeout     = 20 * time.Second
)

// compiler is the C compiler for Windows programs.
const compiler = "x86_64-w64-mingw32-gcc"

// installHint is how to install the required programs.
const installHint = "install wine, wine64 and gcc-mingw-w64-x86-64, or run 'make need-test'"

// Windows is a Windows installation of Wine.
type Windows struct {
	folder, wine string
}

// Start creates a Windows installation. At the end of the test it ends all programs in it. Wine 8 lacks the function
// with which Go programs get random numbers, so Start installs a library that has it.
func Start(tb testing.TB) *Windows {
	tb.Helper()
	w := &Windows{folder: tb.TempDir(), wine: need.Program(tb, "wine", installHint)}
	need.Program(tb, compiler, installHint)
	server := need.Program(tb, "wineserver", installHint)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		end := exec.CommandContext(ctx, server, "--kill")
		end.Env = w.environ()
		_ = end.Run() // fails if no program is running
	})
	ctx, cancel := context.WithTimeout(tb.Context(), bootTimeout)
	defer cancel()
	boot := exec.CommandContext(ctx, w.wine, "wineboot", "--init")
	boot.Env = w.environ()
	mustRun(tb, boot)
	Library(tb, filepath.Join(w.folder, "prefix", "drive_c", "windows", "system32", "bcryptprimitives.dll"),
		"bcryptprimitives.c", "-ladvapi32")
	return w
}

// environ returns the environment of Wine.
func (w *Windows) environ() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.folder, "WINEPREFIX=" + filepath.Join(w.folder, "prefix"),
		"LC_ALL=C.UTF-8",
		"GOROOT=C:\\no-such-folder",                                                // without Go's time zones
		"WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree=;mshtml=;winemenubuilder.exe=", // without .NET, browser and menus
	}
}

// Drive returns the path, on this computer, of a file on drive C.
func (w *Windows) Drive(names ...string) string {
	return filepath.Join(append([]string{w.folder, "prefix", "drive_c"}, names...)...)
}

// User returns the path, on this computer, of a file in the Windows user's home folder.
func (w *Windows) User(tb testing.TB, names ...string) string {
	tb.Helper()
	homes, err := filepath.Glob(w.Drive("users", "*", "AppData"))
	if err != nil || len(homes) != 1 {
		tb.Fatalf("home folders of Windows = %v, error %v, want one", homes, err)
	}
	return filepath.Join(append([]string{filepath.Dir(homes[0])}, names...)...)
}

// Path converts a path on this computer to a Windows path.
func Path(path string) string { return `Z:` + strings.ReplaceAll(path, "/", `\`) }

// Result is the output and the exit code of a program.
type Result struct {
	Out, Err string // with \n as line ends
	Code     int
}

// Run runs a program with additional environment variables and in as its standard input, and waits for its end.
func (w *Windows) Run(tb testing.TB, in string, environ []string, program string, args ...string) Result {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), programTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.wine, append([]string{program}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = tb.TempDir(), append(w.environ(), environ...), strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = endTimeout
	err := cmd.Run()
	if ctx.Err() != nil || cmd.ProcessState == nil {
		tb.Fatalf("run %s %q: %v, %v\n%s%s", program, args, err, ctx.Err(), &out, &errs)
	}
	unix := func(b *bytes.Buffer) string { return strings.ReplaceAll(b.String(), "\r\n", "\n") }
	return Result{Out: unix(&out), Err: unix(&errs), Code: cmd.ProcessState.ExitCode()}
}

// Build builds a program for Windows, with or without cgo, and returns its path. kind is the go command, by default
// "build", for example to build a package's tests.
func Build(tb testing.TB, pkg string, cgo bool, kind ...string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), buildTimeout)
	defer cancel()
	if len(kind) == 0 {
		kind = []string{"build"}
	}
	program := filepath.Join(tb.TempDir(), "wardlight.exe")
	cmd := exec.CommandContext(ctx, "go", append(kind, "-o", program, pkg)...)
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "GOFLAGS=", "CC="+compiler, "CGO_ENABLED=0")
	if cgo {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
	}
	mustRun(tb, cmd)
	return program
}

// Library compiles one of the C sources to a library at path.
func Library(tb testing.TB, path, source string, args ...string) {
	tb.Helper()
	text, err := sources.ReadFile("c/" + source)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, compiler, append([]string{
		"-shared", "-O2", "-Wall", "-o", path, "-x", "c", "-",
		"-x", "none",
	}, args...)...)
	cmd.Stdin = bytes.NewReader(text)
	mustRun(tb, cmd)
}

// mustRun runs a command, and fails the test if the command fails.
func mustRun(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("run %v: %v\n%s", cmd.Args, err, out)
	}
}
