//go:build !unix

package testterm

import (
	"errors"
	"os"
	"os/exec"
)

// startOnPty returns errors.ErrUnsupported: there are no pseudo-terminals here. Emulate works on all systems.
func startOnPty(*exec.Cmd, int, int) (*os.File, error) { return nil, errors.ErrUnsupported }

func resizePty(*os.File, int, int) error { return errors.ErrUnsupported }
