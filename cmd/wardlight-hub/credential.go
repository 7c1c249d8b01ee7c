package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
)

func newCredential() *cobra.Command {
	var label string
	c := &cobra.Command{
		Use:   "credential CODE",
		Short: "Create a new secret for an authority's system",
		Long: `Create a new secret for an authority's system, and print it once: the hub stores only its hash.

An authority may have several credentials, so that one can replace another without an interruption.`,
		Example: `  wardlight-hub authority credential V999 --label "case system"`,
		Args:    cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			if err := knownAuthority(c, ledger, args[0]); err != nil {
				return err
			}
			secret, hash, err := identity.NewSecret(rand.Reader)
			if err != nil {
				return err
			}
			credential := store.Credential{
				Authority: args[0], Hash: hash, Label: strings.TrimSpace(label),
				Created: time.Now(),
			}
			if err := commitChange(c.Context(), ledger, store.Change{Credential: &credential}, audit.AddCredential,
				args[0], credentialText(credential)); err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "Credential %s of %s. Its secret, which is not shown again:\n",
				identity.CredentialID(hash), args[0])
			_, err = fmt.Fprintln(c.OutOrStdout(), secret)
			return err
		}),
	}

	c.Flags().StringVar(&label, "label", "", "a label, such as the name of the system that uses it")
	c.AddCommand(newCredentialList(), newCredentialEnd())
	return c
}

func newCredentialList() *cobra.Command {
	return &cobra.Command{
		Use:   "list CODE",
		Short: "List an authority's credentials",
		Args:  cobra.ExactArgs(1),
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			if err := knownAuthority(c, ledger, args[0]); err != nil {
				return err
			}
			all, err := ledger.Credentials(c.Context(), args[0])
			if err != nil {
				return err
			}
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "CREDENTIAL\tMADE\tENDED\tLABEL")
			for _, credential := range all {
				ended := "in use"
				if !credential.Ended.IsZero() {
					ended = credential.Ended.UTC().Format(time.DateTime)
				}
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", identity.CredentialID(credential.Hash),
					credential.Created.UTC().Format(time.DateTime), ended, credential.Label)
			}
			return t.Flush()
		}),
	}
}

func newCredentialEnd() *cobra.Command {
	return &cobra.Command{
		Use:   "end CODE CREDENTIAL",
		Short: "Revoke a credential, so that it can no longer be used",
		Long: `Revoke a credential, so that it can no longer be used.

'wardlight-hub authority credential list CODE' lists the credentials.`,
		Args: cobra.ExactArgs(2),
		RunE: withStore(func(c *cobra.Command, args []string, ledger store.Store) error {
			all, err := ledger.Credentials(c.Context(), args[0])
			if err != nil {
				return err
			}

			for _, credential := range all {
				if identity.CredentialID(credential.Hash) != args[1] {
					continue
				}
				if credential.Ended.IsZero() {
					credential.Ended = time.Now()
				}
				if err := commitChange(c.Context(), ledger, store.Change{Credential: &credential}, audit.EndCredential,
					args[0], credentialText(credential)); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "Credential %s of %s has ended.\n", args[1], args[0])
				return err
			}

			return fmt.Errorf("%s has no credential %q: 'wardlight-hub authority credential list %s' shows them",
				args[0], args[1], args[0])
		}),
	}
}

func knownAuthority(c *cobra.Command, ledger store.Store, code string) error {
	_, err := ledger.Authority(c.Context(), code)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no authority has the code %q: 'wardlight-hub authority add' adds one", code)
	}
	return err
}

// credentialText returns the name of a credential in messages, with its label.
func credentialText(c store.Credential) string {
	return strings.TrimSpace("credential " + identity.CredentialID(c.Hash) + " " + c.Label)
}
