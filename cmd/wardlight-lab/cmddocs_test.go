package main

import (
	"io"
	"testing"

	"wardlight/internal/cmddocs"
)

func TestManPagesAndCompletions(t *testing.T) {
	cmddocs.Check(t, newRoot(environment{out: io.Discard, err: io.Discard, getenv: func(string) string {
		return ""
	}}), "1")
}
