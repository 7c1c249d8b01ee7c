package table_test

import (
	"testing"

	"wardlight/internal/table"
)

func TestCSV(t *testing.T) {
	const want = "\ufeffName,Note\r\nO’Brien,\"a, b\"\r\n'=1+1,'@x\r\n'-1,'+44\r\n'\tx,a=b\r\n"
	got := string(table.CSV([][]string{
		{"Name", "Note"}, {"O’Brien", "a, b"}, {"=1+1", "@x"}, {"-1", "+44"}, {"\tx", "a=b"},
	}))
	if got != want {
		t.Errorf("CSV = %q, want %q", got, want)
	}
}
