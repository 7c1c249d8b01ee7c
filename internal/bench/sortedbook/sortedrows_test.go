package sortedbook

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
)

func TestRowsSortAsTheirValuesDoAndComeBack(t *testing.T) {
	inOrder := [][]any{
		{nil, int64(3)},
		{int64(0), ""},
		{int64(0), "a"},
		{int64(0), "a\x00"},
		{int64(0), "a\x00\x00b"},
		{int64(0), "a\x00b"},
		{int64(0), "a\x01"},
		{int64(0), "ab"},
		{int64(0), "\u00e9"},
		{int64(1), "a"},
		{int64(255), []byte{}},
		{int64(255), []byte{0}},
		{int64(255), []byte("body")},
		{int64(256), nil},
		{int64(9999999999), "z"},
		{int64(1<<63 - 1), "z"},
		{"text", int64(5)},
		{[]byte("blob"), int64(1)},
	}

	var before []byte
	for i, values := range inOrder {
		row, err := appendRow(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && bytes.Compare(before, row) >= 0 {
			t.Errorf("encoded %q does not sort before %q", inOrder[i-1], values)
		}
		if back, err := appendValues(nil, row); err != nil || !reflect.DeepEqual(back, values) {
			t.Errorf("decoded row = %q, %v, want %q", back, err, values)
		}
		before = row
	}

	if _, err := appendRow(nil, []any{1.5}); err == nil {
		t.Error("appendRow of a floating-point number succeeded, want error")
	}
}

func TestManyRunsAreMergedIntoOneOrder(t *testing.T) {
	folder := t.TempDir()
	s := newSorting(folder, 400)
	defer s.close()
	tables := []string{"INSERT INTO a (n, row) VALUES (?, ?)", "INSERT INTO b (n) VALUES (?)"}
	for i := range 1000 {
		n := int64(i * 617 % 1000)
		if err := s.add(tables[0], []any{n, fmt.Sprintf("row %d", n)}); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if err := s.add(tables[1], []any{n}); err != nil {
				t.Fatal(err)
			}
		}
	}

	if err := s.done(); err != nil {
		t.Fatal(err)
	}

	for i, want := range []int{1000, 334} {
		sorted := s.tables[i]
		if sorted.insert != tables[i] || len(sorted.runs) < 2 {
			t.Errorf("table %s has %d runs, want at least 2 of %s", sorted.insert, len(sorted.runs), tables[i])
		}

		var numbers []int64
		for row, err := range sorted.merged() {
			values, valuesErr := appendValues(nil, row)
			if err != nil || valuesErr != nil {
				t.Fatal(err, valuesErr)
			}
			numbers = append(numbers, values[0].(int64))
		}

		if len(numbers) != want || !slices.IsSortedFunc(numbers, cmp.Compare[int64]) {
			t.Errorf("%s: got %d rows %v, want %d in ascending order", sorted.insert, len(numbers), numbers, want)
		}

		if err := sorted.remove(); err != nil {
			t.Error(err)
		}
	}

	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("files after remove = %v, %v, want none", files, err)
	}
}

func FuzzRowThatWasPutAside(f *testing.F) {
	row, err := appendRow(nil, []any{nil, 7, true, "a\x00b", []byte{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(row)
	f.Add([]byte{rowText, 'a', 0})
	f.Fuzz(func(t *testing.T, row []byte) {
		values, err := appendValues(nil, row)
		if err != nil {
			return
		}
		again, err := appendRow(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := appendValues(nil, again); err != nil || !reflect.DeepEqual(back, values) {
			t.Errorf("decoded row = %q, %v, want %q", back, err, values)
		}
	})
}
