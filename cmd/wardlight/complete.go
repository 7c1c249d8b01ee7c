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

// completeTimeout is how long readers, keyring or printers are waited for while somebody types a command line.
const completeTimeout = 2 * time.Second

// choice is a word that the shell may put in, with what it is.
type choice struct{ word, is string }

// completes offers the choices that begin with what was typed, in whatever case, and no files. Whatever goes wrong
// offers nothing: the line that is being typed is not the place to say so.
func completes(choices func(context.Context) []choice) cobra.CompletionFunc {
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

// completeFlags says what the flags of all commands may be.
func (a *app) completeFlags(root *cobra.Command) {
	for name, choices := range map[string]cobra.CompletionFunc{
		"reader": completes(a.readerChoices), "role": completes(a.roleChoices),
		"hub": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions, "passcode-fd": cobra.NoFileCompletions,
	} {
		if err := root.RegisterFlagCompletionFunc(name, choices); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// codeChoices returns the codes that 'role explain' knows.
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

// readerChoices returns the readers there are.
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

// roleChoices returns the roles of the sign-in that is kept for the hub. Nobody is asked for a passcode, and the hub
// is not asked.
func (a *app) roleChoices(ctx context.Context) []choice {
	p, err := a.gather()
	if err != nil {
		return nil
	}
	defer func() { _ = p.system.Close() }()
	a.ring.Silent = nil
	found, err := a.ring.SignIn(ctx, p.config.HubURL)
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
