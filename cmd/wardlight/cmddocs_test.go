package main

import (
	"io"
	"testing"

	"wardlight/internal/cmddocs"
)

func TestManPagesAndCompletions(t *testing.T) {
	a := &app{environment: environment{
		out: io.Discard, err: io.Discard, machine: "/etc/wardlight/config.toml",
		settings: "~/.config/wardlight/config.toml",
	}}
	cmddocs.Check(t, newRoot(a), "1")
}
