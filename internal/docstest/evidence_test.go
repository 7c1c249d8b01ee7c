package docstest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/docstest"
)

// documentsOfEvidence are the documents whose rows are claims, with the form of their tables.
var documentsOfEvidence = map[string][]docstest.Evidence{
	"docs/security.md": {
		{First: "threat", Tests: "test", Files: "file", NotEmpty: []string{"control", "accepted, by whom"}},
		{First: "request", Tests: "test", NotEmpty: []string{"cost", "bound"}},
	},
	"docs/safety/hazard-log.md": {
		{
			First: "hazard", Tests: "test", Files: "file",
			NotEmpty: []string{"cause", "effect", "initial risk", "control", "residual risk"},
		},
	},
	"docs/faults.md": {
		{First: "fault", Tests: "test", NotEmpty: []string{"the user sees", "lost", "heals"}},
	},
	"docs/safety/safety-case.md": {{First: "claim", Tests: "test", NotEmpty: []string{"because"}}},
}

func TestEvidence_EveryRowHasATestThatExists(t *testing.T) {
	root := docstest.Root(t)
	tests, err := docstest.TestsOf(root)
	if err != nil {
		t.Fatal(err)
	}

	for name, forms := range documentsOfEvidence {
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range docstest.CheckEvidence(root, name, source, tests, forms...) {
			t.Error(wrong)
		}
	}
}

// evidenceTests are two packages of tests.
var evidenceTests = map[string]string{
	"client/one_test.go": `package client
import "testing"
func TestOne(t *testing.T) { t.Run("a sub test", func(t *testing.T) {}) }
func TestTable(t *testing.T) { for _, name := range []string{"first row"} { t.Run(name, nil) } }
func TestBoth(t *testing.T) {}
func FuzzOne(f *testing.F) {}
func helper() string { return "TestHelper" }
`,
	"hub/two_windows_test.go": "package hub\nimport \"testing\"\nfunc TestBoth(t *testing.T) {}\n",
	"hub/two.go":              "package hub\nfunc TestNone() {}\n",
}

func writeEvidence(t *testing.T) (root string, tests docstest.TestNames) {
	t.Helper()
	root = t.TempDir()
	for name, text := range evidenceTests {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests, err := docstest.TestsOf(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, tests
}

func TestTestNames_Check(t *testing.T) {
	_, tests := writeEvidence(t)
	for name, want := range map[string]string{
		"TestOne":              "",
		"TestOne/a_sub_test":   "",
		"client.TestOne":       "",
		"TestTable/first_row":  "",
		"FuzzOne":              "",
		"hub.TestBoth":         "",
		"TestBoth":             "2 packages",
		"three.TestBoth":       "no test TestBoth in three",
		"hub.TestOne":          "no test TestOne in hub",
		"TestOne/another":      "no subtest another",
		"TestTable/second_row": "no subtest second_row",
		"TestNone":             "no test TestNone",
		"TestHelper":           "no test TestHelper",
		"helper":               "is not the name of a test",
	} {
		err := tests.Check(name)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Check(%q): got %v, want an error with %q", name, err, want)
		}
	}
}

func TestCheckEvidence(t *testing.T) {
	root, tests := writeEvidence(t)
	head := "# Page\n\n| threat | control | file | test |\n|---|---|---|---|\n"
	good := "| A theft | a lock | `hub/two.go` | `TestOne` |\n"
	form := docstest.Evidence{First: "threat", Tests: "test", Files: "file", NotEmpty: []string{"control"}}

	for _, c := range []struct{ name, text, want string }{
		{"a good row", head + good, ""},
		{"no table", "# Page\n", "page.md:1: got no row"},
		{"no row", head, "page.md:1: got no row"},
		{"no test", head + "| A theft | a lock | `hub/two.go` | none |\n", "page.md:5: got no test"},
		{"no file", head + "| A theft | a lock | | `TestOne` |\n", "page.md:5: got no file"},
		{"no control", head + "| A theft | | `hub/two.go` | `TestOne` |\n", "page.md:5: got nothing in the column"},
		{"a row twice", head + good + good, "page.md:6: got the threat \"A theft\""},
		{
			"a test that does not exist", head + "| A theft | a lock | `hub/two.go` | `TestGone` |\n",
			"page.md:5: there is no test TestGone",
		},
		{
			"a file that does not exist", head + "| A theft | a lock | `hub/gone.go` | `TestOne` |\n",
			"page.md:5: there is no file hub/gone.go",
		},
		{"a test in running text", "See `TestGone`.\n\n" + head + good, "page.md:1: there is no test TestGone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := docstest.CheckEvidence(root, "page.md", []byte(c.text), tests, form)
			if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// writtenRisk is a risk in the hazard log: consequence, likelihood, and the number of the matrix.
var writtenRisk = regexp.MustCompile(`^(\w+), ([\w ]+): ([1-5])$`)

// TestHazards_RisksFollowTheMatrix reads the matrix of the hazard log and compares each row's risks with it. A control
// must not raise a risk, and no residual risk may be one that the log calls not acceptable.
func TestHazards_RisksFollowTheMatrix(t *testing.T) {
	const name, highestAccepted = "docs/safety/hazard-log.md", "3"
	matrix := make(map[string]string)
	tables := docstest.Tables(t, name)
	for _, table := range tables {
		if table.Columns[0] != "likelihood" {
			continue
		}
		for _, row := range table.Rows {
			for i, cell := range row.Cells[1:] {
				matrix[table.Columns[i+1]+", "+row.Cells[0].Text] = cell.Text
			}
		}
	}

	if len(matrix) != 25 {
		t.Fatalf("got %d cells of the matrix of risks, want 25", len(matrix))
	}

	for _, table := range tables {
		if table.Columns[0] != "hazard" {
			continue
		}
		for _, row := range table.Rows {
			risks := make(map[string]string)
			for _, column := range []string{"initial risk", "residual risk"} {
				text := row.Cells[table.Column(column)].Text
				parts := writtenRisk.FindStringSubmatch(text)
				if parts == nil || matrix[parts[1]+", "+parts[2]] != parts[3] {
					t.Errorf("%s:%d: got the %s %q, want consequence, likelihood and their number in the matrix", name,
						row.Line, column, text)
					continue
				}
				risks[column] = parts[3]
			}
			if risks["residual risk"] > risks["initial risk"] || risks["residual risk"] > highestAccepted {
				t.Errorf("%s:%d: got the residual risk %s after %s, want no higher one and at most %s", name, row.Line,
					risks["residual risk"], risks["initial risk"], highestAccepted)
			}
		}
	}
}
