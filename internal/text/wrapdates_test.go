package text_test

import (
	"slices"
	"testing"

	"wardlight/internal/text"
)

// A date or a span of hours that fits on a line is never broken.
func TestWrap_DatesStayWhole(t *testing.T) {
	for _, c := range []struct {
		s     string
		cells int
		want  []string
	}{
		{"Born 01-Jan-2019 (line 2)", 12, []string{"Born", "01-Jan-2019", "(line 2)"}},
		{"open 09:00-17:00 daily", 14, []string{"open", "09:00-17:00", "daily"}},
		{"Code H21-404-NOT_FOUND", 9, []string{"Code H21-", "404-", "NOT_FOUND"}},
		{"SMITH-JONES Ada", 8, []string{"SMITH-", "JONES", "Ada"}},
		{"01-Jan-2019", 6, []string{"01-Jan", "-2019"}},
		{"01\u2011Jan", 20, []string{"01\u2011Jan"}},
	} {
		if got := text.Wrap(c.s, c.cells); !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.s, c.cells, got, c.want)
		}
	}
}
