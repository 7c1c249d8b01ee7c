package testterm

import (
	"fmt"
	"strings"
)

// Weights of the arms of a box-drawing character.
const (
	noArm = iota
	light
	heavy
	double
)

// boxes are the characters drawn as lines, with the weights of their arms up, right, down and left. Dashed lines and
// mixtures of light and heavy are written as text.
var boxes = func() map[string][4]int {
	m := map[string][4]int{}

	// For each kind of joint: the characters for light, heavy and double, then the arms.
	for _, row := range []string{
		"─━═ .x.x", "│┃║ x.x.", "┌┏╔ .xx.", "┐┓╗ ..xx", "└┗╚ xx..", "┘┛╝ x..x",
		"├┣╠ xxx.", "┤┫╣ x.xx", "┬┳╦ .xxx", "┴┻╩ xx.x", "┼╋╬ xxxx",
	} {
		letters, arms, _ := strings.Cut(row, " ")
		for i, letter := range []rune(letters) {
			var weights [4]int
			for arm := range arms {
				if arms[arm] == 'x' {
					weights[arm] = light + i
				}
			}
			m[string(letter)] = weights
		}
	}

	for letter, weights := range map[string][4]int{
		"╴": {0, 0, 0, light}, "╵": {light}, "╶": {0, light}, "╷": {0, 0, light},
		"╸": {0, 0, 0, heavy}, "╹": {heavy}, "╺": {0, heavy}, "╻": {0, 0, heavy},
		"╒": {0, double, light, 0}, "╓": {0, light, double, 0}, "╕": {0, 0, light, double}, "╖": {0, 0, double, light},
		"╘": {light, double, 0, 0}, "╙": {double, light, 0, 0}, "╛": {light, 0, 0, double}, "╜": {double, 0, 0, light},
		"╞": {light, double, light, 0}, "╟": {double, light, double, 0}, "╡": {light, 0, light, double},
		"╢": {double, 0, double, light},
		"╤": {0, double, light, double}, "╥": {0, light, double, light}, "╧": {light, double, 0, double},
		"╨": {double, light, 0, light},
		"╪": {light, double, light, double}, "╫": {double, light, double, light},
	} {
		m[letter] = weights
	}

	return m
}()

// rounded is the rounded corners, as SVG paths in a cell at 0,0.
var rounded = map[string]string{
	"╭": "M4.5 18V12.5Q4.5 8.5 9 8.5", "╮": "M4.5 18V12.5Q4.5 8.5 0 8.5",
	"╰": "M4.5 0V4.5Q4.5 8.5 9 8.5", "╯": "M4.5 0V4.5Q4.5 8.5 0 8.5",
}

// blocks are the characters that fill parts of a cell: rectangles x, y, width, height in eighths of the cell.
var blocks = func() map[string][][4]int {
	m := map[string][][4]int{
		"▀": {{0, 0, 8, 4}}, "▐": {{4, 0, 4, 8}}, "▔": {{0, 0, 8, 1}}, "▕": {{7, 0, 1, 8}},
		"▖": {{0, 4, 4, 4}}, "▗": {{4, 4, 4, 4}}, "▘": {{0, 0, 4, 4}}, "▝": {{4, 0, 4, 4}},
		"▙": {{0, 0, 4, 8}, {4, 4, 4, 4}}, "▚": {{0, 0, 4, 4}, {4, 4, 4, 4}}, "▛": {{0, 0, 8, 4}, {0, 4, 4, 4}},
		"▜": {{0, 0, 8, 4}, {4, 4, 4, 4}}, "▞": {{4, 0, 4, 4}, {0, 4, 4, 4}}, "▟": {{4, 0, 4, 8}, {0, 4, 4, 4}},
	}
	for n := 1; n <= 8; n++ {
		m[string(rune(0x2580+n))] = [][4]int{{0, 8 - n, 8, n}} // ▁ to █, from below
		if n < 8 {
			m[string(rune(0x2590-n))] = [][4]int{{0, 0, n, 8}} // ▏ to ▉, from the left
		}
	}
	return m
}()

// shades are the characters that fill a cell partly, with their opacity.
var shades = map[string]string{"░": "0.25", "▒": "0.5", "▓": "0.75"}

// shape returns the SVG of a character that must join its neighbours, for a cell with its upper left corner at x, y.
// It returns "" for other characters.
func shape(letter string, x, y int, colour string) string {
	if arms, ok := boxes[letter]; ok {
		return box(arms, x, y, colour)
	}
	if path, ok := rounded[letter]; ok {
		return fmt.Sprintf(`<path transform="translate(%d %d)" d="%s" fill="none" stroke="%s"/>`, x, y, path, colour)
	}
	if opacity, ok := shades[letter]; ok {
		return fmt.Sprintf(`<rect x="%d" y="%d" width="%d" height="%d" opacity="%s"/>`, x, y, cellWidth, cellHeight,
			opacity)
	}
	var b strings.Builder
	for _, r := range blocks[letter] {
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s"/>`,
			number(float64(x)+float64(r[0]*cellWidth)/8), number(float64(y)+float64(r[1]*cellHeight)/8),
			number(float64(r[2]*cellWidth)/8), number(float64(r[3]*cellHeight)/8))
	}
	return b.String()
}

func number(f float64) string { return fmt.Sprintf("%g", f) }

// box returns the SVG of a box-drawing character, with arms from the middle of the cell to its edges.
func box(arms [4]int, x, y int, colour string) string {
	const up, right, down, left = 0, 1, 2, 3
	cx, cy := float64(x)+4.5, float64(y)+8.5
	edge := [4]float64{float64(y), float64(x + cellWidth), float64(y + cellHeight), float64(x)}
	var thin, thick strings.Builder
	for arm, weight := range arms {
		vertical := arm == up || arm == down
		line := func(b *strings.Builder, aside, start float64) {
			if vertical {
				fmt.Fprintf(b, "M%s %sV%s", number(cx+aside), number(cy+start), number(edge[arm]))
			} else {
				fmt.Fprintf(b, "M%s %sH%s", number(cx+start), number(cy+aside), number(edge[arm]))
			}
		}

		outward := 1.0 // sign of the direction of this arm
		if arm == up || arm == left {
			outward = -1
		}

		switch weight {
		case light:
			line(&thin, 0, -outward*0.5) // half a stroke beyond the middle, to close the corner
		case heavy:
			line(&thick, 0, -outward*1.5)
		case double:
			// Each of the two lines of a double arm ends at a line of the crossing arms, so that corners close: at the
			// nearer one on the side of an arm, and at the farther one on a side without an arm.
			before, after := arms[up], arms[down]
			if vertical {
				before, after = arms[left], arms[right]
			}
			line(&thin, -1, doubleStart(before, after)*outward)
			line(&thin, 1, doubleStart(after, before)*outward)
		}
	}

	var s string
	if thin.Len() > 0 {
		s = fmt.Sprintf(`<path d="%s" stroke="%s"/>`, thin.String(), colour)
	}

	if thick.Len() > 0 {
		s += fmt.Sprintf(`<path d="%s" stroke="%s" stroke-width="3"/>`, thick.String(), colour)
	}

	return s
}

// doubleStart returns the distance from the middle at which a line of a double arm starts. here is the weight of the
// crossing arm on the line's side, and there on the other side.
func doubleStart(here, there int) float64 {
	switch {
	case here == double:
		return 0.5
	case there == double:
		return -1.5
	}
	return -0.5
}
