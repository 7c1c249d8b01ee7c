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

// AlertTable returns a table of privacy alerts for spreadsheets (CSV).
func AlertTable(list client.PrivacyAlerts, zone *time.Location) []byte {
	rows := [][]string{{
		"Time", "Person", "UUID", "Role", "NHS number", "Cause", "Reason", "State", "Closed", "Closed by", "Note",
		"National service", "Request ID", "Session", "Alert ID",
	}}
	for _, al := range list.Alerts {
		state, closed, by, note := "open", "", "", ""
		if k := al.Closed; k != nil {
			state, closed, by, note = "closed", nhs.Instant(k.At, zone), Who(k.By), k.Note
		}
		rows = append(rows, []string{
			nhs.Instant(al.At, zone), al.Person.Name, al.Person.UUID, al.URID, al.Number.String(), Cause(al), al.Words,
			state, closed, by, note, Sending(al.National, zone), al.RequestID, al.Session, al.ID,
		})
	}
	return table.CSV(rows)
}
