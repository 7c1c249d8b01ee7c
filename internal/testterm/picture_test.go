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
