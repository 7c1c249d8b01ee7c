package fault_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"wardlight/internal/fault"
)

type kind int

const (
	unknown kind = iota
	full
	slow
)

var table = fault.Table[kind]{
	unknown: fault.Row("Something went wrong.", "Tell support the code.", "X01", "unknown"),
	slow:    fault.Row("It is slow.", "Wait.", "X20", "slow"),
	full:    fault.Row("It is full.", "Empty it.", "X10", "full"),
}

type failure struct{ kind kind }

func (f failure) Error() string      { return f.Sentence() }
func (f failure) Sentence() string   { return table.Of(f.kind, unknown).Sentence }
func (f failure) Advice() string     { return table.Of(f.kind, unknown).Advice }
func (f failure) Code() string       { return table.Of(f.kind, unknown).Code }
func (f failure) Name() string       { return table.Of(f.kind, unknown).Name }
func (f failure) Class() fault.Class { return fault.Printer }

func TestTable(t *testing.T) {
	if got := table.Kinds(); !slices.Equal(got, []kind{unknown, full, slow}) {
		t.Errorf("Kinds = %v, want the order of codes", got)
	}
	if got := table.Of(full, unknown).Sentence; got != "It is full." {
		t.Errorf("Sentence = %q, want %q", got, "It is full.")
	}
	if got := table.Of(99, unknown).Code; got != "X01" {
		t.Errorf("code of an unknown kind = %q, want X01", got)
	}
}

func TestFind(t *testing.T) {
	if f := fault.Find(fmt.Errorf("printing: %w", failure{slow})); f == nil || f.Code() != "X20" ||
		f.Class() != fault.Printer {
		t.Errorf("Find = %v, want the wrapped fault", f)
	}
	if f := fault.Find(errors.New("a text that nobody has cleaned")); f != nil {
		t.Errorf("Find of another error = %v, want nil", f)
	}
	if f := fault.Find(nil); f != nil {
		t.Errorf("Find(nil) = %v, want nil", f)
	}
}
