package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// traceDocument is the JSON document wardlight.trace/1.
type traceDocument struct {
	Schema   string        `json:"schema"`
	Patients []patientPart `json:"patients"` // in the hub's order
	TooMany  bool          `json:"too_many"` // more than the hub lists; Patients is then empty
}

// traceFlags are the search criteria of the command line.
type traceFlags struct {
	family, given, born, bornTo, died, gender, postcode string
	wider                                               bool
}

func newTrace(a *app) *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use: "trace [NHS-NUMBER]",

		ValidArgsFunction: cobra.NoFileCompletions,

		Short: "Find a patient, by NHS number or by name and birth date",
		Long: `Find a patient: by NHS number, or by family name and birth date and what more is known.

The exit code is 6 when there is no such patient, and when there are more than the hub lists.`,
		Example: "  wardlight trace 999 000 0018\n  wardlight trace --family Example --born 4/3/2016 --given T*\n  " +
			"wardlight trace --family Example --born 3-5y",
		RunE: func(cmd *cobra.Command, args []string) error {
			number, query, err := f.read(args, nhs.DateOf(a.now()))
			if err != nil {
				return err
			}
			return a.inRole(cmd.Context(), needTrace, func(ctx context.Context, s *cardSession) error {
				return a.trace(ctx, s, number, query)
			})
		},
	}

	flags := cmd.Flags()
	flags.StringVar(&f.family, "family", "", "family `NAME`; * stands for the rest, after two letters")
	flags.StringVar(&f.given, "given", "", "given `NAME`; * as above")
	flags.StringVar(&f.born, "born", "", "birth `DATE`: 4/3/2016, 04-Mar-2016, 2016-03-04; or a month, a year, a "+
		"range or an age: 03-2016, 2016, '2014 to 2016', 4y, 3-5y, 6m")
	flags.StringVar(&f.bornTo, "born-to", "", "last `DATE` of a range that begins with --born")
	flags.StringVar(&f.died, "died", "", "`DATE` of death, a month, a year or a range; finds nobody living, but "+
		"with --wider only orders the rows")
	flags.StringVar(&f.gender, "gender", "", "male, female, other, unknown or any, which is what it is without; "+
		"the NHS advises against searching on it")
	flags.StringVar(&f.postcode, "postcode", "", "postcode `CODE`; * as above; hides restricted patients")
	flags.BoolVar(&f.wider, "wider", false, "also names that sound alike or were swapped, and earlier ones")
	return cmd
}

func needTrace(rbac.RoleProfile) []rbac.Action { return []rbac.Action{rbac.TracePatient} }

// read returns the NHS number or the query that the command line specifies. Errors are *usageError and *nhs.FormError.
// It sends and prompts for nothing.
func (f traceFlags) read(args []string, today nhs.Date) (nhs.Number, client.Query, error) {
	described := f != traceFlags{}
	switch {
	case len(args) > 0 && described:
		return "", client.Query{}, &usageError{problem: "give an NHS number or a description, not both"}
	case len(args) > 0:
		number, err := nhs.ParseNumber(strings.Join(args, " "))
		return number, client.Query{}, err
	case f.family == "" && !f.wider || f.born == "":
		return "", client.Query{}, &usageError{
			problem: "give an NHS number, or --family and --born",
			hint:    "see 'wardlight trace --help'",
		}
	}

	if nhs.LooksLikeNumber(f.family) {
		return "", client.Query{}, &usageError{
			problem: "--family has no letters",
			hint:    "an NHS number is given without --family",
		}
	}

	q := client.Query{Gender: nhs.Gender(f.gender), Wider: f.wider}
	if f.gender == anyGender {
		q.Gender = ""
	}

	for _, part := range []struct {
		given string
		read  func(string) error
	}{
		{f.family, func(s string) (err error) { q.Family, err = nhs.ParseName(s, nhs.FieldFamily); return err }},
		{f.given, func(s string) (err error) { q.Given, err = nhs.ParseName(s, nhs.FieldGiven); return err }},
		{f.born, func(s string) error { return readDays(s, today, nhs.ParseBirth, &q.Born, &q.BornTo) }},
		{f.died, func(s string) error { return readDays(s, today, nhs.ParseDeath, &q.Died, &q.DiedTo) }},
		{f.bornTo, func(s string) (err error) {
			if !q.BornTo.IsZero() {
				return &usageError{problem: "--born is a range already", hint: "leave out --born-to"}
			}
			q.BornTo, err = nhs.ParseTyped(s, today)
			return err
		}},
		{f.postcode, func(s string) (err error) { q.Postcode, err = nhs.ParsePostcodePattern(s); return err }},
	} {
		if part.given == "" {
			continue
		}
		if err := part.read(part.given); err != nil {
			return "", client.Query{}, err
		}
	}

	if !slices.Contains([]nhs.Gender{"", nhs.Male, nhs.Female, nhs.OtherGender, nhs.UnknownGender}, q.Gender) {
		return "", client.Query{}, &usageError{problem: "--gender is male, female, other, unknown or any"}
	}
	if lack := q.Lacks(); lack != client.LacksNothing {
		return "", client.Query{}, &usageError{problem: lack.Sentence(), hint: "see 'wardlight trace --help'"}
	}

	return "", q, nil
}

// anyGender is the value of --gender for a search without a gender. It is not sent.
const anyGender = "any"

// readDays parses a date or a range with parse. It stores the first day and, for a range, the last.
func readDays(s string, today nhs.Date, parse func(string, nhs.Date) (nhs.Days, error), first, last *nhs.Date) error {
	d, err := parse(s, today)
	if err != nil {
		return err
	}
	if *first = d.From; !d.IsSingleDay() {
		*last = d.To
	}
	return nil
}

func (a *app) trace(ctx context.Context, s *cardSession, number nhs.Number, query client.Query) error {
	var found client.Found
	if number != "" {
		p, err := s.sessions.Patient(ctx, number)
		if err != nil {
			return err
		}
		found.Rows = []client.Patient{p}
	} else {
		var err error
		if found, err = s.sessions.Find(ctx, query); err != nil {
			return err
		}
	}

	if err := a.showFound(found); err != nil {
		return err
	}

	switch {
	case found.TooMany:
		return shownError{exitError{&usageError{
			problem: "more patients fit than the hub lists", hint: "add a given name or a postcode",
		}, exitNotFound}}
	case len(found.Rows) == 0:
		return shownError{exitError{&usageError{
			problem: "no patient fits", hint: "check the spelling and the birth date, or try --wider",
		}, exitNotFound}}
	}

	return nil
}

func (a *app) showFound(found client.Found) error {
	if a.json {
		d := traceDocument{Schema: "wardlight.trace/1", Patients: []patientPart{}, TooMany: found.TooMany}
		for _, p := range found.Rows {
			d.Patients = append(d.Patients, partOfPatient(p))
		}
		return a.print(d)
	}
	for _, p := range found.Rows {
		if _, err := fmt.Fprint(a.out, banner(p, a.now())); err != nil {
			return err
		}
	}
	return nil
}
