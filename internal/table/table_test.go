package table_test

import (
	"errors"
	"slices"
	"strings"
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
		if got, err := table.Decode([]byte(c.body)); strings.Join(got.Lines, "\n") != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: Decode = %q, %v, want %q, %v", name, got.Lines, err, c.want, c.err)
		}
	}
}

func TestDecode_AByteThatIsNotUTF8SpoilsNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		body    string
		want    []string
		notUTF8 []int
	}{
		"one line in Windows-1252": {"Zoë\r\nZo\xeb\r\nTom\r\nRené\r\n", []string{
			"Zoë", "Zoë", "Tom", "René",
			"",
		}, []int{2}},
		"one byte in a line of UTF-8":    {"Zoë,Ren\xe9,Núñez\nTom", []string{"Zoë,René,Núñez", "Tom"}, []int{1}},
		"a curled apostrophe":            {"Zoë\nO\x92Brien\n", []string{"Zoë", "O’Brien", ""}, []int{2}},
		"a byte order mark and one byte": {"\ufeffTom\rZo\xeb", []string{"Tom", "Zoë"}, []int{2}},
		"Windows-1252 throughout":        {"Zo\xeb\nTom\nRen\xe9", []string{"Zoë", "Tom", "René"}, nil},
		"several": {
			"\xeb\né\n\xe9\n\n\xe8",
			[]string{"ë", "é", "é", "", "è"},
			[]int{1, 3, 5},
		},
		"a replacement character that is so": {"\ufffd\nZo\xeb", []string{"\ufffd", "Zoë"}, []int{2}},
	} {
		got, err := table.Decode([]byte(c.body))
		if err != nil || !slices.Equal(got.Lines, c.want) || !slices.Equal(got.Windows1252Lines, c.notUTF8) {
			t.Errorf("%s: Decode = %q, not UTF-8 %v, error %v, want %q, %v",
				name, got.Lines, got.Windows1252Lines, err, c.want, c.notUTF8)
		}
	}
}

func TestCellsAreWhatTheyMean(t *testing.T) {
	cells, closed := table.Split(`="9990000018";"Example; ""Tess""" ;'7; x"y`, ';')
	for i := range cells {
		cells[i] = table.Cell(cells[i])
	}

	if want := []string{"9990000018", `Example; "Tess"`, "7", `x"y`}; !slices.Equal(cells, want) || !closed {
		t.Errorf("Split = %q, closed %v, want %q, true", cells, closed, want)
	}

	if cells, closed = table.Split(`1,"never closed, 2`, ','); len(cells) != 2 || closed {
		t.Errorf("Split with an unclosed quotation mark = %q, closed %v, want 2 cells, false", cells, closed)
	}

	if got, err := table.Decode([]byte("a\r\nb\rc\n")); err != nil ||
		!slices.Equal(got.Lines, []string{"a", "b", "c", ""}) {
		t.Errorf("Decode = %q, %v, want a, b, c and an empty line", got.Lines, err)
	}

	if got := table.Cell("\ufeff='\u200e999\u200b000\u00ad0018\u200f "); got != "='9990000018" {
		t.Errorf("Cell = %q, want %q", got, "='9990000018")
	}

	if got := table.Cell("\u200e'\u200b999 000 0018"); got != "999 000 0018" {
		t.Errorf("Cell = %q, want %q", got, "999 000 0018")
	}

	if table.SeparatorLine("sep=;") != ';' || table.SeparatorLine(`"SEP=`+"\t\"") != '\t' ||
		table.SeparatorLine("sep=x") != 0 {
		t.Error("SeparatorLine is wrong for sep=; or sep=tab or sep=x")
	}

	if !table.Blank(",,;\t\"\"\u00a0\u200b\ufeff") || table.Blank("0") {
		t.Error("Blank = false for an empty row, or true for 0")
	}
}
