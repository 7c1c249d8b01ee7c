package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
)

func newAuditKey() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "key FILE",
		Short: "Create the key that signs checkpoints of the audit",
		Long: `Create the key that signs checkpoints of the audit (Ed25519): the private half in FILE, for the hub, and the public half in
FILE.pub, for verifying checkpoints. Existing files are not overwritten. When root runs it, the group of FILE's folder can
read FILE; if the folder's owner is not root, FILE belongs to that owner.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			private, public, err := audit.NewCheckpointKey(rand.Reader, name)
			if err != nil {
				return fmt.Errorf("--name: %w", err)
			}
			if err := writeNew(args[0], private+"\n", 0o600); err != nil {
				return err
			}
			if err := writeNew(args[0]+".pub", public+"\n", 0o644); err != nil {
				return errors.Join(err, os.Remove(args[0]))
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s signs checkpoints and is secret. %s.pub verifies them: keep "+
				"a copy where the checkpoints are verified.\n", args[0], args[0])
			return err
		},
	}

	c.Flags().StringVar(&name, "name", "", "the name of this hub's audit, such as hub.hospital.example")
	if err := c.MarkFlagRequired("name"); err != nil {
		panic(err) // a flag that was just defined
	}

	return c
}

// writeNew creates a file. It fails if the file exists. If root runs the command, the file is given to the owner of
// the folder.
func writeNew(name, text string, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	folder, err := os.Stat(filepath.Dir(name))
	if err == nil {
		err = setFileOwner(f, folder)
	}
	if err == nil {
		_, err = f.WriteString(text)
	}
	return errors.Join(err, f.Sync(), f.Close())
}
