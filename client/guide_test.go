package client_test

import (
	"go/types"
	"os"
	"strings"
	"testing"
)

// TestGuide_Code compares the code in docs/integrating.md with the examples that run.
func TestGuide_Code(t *testing.T) {
	guide, running := plain(t, "../docs/integrating.md"), plain(t, "example_test.go")
	n := 0
	for rest, more := guide, true; more; n++ {
		if _, rest, more = strings.Cut(rest, "\n```go\n"); !more {
			break
		}
		code, _, _ := strings.Cut(rest, "```")
		if !strings.Contains(running, code) {
			t.Errorf("got code that no example has:\n%s", code)
		}
	}
	if n == 0 {
		t.Error("got no code in the guide, want some")
	}
}

// plain returns a text without the indentation of its lines.
func plain(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(strings.TrimLeft(line, " \t"))
	}
	return b.String()
}

// TestGuide_Errors wants every error that a caller tells apart in docs/integrating.md.
func TestGuide_Errors(t *testing.T) {
	guide := plain(t, "../docs/integrating.md")
	scope := load(t, public[:1])[0].Scope()
	for _, name := range scope.Names() {
		if _, is := scope.Lookup(name).(*types.Var); !is || !strings.HasPrefix(name, "Err") {
			continue
		}
		if !strings.Contains(guide, "`client."+name+"`") {
			t.Errorf("got no client.%s in docs/integrating.md", name)
		}
	}
}
