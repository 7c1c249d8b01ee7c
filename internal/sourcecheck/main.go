// Command sourcecheck refuses Go source that the project's rules for text refuse and no linter of golangci-lint knows:
//
//   - a function's comment that says what the function "is" or "tells" and not what it returns or does,
//   - a line over 120 columns, a tab counted as 4,
//   - an INSERT that does not name its columns, so that a new column would shift its values.
//
// 'make lint' runs it on the whole tree. It is for the project's own use and nothing imports it.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxColumns is the width of a line, with a tab counted as tabColumns.
const (
	maxColumns = 120
	tabColumns = 4
)

var (
	// nominal is the beginning of a comment that describes a function as if it were a thing.
	// "is like" is common for a variant of another function.
	nominal = regexp.MustCompile(`^(is|are|was|has|tells|gives|takes|holds|keeps|stands)\b`)
	// unnamed is an INSERT whose table is followed by its values or by a SELECT.
	unnamed = regexp.MustCompile(
		`(?i)\bINSERT\s+(?:OR\s+\w+\s+)?INTO\s+[\w."]+(?:\s+AS\s+\w+)?\s+(?:VALUES|SELECT|DEFAULT)\b`,
	)
)

// finding is one line that is refused.
type finding struct {
	line int
	text string
}

func main() {
	refused, err := checkTree(os.DirFS("."))
	if err != nil {
		fmt.Fprintln(os.Stderr, "sourcecheck:", err)
		os.Exit(2)
	}

	for _, r := range refused {
		fmt.Println(r)
	}
	if len(refused) > 0 {
		os.Exit(1)
	}
}

// checkTree returns what is refused in the Go files of a tree, as "path:line: reason". Hidden folders are left out.
func checkTree(tree fs.FS) ([]string, error) {
	var refused []string
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}

		src, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}

		found, err := check(src)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}

		for _, f := range found {
			refused = append(refused, fmt.Sprintf("%s:%d: %s", path, f.line, f.text))
		}

		return nil
	})

	return refused, err
}

// check returns the lines of a Go file that are refused. The error is that of the parser.
func check(src []byte) ([]finding, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}

	var found []finding
	refuse := func(line int, format string, args ...any) {
		found = append(found, finding{line, fmt.Sprintf(format, args...)})
	}

	raw := map[int]bool{} // the lines of strings that go over several, whose text is not the source's
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			words := strings.TrimPrefix(n.Doc.Text(), n.Name.Name+" ")
			if verb := nominal.FindString(words); verb != "" && words != n.Doc.Text() &&
				!strings.HasPrefix(words, "is like ") {
				refuse(files.Position(n.Doc.Pos()).Line, "the comment begins %q: say what the function returns or does",
					n.Name.Name+" "+verb)
			}
		case *ast.BasicLit:
			first, last := files.Position(n.Pos()).Line, files.Position(n.End()).Line
			if strings.HasPrefix(n.Value, "`") {
				for line := first; line <= last; line++ {
					raw[line] = true
				}
			}
			if n.Kind == token.STRING && unnamed.MatchString(n.Value) {
				refuse(first, "INSERT without the names of its columns")
			}
		}

		return true
	})

	for i, line := range strings.Split(string(src), "\n") {
		columns := utf8.RuneCountInString(line) + strings.Count(line, "\t")*(tabColumns-1)
		if columns > maxColumns && !raw[i+1] && !strings.HasPrefix(strings.TrimSpace(line), "//go:") {
			refuse(i+1, "%d columns, want %d at most", columns, maxColumns)
		}
	}

	return found, nil
}
