package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/cups"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// completeTimeout is the time limit for reading the card readers, the keyring or the printers for shell completion.
const completeTimeout = 2 * time.Second

// choice is a word that the shell may complete to, with its description.
type choice struct{ word, is string }

// completion returns a completion function that offers the choices beginning with the typed text, ignoring case, and no
// files. On any error it offers nothing, because a message would disturb the command line being typed.
func completion(choices func(context.Context) []choice) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTimeout)
		defer cancel()
		var out []cobra.Completion
		for _, c := range choices(ctx) {
			if len(c.word) >= len(typed) && strings.EqualFold(c.word[:len(typed)], typed) {
				out = append(out, cobra.CompletionWithDesc(c.word, c.is))
			}
		}
		if len(out) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeFlags registers the completion of the flags that all commands share.
func (a *app) completeFlags(root *cobra.Command) {
	for name, choices := range map[string]cobra.CompletionFunc{
		"reader": completion(a.readerChoices), "role": completion(a.roleChoices),
		"hub": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions, "passcode-fd": cobra.NoFileCompletions,
	} {
		if err := root.RegisterFlagCompletionFunc(name, choices); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// codeChoices returns the codes that 'role explain' accepts.
func codeChoices(context.Context) []choice {
	var out []choice
	for _, c := range rbac.Codes() {
		out = append(out, choice{string(c), c.Name()})
	}
	for _, c := range rbac.JobRoles() {
		out = append(out, choice{c, rbac.JobName(c)})
	}
	return out
}

// readerChoices returns the connected readers.
func (a *app) readerChoices(ctx context.Context) []choice {
	sys := a.system()
	defer func() { _ = sys.Close() }()
	readers, err := sys.Wait(ctx, nil, completeTimeout)
	if err != nil {
		return nil
	}
	var out []choice
	for _, r := range readers {
		out = append(out, choice{text.Clean(r.Name, 0), readerWords[stateOf(r)]})
	}
	return out
}

// roleChoices returns the roles of the sign-in saved for the hub. It doesn't ask for a passcode or call the hub.
func (a *app) roleChoices(ctx context.Context) []choice {
	p, err := a.newParts()
	if err != nil {
		return nil
	}
	defer func() { _ = p.system.Close() }()
	a.keyring.OnTimeout = nil
	found, err := a.keyring.SignIn(ctx, p.config.HubURL)
	if err != nil {
		return nil
	}
	session, err := p.hub.Resume(found.Session)
	if err != nil {
		return nil
	}
	var out []choice
	for _, r := range session.Roles() {
		out = append(out, choice{r.URID, fmt.Sprintf("%s at %s", r.JobName, r.OrgName)})
	}
	return out
}

// queueChoices returns the print queues, the default first.
func (a *app) queueChoices(ctx context.Context) []choice {
	queues, err := cups.New(cups.Config{Environ: a.environ}).Queues(ctx)
	if err != nil {
		return nil
	}
	var out []choice
	for _, q := range queues {
		out = append(out, choice{q.Name, q.State.String()})
	}
	return out
}
