package testterm

import (
	"bytes"
	"os"
	"path/filepath"
)

// UpdatePictures is the environment variable that, when set to anything, makes Picture write instead of compare.
const UpdatePictures = "UPDATE_PICTURES"

// Picture holds a picture of the documentation to the program: the test fails when the file at path isn't the SVG of this
// screen, so that documentation can't show what the program doesn't. With UPDATE_PICTURES set it writes the file.
func Picture(t T, g *Grid, path, title string) {
	t.Helper()
	var drawn bytes.Buffer
	if err := g.SVG(&drawn, title); err != nil {
		t.Fatalf("testterm: %v", err)
	}
	if os.Getenv(UpdatePictures) != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatalf("testterm: %v", err)
		}
		if err := os.WriteFile(path, drawn.Bytes(), 0o644); err != nil {
			t.Fatalf("testterm: %v", err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("testterm: %v; run the test with %s=1 to draw it", err, UpdatePictures)
	}
	if !bytes.Equal(kept, drawn.Bytes()) {
		t.Fatalf("testterm: %s is not what the program shows; run the test with %s=1 and look at the change\n%s", path, UpdatePictures, frame(g))
	}
}
