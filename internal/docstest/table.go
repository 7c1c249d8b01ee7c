package docstest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Table is a table of a document.
type Table struct {
	Heading string   // the nearest heading above it; "" if there is none
	Columns []string // the words of its first row
	Rows    []Row
}

// Row is a row of a table below its first one.
type Row struct {
	Line  int
	Cells []Cell
}

// Cell is one cell of a row.
type Cell struct {
	Text string   // as a reader sees it, without the marks of code
	Code []string // each piece of code in it
}

// Column returns the position of a column by its words, or -1.
func (t Table) Column(name string) int { return slices.Index(t.Columns, name) }

// Tables reads the tables of a document. name is relative to the root of the repository, with slashes.
func Tables(tb testing.TB, name string) []Table {
	tb.Helper()
	source, err := os.ReadFile(filepath.Join(Root(tb), filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return ParseTables(source)
}

// ParseTables reads the tables of a document, in their order.
func ParseTables(source []byte) []Table {
	var all []Table
	heading := ""
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

	_ = ast.Walk(parser.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}

		switch n := n.(type) {
		case *ast.Heading:
			heading = words(n, source)
		case *extast.Table:
			all = append(all, readTable(n, heading, source))
			return ast.WalkSkipChildren, nil
		}

		return ast.WalkContinue, nil
	})

	return all
}

func readTable(n ast.Node, heading string, source []byte) Table {
	t := Table{Heading: heading}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		row := Row{}
		for cell := child.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if lines := cell.Lines(); row.Line == 0 && lines.Len() > 0 {
				row.Line = 1 + bytes.Count(source[:lines.At(0).Start], []byte("\n"))
			}
			row.Cells = append(row.Cells, Cell{Text: words(cell, source), Code: codeIn(cell, source)})
		}

		if _, first := child.(*extast.TableHeader); first {
			for _, cell := range row.Cells {
				t.Columns = append(t.Columns, cell.Text)
			}
			continue
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// codeIn returns the pieces of code in a node.
func codeIn(n ast.Node, source []byte) []string {
	var all []string
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if span, ok := n.(*ast.CodeSpan); ok && entering {
			all = append(all, words(span, source))
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return all
}
