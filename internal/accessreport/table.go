package accessreport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
)

// Table returns a table for spreadsheets (CSV): the findings, with the time of the first access, and then the accesses.
func Table(r client.Report, zone *time.Location) []byte {
	rows := [][]string{{
		"Time", "Unusual", "Person", "UUID", "Role", "Action", "Outcome", "Reason", "NHS numbers", "Patients listed",
		"Request ID", "Source", "Audit record",
	}}
	for _, f := range r.Unusual {
		rows = append(rows, []string{
			nhs.Instant(f.First, zone), fmt.Sprintf("%s (%d)", Clause(f.Kind), f.Count), f.Person.Name,
			f.Person.UUID, "", "", "", "", Patient(f), "", "", "", "",
		})
	}
	for _, x := range r.Accesses {
		var numbers []string
		for _, n := range x.Patients {
			numbers = append(numbers, n.String())
		}
		rows = append(rows, []string{
			nhs.Instant(x.When, zone), "", x.Person.Name, x.Person.UUID, x.URID, x.Action, x.Outcome, x.Reason,
			strings.Join(numbers, "; "), strconv.Itoa(x.Listed), x.RequestID, x.Source, strconv.FormatInt(x.Record, 10),
		})
	}
	return table.CSV(rows)
}
