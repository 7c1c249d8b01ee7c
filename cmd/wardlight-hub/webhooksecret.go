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
		Short: "Create a webhook secret for an authority, as a line of webhook.secrets_file",
		Long: `Create a webhook secret for an authority, and print it as a line for the file of webhook.secrets_file. The secret is not
stored: add the line to the file, and give the secret to the people who run the authority's system. The hub reloads the file
without a restart.

To change a secret, put the new one before the old one in the authority's line. Remove the old one when the authority uses
the new one.`,
		Example: "  wardlight-hub authority webhook-secret V999 >> /etc/wardlight-hub/webhook-secrets",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !store.IsAuthorityCode(args[0]) {
				return fmt.Errorf(
					"%q is not a code of an authority: up to 20 letters, digits and hyphens, such as V999", args[0],
				)
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
