package main

import (
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"wardlight/cardreader/pkcs11"
)

// moduleHelper is the command that runs a vendor's module in a child process. It is not meant for people.
const moduleHelper = "module-helper"

func newModuleHelper() *cobra.Command {
	return &cobra.Command{
		Use:    moduleHelper + " MODULE...",
		Short:  "Run a card vendor's PKCS#11 module for another wardlight",
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return pkcs11.Serve(cmd.Context(), args)
		},
	}
}

// ownBinary returns the path of this program's binary. On Linux the path still refers to the running version after an
// update has replaced the file. The new version's helper might use another protocol.
func ownBinary() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}
