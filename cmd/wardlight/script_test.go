package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wardlight/internal/schematest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"wardlight": main, processProgram: mainWithVirtualCard, "xdg-open": mainOfBrowser,
	})
}

// TestTheCommandLine runs the scripts of testdata/script. 'exits N COMMAND' runs a command and checks that its exit
// code is N. 'refuses ARGUMENTS' runs wardlight with each descriptor that was not inherited, and checks that it is
// rejected. 'document' checks that the last output is JSON of its schema in docs/schema.
func TestTheCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"refuses": func(ts *testscript.TestScript, _ bool, args []string) {
				for fd := 3; fd <= 8; fd++ {
					if checkDescriptor(fd) == nil { // inherited by the test process itself
						continue
					}
					var exit *exec.ExitError
					err := ts.Exec("wardlight", append(args, strconv.Itoa(fd))...)
					want := fmt.Sprintf("nobody handed over descriptor %d", fd)
					if !errors.As(err, &exit) || exit.ExitCode() != exitUsage ||
						!strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), want) {
						ts.Fatalf("descriptor %d: %v, want exit code %d and %q", fd, err, exitUsage, want)
					}
				}
			},
			"document": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(schematest.Validate([]byte(ts.ReadFile("stdout"))))
			},
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits N COMMAND ARGUMENTS")
				}
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				var exit *exec.ExitError
				got := 0
				if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if got != want {
					ts.Fatalf("exit code is %d, want %d", got, want)
				}
			},
		},
	})
}
