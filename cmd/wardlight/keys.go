package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wardlight/tui"
)

// keysDocument is the JSON document wardlight.keys/1.
type keysDocument struct {
	Schema string    `json:"schema"`
	Keys   []keyPart `json:"keys"`
}

type keyPart struct {
	Key     string `json:"key"`
	Does    string `json:"does"`
	Setting string `json:"setting"` // "" for a key that cannot be changed
}

func newKeys(a *app) *cobra.Command {
	markdown := false
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Print the key card: every key and what it does",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}

			card, err := tui.Keys(c.Screen.Keys)
			switch {
			case err != nil:
				return err
			case a.json:
				d := keysDocument{Schema: "wardlight.keys/1"}
				for _, l := range card {
					d.Keys = append(d.Keys, keyPart{l.Key, l.Does, settingOf(l)})
				}
				return a.print(d)
			case markdown:
				return writeKeyPage(a.out, card)
			}

			t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, l := range card {
				fmt.Fprintf(t, "%s\t%s\t%s\n", l.Key, l.Does, settingOf(l))
			}

			return t.Flush()
		},
	}

	cmd.Flags().BoolVar(&markdown, "markdown", false, "as a page in Markdown")
	return cmd
}

// settingOf returns the name of the setting for a key, or "" when it has none.
func settingOf(l tui.KeyEntry) string {
	if l.Fixed {
		return ""
	}
	return "keys." + l.Action
}

// writeKeyPage writes the key table, and the signs, in the format of docs/keys.md.
func writeKeyPage(to io.Writer, card []tui.KeyEntry) error {
	_, err := fmt.Fprint(to, `# Key card

<!-- made by "wardlight keys --markdown" -->

The last line of each screen shows its keys; `+"`?`"+` shows all that work there (`+"`F1`"+` in a field), and `+"`d`"+` the diagnostics (`+"`Ctrl-T`"+` in a field).
A letter is a key only where no field is being typed in: `+"`Esc`"+` leaves a field. A key with a setting can be changed ([settings](operating.md#keys)).

| key | does | setting |
|---|---|---|
`)
	for _, l := range card {
		if err != nil {
			break
		}
		setting := settingOf(l)
		if setting != "" {
			setting = "`" + setting + "`"
		}
		_, err = fmt.Fprintf(to, "| `%s` | %s | %s |\n", l.Key, l.Does, setting)
	}

	if err != nil {
		return err
	}
	_, err = fmt.Fprint(to, `
## The signs

The first line is about child protection. Other flags of the patient are below it ([what each means](user-guide.md#other-flags)).

| sign | means |
|---|---|
`)
	for _, s := range tui.Signs() {
		if err == nil {
			_, err = fmt.Fprintf(to, "| `%s` | %s |\n", s.Shown, s.Means)
		}
	}

	return err
}
