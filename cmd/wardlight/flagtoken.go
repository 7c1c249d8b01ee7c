package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"wardlight/internal/recordsystem"
	"wardlight/internal/secretstore"
)

// maxTokenLength is the maximum length of a token in bytes.
const maxTokenLength = 16 << 10

// flagTokenDocument is wardlight.flag_token/1. There is nothing of the token in it.
type flagTokenDocument struct {
	Schema string `json:"schema"`
	URL    string `json:"url"`
	Name   string `json:"name"`
	Token  bool   `json:"token"` // one is stored
	Place  string `json:"token_kept_in"`
}

func newFlagToken(a *app) *cobra.Command {
	var fd int
	var remove bool
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Store the token for the record system in this computer's keyring",
		Long: `Store the token for the record system in this computer's keyring, in place of an earlier one. It is asked for on the terminal, where
nothing of it is shown, or read from --token-fd; it is never an argument and never in the environment.

With --remove the stored token is removed.`,
		Example: "  wardlight flag token\n  wardlight flag token --token-fd 0 < token-from-somewhere-safe",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove && cmd.Flags().Changed("token-fd") {
				return &usageError{problem: "--remove takes no token", hint: "leave --token-fd out"}
			}
			return a.flagToken(cmd.Context(), fd, remove)
		},
	}

	cmd.Flags().IntVar(&fd, "token-fd", -1, "read the token from this file descriptor `N`; 0 is standard input")
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the stored token")
	return cmd
}

func (a *app) flagToken(ctx context.Context, fd int, remove bool) error {
	if err := a.checkFD("--token-fd", fd); err != nil {
		return err
	}

	c, flags, err := a.needFlags()
	if err != nil {
		return err
	}

	w := &lines{out: a.out}
	stored := flagTokenDocument{
		Schema: "wardlight.flag_token/1", URL: c.RecordURL, Name: flags.Name(), Place: a.keyring.Name(),
	}

	if remove {
		if err := a.keyring.ForUnlocking().Delete(ctx, secretstore.RecordToken(c.RecordURL)); err != nil {
			return err
		}
		if a.json {
			return a.print(stored)
		}
		w.text("No token for %s is stored any more.", flags.Name())

		return w.err
	}

	token, err := a.askToken(ctx, fd, flags.Name())
	if err != nil {
		return err
	}
	defer clear(token)
	if err := recordsystem.CheckToken(token); err != nil {
		return &usageError{problem: err.Error(), hint: "give the token alone, on one line"}
	}

	err = a.keyring.ForUnlocking().Set(ctx, secretstore.RecordToken(c.RecordURL), token)
	var secrets *secretstore.Error
	if errors.As(err, &secrets) && secrets.Kind == secretstore.TooLong {
		secrets.Detail = "This token is too big for this computer's keyring."
	}

	if err != nil {
		return err
	}

	if a.json {
		stored.Token = true
		return a.print(stored)
	}

	w.text("The token for %s is stored in %s.", flags.Name(), a.keyring.Name())
	return w.err
}

// askToken reads the token from the descriptor or the terminal. The caller must clear it.
func (a *app) askToken(ctx context.Context, fd int, place string) ([]byte, error) {
	token, err := a.secret(ctx, secretPrompt{what: "token", option: "--token-fd", fd: fd, prompt: "Token for " + place +
		": ", maxLength: maxTokenLength})
	if errors.Is(err, errTooLong) {
		err = &usageError{problem: "the token is too long", hint: "give the token alone, on one line"}
	}
	return token, err
}
