package table

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// CSV returns rows as a table for spreadsheets, in UTF-8 with a byte order mark: without it Excel assumes another
// encoding. No cell is read as a formula.
func CSV(rows [][]string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = noFormula(cell)
		}
		_ = w.Write(cells) // writing to a buffer does not fail
	}
	w.Flush()
	return b.Bytes()
}

// noFormula returns a cell that no spreadsheet reads as a formula (OWASP, CSV injection), because texts come from a
// file or from the hub.
func noFormula(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r") == 0 {
		return "'" + cell
	}
	return cell
}
