package testterm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// UpdateScreenshots is an environment variable. If it is not empty, the tests write the screenshots instead of
// comparing them.
const UpdateScreenshots = "UPDATE_PICTURES"

// WriteSVG writes the screen as SVG to the file at path, and creates its folder.
func WriteSVG(g *Grid, path, title string) error {
	drawn, err := screenshotSVG(g, title)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, drawn, 0o644)
}

// MatchesScreenshot matches a screen that is equal to the SVG file at path, so that screenshots in the documentation
// are up to date. The error reports that the file can't be read.
func MatchesScreenshot(path, title string) (Matcher, error) {
	saved, err := os.ReadFile(path)
	if err != nil {
		return Matcher{}, fmt.Errorf("%w; run the test with %s=1 to draw it", err, UpdateScreenshots)
	}
	name := fmt.Sprintf("the screen is %s; run the test with %s=1 and look at the change", path, UpdateScreenshots)
	return Matcher{name, func(g *Grid) bool {
		drawn, err := screenshotSVG(g, title)
		return err == nil && bytes.Equal(saved, drawn)
	}}, nil
}

// requestID matches the id of a request. It is random, so screenshots have screenshotID in its place.
var requestID = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b`)

const screenshotID = "0f8fad5b-d9cb-469f-a165-70867728950e"

// screenshotSVG returns the screen as SVG, with screenshotID in place of request ids.
func screenshotSVG(g *Grid, title string) ([]byte, error) {
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
		for _, id := range requestID.FindAllStringIndex(line, -1) {
			for i, letter := range screenshotID {
				same.cells[y*g.Cols+at[id[0]+i]].Text = string(letter)
			}
		}
	}
	var drawn bytes.Buffer
	err := same.SVG(&drawn, title)
	return drawn.Bytes(), err
}
