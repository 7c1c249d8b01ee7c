//go:build unix

package testterm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/testterm"
)

// matchesScreenshot reports whether g matches the screenshot at path.
func matchesScreenshot(t *testing.T, g *testterm.Grid, path string) bool {
	t.Helper()
	m, err := testterm.MatchesScreenshot(path, "A title")
	if err != nil {
		t.Fatal(err)
	}
	return m.Matches(g)
}

func TestAPictureOfTheDocumentationIsComparedWithTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "img", "alert.svg")
	if _, err := testterm.MatchesScreenshot(path, "A title"); err == nil ||
		!strings.Contains(err.Error(), "UPDATE_PICTURES=1") {
		t.Errorf("Pictured without a file: error %v, want a hint at UPDATE_PICTURES", err)
	}
	screen := testterm.Emulate(20, 2, []byte("ALERT"))
	if err := testterm.WriteSVG(screen, path, "A title"); err != nil {
		t.Fatal(err)
	}
	if !matchesScreenshot(t, screen, path) {
		t.Error("the screen does not match its own screenshot")
	}
	if matchesScreenshot(t, testterm.Emulate(20, 2, []byte("none recorded")), path) {
		t.Error("another screen matches the screenshot")
	}
}

// Request ids differ each time; the screenshot is the same.
func TestAnIDThatIsNewEachTimeIsTheSameInPictures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "receipt.svg")
	of := func(id string) *testterm.Grid {
		return testterm.Emulate(60, 2, []byte("日本 ALERT, request "+id+"."))
	}
	if err := testterm.WriteSVG(of("1decc191-85e6-4db0-a43a-74e30787aee8"), path, "A title"); err != nil {
		t.Fatal(err)
	}
	another := of("af9a54ed-59a0-4b81-9473-eab9469e34eb")
	if !matchesScreenshot(t, another, path) || !strings.Contains(another.Text(), "af9a54ed") {
		t.Errorf("the screenshot with another id does not match, or the screen was changed:\n%s", another.Text())
	}
	for _, is := range []string{"1decc191-85e6-4db0-a43a-74e30787aee", "1decc191 85e6-4db0-a43a-74e30787aee8"} {
		if matchesScreenshot(t, of(is), path) {
			t.Errorf("%q was replaced like an id", is)
		}
	}
}
