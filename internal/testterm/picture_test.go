//go:build unix

package testterm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/testterm"
)

func TestAPictureOfTheDocumentationIsHeldToTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "img", "alert.svg")
	screen := testterm.Emulate(20, 2, []byte("ALERT"))
	missing := failure(t, func(t testing.TB) { testterm.Picture(t, screen, path, "An alert") })
	if !strings.Contains(missing, "UPDATE_PICTURES=1") {
		t.Errorf("without the file: %s", missing)
	}
	t.Setenv(testterm.UpdatePictures, "1")
	testterm.Picture(t, screen, path, "An alert")
	t.Setenv(testterm.UpdatePictures, "")
	testterm.Picture(t, screen, path, "An alert")
	changed := failure(t, func(t testing.TB) {
		testterm.Picture(t, testterm.Emulate(20, 2, []byte("none recorded")), path, "An alert")
	})
	if !strings.Contains(changed, "is not what the program shows") || !strings.Contains(changed, "|none recorded ") {
		t.Errorf("with another screen: %s", changed)
	}
}

// A request's id is another one each time; the picture with it is the same.
func TestAnIDThatIsNewEachTimeIsTheSameInPictures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "receipt.svg")
	of := func(id string) *testterm.Grid {
		return testterm.Emulate(60, 2, []byte("日本 ALERT, request "+id+"."))
	}
	t.Setenv(testterm.UpdatePictures, "1")
	testterm.Picture(t, of("1decc191-85e6-4db0-a43a-74e30787aee8"), path, "A receipt")
	t.Setenv(testterm.UpdatePictures, "")
	another := of("af9a54ed-59a0-4b81-9473-eab9469e34eb")
	testterm.Picture(t, another, path, "A receipt")
	if !testterm.Pictured(t, path, "A receipt").Holds(another) || !strings.Contains(another.Text(), "af9a54ed") {
		t.Errorf("the picture is another one, or the screen was changed:\n%s", another.Text())
	}
	for _, is := range []string{"1decc191-85e6-4db0-a43a-74e30787aee", "1decc191 85e6-4db0-a43a-74e30787aee8"} {
		if testterm.Pictured(t, path, "A receipt").Holds(of(is)) {
			t.Errorf("%q was taken for an id", is)
		}
	}
}
