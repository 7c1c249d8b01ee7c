package main

import (
	"crypto/rand"
	"fmt"

	"github.com/spf13/cobra"

	"wardlight/hub/notify"
	"wardlight/hub/store"
)

func newWebhookSecret() *cobra.Command {
	return &cobra.Command{
		Use:   "webhook-secret CODE",
		Short: "Make a webhook secret for an authority, as a line of webhook.secrets_file",
		Long: `Make a webhook secret for an authority, and print it as a line of the file that webhook.secrets_file names. Nothing is
stored: put the line there, and give the secret to whoever runs the authority's system. The hub reads the file again by
itself.

To change a secret, put the new one before the old one in the authority's line; take the old one off once the authority
knows the new one.`,
		Example: "  wardlight-hub authority webhook-secret V999 >> /etc/wardlight-hub/webhook-secrets",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !store.IsAuthorityCode(args[0]) {
				return fmt.Errorf("%q is not a code of an authority: up to 20 letters, digits and hyphens, such as V999", args[0])
			}
			secret, err := notify.NewSecret(rand.Reader)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), args[0], secret)
			return err
		},
	}
}
