package testterm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// UpdatePictures is the environment variable that, when set to anything, makes the tests of the pictures draw them
// instead of comparing them.
const UpdatePictures = "UPDATE_PICTURES"

// Draw writes the SVG of the screen to the file at path, and makes its folder.
func Draw(g *Grid, path, title string) error {
	drawn, err := pictured(g, title)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, drawn, 0o644)
}

// Pictured holds when the screen is the SVG in the file at path, so that a picture of the documentation can't show
// what the program doesn't. The error says that there is no such file.
func Pictured(path, title string) (Matcher, error) {
	saved, err := os.ReadFile(path)
	if err != nil {
		return Matcher{}, fmt.Errorf("%w; run the test with %s=1 to draw it", err, UpdatePictures)
	}
	name := fmt.Sprintf("the screen is %s; run the test with %s=1 and look at the change", path, UpdatePictures)
	return Matcher{name, func(g *Grid) bool {
		drawn, err := pictured(g, title)
		return err == nil && bytes.Equal(saved, drawn)
	}}, nil
}

// anID is an id of a request, which is a new one each time; in a picture it is pictureID.
var anID = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b`)

const pictureID = "0f8fad5b-d9cb-469f-a165-70867728950e"

// pictured returns the screen as SVG.
func pictured(g *Grid, title string) ([]byte, error) {
	same := *g
	same.cells = slices.Clone(g.cells)
	for y := range g.Rows {
		line, at := "", []int{} // at is the column of each byte of the line
		for x := range g.Cols {
			line += g.Cell(x, y).Text
			for len(at) < len(line) {
				at = append(at, x)
			}
		}
		for _, id := range anID.FindAllStringIndex(line, -1) {
			for i, letter := range pictureID {
				same.cells[y*g.Cols+at[id[0]+i]].Text = string(letter)
			}
		}
	}
	var drawn bytes.Buffer
	err := same.SVG(&drawn, title)
	return drawn.Bytes(), err
}
