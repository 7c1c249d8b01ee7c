// Package docstest reads the documents of the repository for the tests that compare them with the programs: their
// headings, links and commands. Only tests import it.
package docstest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"wardlight/internal/need"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Document is one Markdown file.
type Document struct {
	Name     string // relative to the root of the repository, with slashes
	Headings []string
	Places   []string // the names of anchors that it sets itself
	Links    []Link
	Code     []Code
}

// Link is a link or a picture.
type Link struct {
	Target string
	Image  bool
	Line   int
}

// Code is a code block, or a piece of code in running text.
type Code struct {
	Text     string
	Line     int    // where its text begins
	Block    bool   // not in running text
	Language string // of a fenced block, as its fence says
}

// Root returns the folder of the repository: of those above the test's own, the first that has go.mod.
func Root(tb testing.TB) string {
	tb.Helper()
	folder, err := need.Module()
	if err != nil {
		tb.Fatal(err)
	}
	return folder
}

// Documents reads all Markdown files of the repository, in the order of their names.
func Documents(tb testing.TB) []Document {
	tb.Helper()
	root := Root(tb)
	var all []Document

	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}

		if e.IsDir() {
			if slices.Contains([]string{".git", ".bin", "bin", "dist", "dist-extra"}, name) {
				return filepath.SkipDir
			}
			return nil
		}

		if filepath.Ext(name) != ".md" {
			return nil
		}

		source, err := os.ReadFile(path)
		if err == nil {
			all = append(all, ParseDocument(filepath.ToSlash(name), source))
		}

		return err
	})
	if err != nil {
		tb.Fatal(err)
	}

	return all
}

// ParseDocument reads a document.
func ParseDocument(name string, source []byte) Document {
	d := Document{Name: name}
	line := func(offset int) int { return 1 + bytes.Count(source[:offset], []byte("\n")) }
	for _, set := range setAnchor.FindAllSubmatch(source, -1) {
		d.Places = append(d.Places, string(set[1]))
	}

	near := 1 // the last line that a node said; a link has no place of its own
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

	_ = ast.Walk(parser.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}

		if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
			near = line(n.Lines().At(0).Start)
		}

		switch n := n.(type) {
		case *ast.Heading:
			d.Headings = append(d.Headings, words(n, source))
		case *ast.Link:
			d.Links = append(d.Links, Link{Target: string(n.Destination), Line: near})
		case *ast.Image:
			d.Links = append(d.Links, Link{Target: string(n.Destination), Image: true, Line: near})
		case *ast.Text:
			near = line(n.Segment.Start)
		case *ast.CodeSpan:
			if first, ok := n.FirstChild().(*ast.Text); ok {
				near = line(first.Segment.Start)
			}
			d.Code = append(d.Code, Code{Text: strings.ReplaceAll(words(n, source), "\n", " "), Line: near})
			return ast.WalkSkipChildren, nil
		case *ast.CodeBlock:
			d.Code = append(d.Code, Code{Text: string(n.Lines().Value(source)), Line: near, Block: true})
		case *ast.FencedCodeBlock:
			text, language := string(n.Lines().Value(source)), string(n.Language(source))
			d.Code = append(d.Code, Code{Text: text, Line: near, Block: true, Language: language})
		case *extast.TableCell:
			if n.Lines().Len() > 0 {
				near = line(n.Lines().At(0).Start)
			}
		}

		return ast.WalkContinue, nil
	})

	return d
}

// setAnchor is an anchor that a document sets itself.
var setAnchor = regexp.MustCompile(`<a (?:name|id)="([^"]+)">`)

// words returns the text of a node as a reader sees it, without its marks.
func words(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(source))
				if n.SoftLineBreak() {
					b.WriteByte('\n')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Anchors returns the anchors of a document: those that it sets, and those that GitHub gives its headings. Letters
// become small, digits, hyphens and underscores stay, a space becomes a hyphen, and everything else goes; a second
// heading of the same words gets -1.
func (d Document) Anchors() []string {
	seen := make(map[string]int)
	all := slices.Clone(d.Places)
	for _, heading := range d.Headings {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, heading)

		n := seen[anchor]
		seen[anchor]++
		if n > 0 {
			anchor += "-" + strconv.Itoa(n)
		}

		all = append(all, anchor)
	}

	return all
}
