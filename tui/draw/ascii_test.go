package draw_test

import (
	"testing"

	"wardlight/tui/draw"
)

// No character becomes one of another meaning.
func TestToASCII(t *testing.T) {
	for s, want := range map[string]string{
		"Siân Zoe\u0308":              "Sian Zoe",
		"100µg 100μg":                 "100ug 100ug",
		"5–10 −3 5\u201110":           "5-10 -3 5-10",
		"≥5 ≤6 ±7 ½ 10⁹ 37°C":         "?5 ?6 ?7 ? 10? 37?C",
		"≠5 ≮6 ≯7 ≰8":                 "?5 ?6 ?7 ?8",
		"5 =\u0338 6, P\u0336e\u0336": "5 ? 6, ??",
		"日本":                          "????",
		"│►▲○×":                       "|>!ox",
	} {
		if got := draw.ToASCII(s); got != want {
			t.Errorf("ToASCII(%q) = %q, want %q", s, got, want)
		}
	}
}
