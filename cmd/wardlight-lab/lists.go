package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wardlight/internal/cli"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// cardRow is one card in the output of --json.
type cardRow struct {
	Name     string   `json:"name"`
	UUID     string   `json:"uuid"`
	Holder   string   `json:"holder"`
	Key      string   `json:"key"`
	Passcode string   `json:"passcode"`
	Roles    []string `json:"roles"`
	Shows    string   `json:"shows"`
}

func newCards(env environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "cards",
		Short: "List the smartcards, and what each demonstrates",
		Args:  cli.Exactly(0),
		RunE: func(*cobra.Command, []string) error {
			rows := cardRows()
			if asJSON {
				return cli.PrintJSON(env.out, rows)
			}
			return printCards(env.out, rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func cardRows() []cardRow {
	var rows []cardRow
	for _, c := range cards.All() {
		row := cardRow{
			Name: c.Name, UUID: c.UUID, Holder: c.Holder(), Key: string(c.Key), Passcode: cards.Passcode,
			Roles: []string{}, Shows: c.Shows,
		}
		for _, r := range c.Roles {
			var codes []string
			for _, a := range r.Activities {
				codes = append(codes, string(a))
			}
			row.Roles = append(row.Roles, strings.TrimSpace(r.OrgODS+" "+r.JobRoleCode()+" "+strings.Join(codes, "+")))
		}
		rows = append(rows, row)
	}
	return rows
}

func printCards(out io.Writer, rows []cardRow) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CARD\tHOLDER\tWHAT HAPPENS")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Name, r.Holder, r.Shows)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nThe passcode of each is %s. Put one into a running demo: wardlight-lab demo "+
		"insert CARD\n", cards.Passcode)
	return err
}

// personRow is one person in the output of --json.
type personRow struct {
	NHSNumber string `json:"nhsNumber"`
	Name      string `json:"name"`
	Born      string `json:"born"` // yyyy-mm-dd
	Shows     string `json:"shows"`
}

func newPeople(env environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "people",
		Short: "List the named patients, and what each demonstrates",
		Args:  cli.Exactly(0),
		RunE: func(*cobra.Command, []string) error {
			var rows []personRow
			named := people.Named(env.now())
			for _, p := range named {
				n := p.Patient.Name[0]
				rows = append(rows, personRow{
					NHSNumber: p.Patient.ID, Born: p.Patient.BirthDate, Shows: p.Shows,
					Name: nhs.DisplayName(text.Clean(n.Family, 0), cleaned(n.Given), strings.Join(n.Prefix, " ")),
				})
			}
			if asJSON {
				return cli.PrintJSON(env.out, rows)
			}
			return printPeople(env.out, rows)
		},
	}

	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func cleaned(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, text.Clean(n, 0))
	}
	return out
}

func printPeople(out io.Writer, rows []personRow) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NHS NUMBER\tNAME\tBORN\tWHAT SHOWS")
	for _, r := range rows {
		born, err := nhs.ParseDate(r.Born)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", nhs.Number(r.NHSNumber), r.Name, born, r.Shows)
	}
	return t.Flush()
}
