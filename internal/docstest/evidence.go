package docstest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// TestNames are the tests of a repository: for each name, such as TestX or FuzzX, the packages that have it.
type TestNames map[string]map[string]testBody

// testBody is what a test function says about its subtests.
type testBody struct {
	runs     bool     // calls Run with a name that is not a literal
	subtests []string // literal names of subtests, as go test prints them
	literals []string // all strings in it, as go test prints them
}

// TestsOf returns the tests in the Go files below a folder. Files of every operating system count.
func TestsOf(root string) (TestNames, error) {
	all := make(TestNames)
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && file != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata"):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(file, "_test.go"):
			return nil
		}

		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("tests of %s: %w", file, err)
		}

		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}

		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && testName.MatchString(f.Name.Name) {
				all.add(f, filepath.ToSlash(folder))
			}
		}

		return nil
	})
	return all, err
}

// testName matches the name of a test function.
var testName = regexp.MustCompile(`^(Test|Fuzz|Example)[A-Z]\w*$`)

func (n TestNames) add(f *ast.FuncDecl, folder string) {
	body := testBody{}
	ast.Inspect(f, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.BasicLit:
			if s, ok := literal(node); ok {
				body.literals = append(body.literals, s)
			}
		case *ast.CallExpr:
			if called, ok := node.Fun.(*ast.SelectorExpr); !ok || called.Sel.Name != "Run" || len(node.Args) != 2 {
				break
			}
			if s, ok := literal(node.Args[0]); ok {
				body.subtests = append(body.subtests, s)
			} else {
				body.runs = true
			}
		}
		return true
	})

	if n[f.Name.Name] == nil {
		n[f.Name.Name] = make(map[string]testBody)
	}
	n[f.Name.Name][folder] = body
}

// literal returns a string in the source as go test prints it in the name of a subtest.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return strings.ReplaceAll(s, " ", "_"), err == nil
}

// Check returns an error unless name is one test: TestX, or TestX/subtest; with its folder and a dot in front where
// several packages have a test of that name, such as hub/store/sqlite.TestConformance. A subtest is the literal name of
// one. Where the test takes the names of its subtests from a table, the name must be a string in the test.
func (n TestNames) Check(name string) error {
	parts := namedTest.FindStringSubmatch(name)
	if parts == nil {
		return fmt.Errorf("%s is not the name of a test", name)
	}
	folder, function, subtest := parts[1], parts[2], parts[3]

	found := n[function]
	switch {
	case len(found) == 0:
		return fmt.Errorf("there is no test %s", function)
	case folder == "" && len(found) > 1:
		return fmt.Errorf("%d packages have a test %s: put the folder and a dot in front", len(found), function)
	}

	for in, body := range found {
		switch {
		case folder != "" && in != folder:
			continue
		case subtest == "" || slices.Contains(body.subtests, subtest) || body.runs && slices.Contains(body.literals,
			subtest):
			return nil
		}
		return fmt.Errorf("%s has no subtest %s", function, subtest)
	}

	return fmt.Errorf("there is no test %s in %s", function, folder)
}

// Evidence is the form of a table whose rows are claims with evidence.
type Evidence struct {
	First    string   // the words of its first column, which is unlike in all rows of the document
	Tests    string   // the column that names at least one test in each row
	Files    string   // the column that names at least one file in each row; "" if there is none
	NotEmpty []string // further columns that are not empty
}

// CheckEvidence compares a document with the repository in root. It returns what is wrong: a table of evidence that is
// missing, a row without a test or a file, and each named test or file that does not exist. Tests and Go files that are
// named elsewhere in the document must exist too.
func CheckEvidence(root, name string, source []byte, tests TestNames, forms ...Evidence) []string {
	var wrong []string
	add := func(line int, format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s:%d: ", name, line)+fmt.Sprintf(format, args...))
	}

	tables := ParseTables(source)
	for _, form := range forms {
		rows, seen := 0, make(map[string]bool)
		for _, t := range tables {
			if len(t.Columns) == 0 || t.Columns[0] != form.First {
				continue
			}

			for _, row := range t.Rows {
				rows++
				if id := row.Cells[0].Text; id == "" || seen[id] {
					add(row.Line, "got the %s %q, want one that no other row has", form.First, id)
				}
				seen[row.Cells[0].Text] = true
				form.check(t, row, func(format string, args ...any) { add(row.Line, format, args...) })
			}
		}
		if rows == 0 {
			add(1, "got no row in a table whose first column is %q, want some", form.First)
		}
	}

	for _, code := range ParseDocument(name, source).Code {
		switch {
		case code.Block:
		case isTest(code.Text):
			if err := tests.Check(code.Text); err != nil {
				add(code.Line, "%v", err)
			}
		case isFile(code.Text):
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(code.Text))); err != nil {
				add(code.Line, "there is no file %s", code.Text)
			}
		}
	}

	return wrong
}

// check reports what a row of the table lacks.
func (form Evidence) check(t Table, row Row, wrong func(format string, args ...any)) {
	cell := func(column string) Cell {
		if i := t.Column(column); i >= 0 && i < len(row.Cells) {
			return row.Cells[i]
		}
		return Cell{}
	}

	if !slices.ContainsFunc(cell(form.Tests).Code, isTest) {
		wrong("got no test in the column %q, want one", form.Tests)
	}
	if form.Files != "" && !slices.ContainsFunc(cell(form.Files).Code, isFile) {
		wrong("got no file in the column %q, want one", form.Files)
	}
	for _, column := range form.NotEmpty {
		if strings.TrimSpace(cell(column).Text) == "" {
			wrong("got nothing in the column %q, want something", column)
		}
	}
}

// namedTest matches the name of a test in a document: its folder, its function, and its subtest.
var namedTest = regexp.MustCompile(`^(?:([a-z][\w/-]*)\.)?((?:Test|Fuzz|Example)[A-Z]\w*)(?:/(.+))?$`)

// isTest reports whether code is the name of a test.
func isTest(code string) bool { return namedTest.MatchString(code) }

// namedFile matches the path of a file or a folder of the repository in a document.
var namedFile = regexp.MustCompile(`^(?:cardreader|client|cmd|docs|hub|internal|packaging|rbac|scripts|tui)/[\w./-]+$`)

// isFile reports whether code is the path of a file or a folder of the repository.
func isFile(code string) bool { return namedFile.MatchString(code) && !namedTest.MatchString(code) }
