package tui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// plainWords maps words that a clerk may not know, or that add nothing, to what to write instead.
var plainWords = map[string]string{
	"please": "leave it out", "invalid": "say what is wrong", "authenticate": "sign in", "terminate": "end",
	"terminated": "ended", "execute": "do",
	"retrieve": "get", "utilise": "use", "timeout": "did not answer in time", "error": "say what is wrong",
	"failed": "say what did not happen", "abort": "stop",
	"submit": "send", "oops": "leave it out", "sorry": "leave it out", "unable": "cannot", "commence": "begin",
	"prior": "before", "ensure": "check", "click": "press",
}

// sentencesOf returns the strings of the words.go files, by their position. A string without a full stop is a label.
func sentencesOf(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*/words.go")
	if err != nil {
		t.Fatal(err)
	}

	said := make(map[string]string)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}

		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}

		ast.Inspect(parsed, func(n ast.Node) bool {
			if _, is := n.(*ast.ImportSpec); is {
				return false
			}
			if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				said[set.Position(lit.Pos()).String()] = s
			}
			return true
		})
	}

	return said
}

var (
	wordForm     = regexp.MustCompile(`[\pL\pN'’-]+`)
	sentenceForm = regexp.MustCompile(`[^.:;?]+[.:;?]`)
)

// maxSentenceWords is the maximum number of words between full stops, colons and semicolons.
const maxSentenceWords = 20

// maxReadabilityIndex is the maximum readability index of all texts on the screens. 7 corresponds to a reader aged
// twelve to thirteen; the limit is well below it.
const maxReadabilityIndex = 5

// The texts on the screens can be read by someone aged twelve: short sentences, short words, no jargon. The measure is
// the Automated Readability Index (Senter and Smith, 1967).
func TestTheWordsArePlain(t *testing.T) {
	letters, words, sentences := 0, 0, 0
	for where, s := range sentencesOf(t) {
		for _, w := range wordForm.FindAllString(strings.ToLower(s), -1) {
			if instead, jargon := plainWords[w]; jargon {
				t.Errorf("%s: %q contains %q; instead: %s", where, s, w, instead)
			}
		}

		if strings.Contains(s, "!") || strings.Contains(strings.TrimSpace(s), "  ") && !strings.Contains(s, "say: ") {
			t.Errorf("%s: %q contains an exclamation mark or two spaces", where, s)
		}

		for _, sentence := range sentenceForm.FindAllString(s, -1) {
			found := wordForm.FindAllString(sentence, -1)
			if len(found) > maxSentenceWords {
				t.Errorf("%s: %d words in one sentence, want at most %d: %q",
					where, len(found), maxSentenceWords, sentence)
			}
			if len(found) < 3 {
				continue
			}
			sentences++
			words += len(found)
			letters += strings.Count(strings.Join(found, ""), "") - 1
		}
	}

	if sentences < 100 {
		t.Fatalf("found %d sentences, want at least 100", sentences)
	}

	index := 4.71*float64(letters)/float64(words) + 0.5*float64(words)/float64(sentences) - 21.43
	t.Logf("%d sentences, %d words, readability index %.1f", sentences, words, index)
	if index > maxReadabilityIndex {
		t.Errorf("readability index = %.1f, want at most %d", index, maxReadabilityIndex)
	}
}
