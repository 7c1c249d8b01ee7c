//go:build !unix

package testterm

import (
	"errors"
	"os"
	"os/exec"
)

// startOnPty says that there are no pseudo-terminals here; Emulate works everywhere.
func startOnPty(*exec.Cmd, int, int) (*os.File, error) { return nil, errors.ErrUnsupported }

func resizePty(*os.File, int, int) error { return errors.ErrUnsupported }
