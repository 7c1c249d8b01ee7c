package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"wardlight/internal/cmddocs"
)

func TestManPagesAndCompletions(t *testing.T) {
	cmddocs.Check(t, newRoot(io.Discard, io.Discard), "8")
}

func TestArgumentsAndSettingsAreCompleted(t *testing.T) {
	for line, want := range map[string]string{
		"serve ":                    ":4\n",
		"backup ":                   ":16\n",
		"staff enrol 1 ":            ":0\n",
		"serve --data ":             ":16\n",
		"serve --ca ":               ":0\n",
		"serve --listen ":           ":4\n",
		"serve --log-level ":        "info\ndebug\nwarn\nerror\n:4\n",
		"audit key /etc/audit.key ": "--name\n:4\n",
	} {
		var out bytes.Buffer
		root := newRoot(&out, io.Discard)
		root.SetArgs(append([]string{cobra.ShellCompNoDescRequestCmd}, strings.Split(line, " ")...))
		if err := root.ExecuteContext(t.Context()); err != nil || out.String() != want {
			t.Errorf("completion of %q = %q, %v, want %q", line, out.String(), err, want)
		}
	}
}
