package main

import (
	"io"
	"testing"

	"wardlight/internal/cmddocs"
)

func TestManPagesAndCompletions(t *testing.T) {
	cmddocs.Check(t, newRoot(io.Discard, io.Discard), "8")
}
