package table_test

import (
	"errors"
	"slices"
	"testing"

	"wardlight/internal/table"
)

func TestWhatSpreadsheetsSaveIsText(t *testing.T) {
	for name, c := range map[string]struct {
		body, want string
		err        error
	}{
		"UTF-8":                  {"Zoë", "Zoë", nil},
		"a byte order mark":      {"\xef\xbb\xbfZoë", "Zoë", nil},
		"UTF-16, little end":     {"\xff\xfeZ\x00o\x00\xeb\x00", "Zoë", nil},
		"UTF-16, big end":        {"\xfe\xff\x00Z\x00o\x00\xeb", "Zoë", nil},
		"Windows-1252":           {"Zo\xeb", "Zoë", nil},
		"a spreadsheet's own":    {"PK\x03\x04\x00\x00", "", table.ErrNoTable},
		"nothing":                {"", "", nil},
		"UTF-16, half a letter":  {"\xff\xfeZ", "�", nil},
		"zero bytes in UTF-16":   {"\xff\xfe\x00\x00", "", table.ErrNoTable},
		"no UTF-8 and zero byte": {"\xeb\x00", "", table.ErrNoTable},
	} {
		if got, err := table.Decode([]byte(c.body)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, error %v", name, got, err)
		}
	}
}

func TestCellsAreWhatTheyMean(t *testing.T) {
	cells, closed := table.Split(`="9990000018";"Example; ""Tess""" ;'7; x"y`, ';')
	for i := range cells {
		cells[i] = table.Cell(cells[i])
	}
	if want := []string{"9990000018", `Example; "Tess"`, "7", `x"y`}; !slices.Equal(cells, want) || !closed {
		t.Errorf("%q, closed %v", cells, closed)
	}
	if cells, closed = table.Split(`1,"never closed, 2`, ','); len(cells) != 2 || closed {
		t.Errorf("%q, closed %v", cells, closed)
	}
	if got := table.Lines("a\r\nb\rc\n"); !slices.Equal(got, []string{"a", "b", "c", ""}) {
		t.Errorf("%q", got)
	}
	if table.SeparatorLine("sep=;") != ';' || table.SeparatorLine(`"SEP=`+"\t\"") != '\t' || table.SeparatorLine("sep=x") != 0 {
		t.Error("Excel's own first line is not understood")
	}
	if !table.Blank(",,;\t\"\"\u00a0") || table.Blank("0") {
		t.Error("an empty row is taken for one with something in it")
	}
}
