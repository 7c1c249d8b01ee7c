package text_test

import (
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/vt"

	"wardlight/internal/text"
)

// hostile is strings that passed a renderer or ansi.Strip when that was measured; see tui.md, section 1.6.
var hostile = []string{
	"\x1b]52;c;cm0gLXJm\x07", "\x1b]0;title\x07", "\x1b[2J", "\x1bP1$r\x1b\\", "\x1b[6n", "\x07", "\x08\x08\x08",
	"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "\x1b[8mhidden", "\u009b2J", "\u009d0;t\u009c", "a\u202eb\u2066c",
	"a\u200bb\u200db", "over\rwrite", "\x1b]0;unterminated", "two\nlines\ttab", "\xff\xfe\x9b31m", "\x1b(0lqqk",
	"\x1bc",
	"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\u0301leading", "\U000e0041\U000e007f", "a\ufe0f", "x\u034f",
	"\u2028\u2029",
	"\ufeffbom", "soft\u00adhyphen", "\u3164\uffa0\u115f", "\U0001f3fb", "\u0d4e", "\ufffe\ufdd0", "\x7f", "日本語", "",
}

func TestCleanShowsWhatItTakesAway(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Siân O'Brien-Łęcka", "Siân O'Brien-Łęcka"},
		{"Sia\u0302n", "Sia\u0302n"},
		{"日本語 🙂", "日本語 🙂"},
		{"\x1b[2J", "␛[2J"},
		{"over\rwrite\n\ttab", "over␍write␊␉tab"},
		{"a\x00b\x7f", "a␀b␡"},
		{"\u009b2J", "�2J"},
		{"abc\u202edcba", "abc�dcba"},
		{"zero\u200bwidth\ufeff\u00ad", "zero�width��"},
		{"\xff\xc3", "��"},
		{"\u0301x", "�x"},
		{"a\U0001f3fb\U0001f469\U0001f3fd", "a�\U0001f469�"},
		{"\u2028", "�"},
		{"e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302\u0303\u0304�"},
	} {
		if got := text.Clean(c.in, 0); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanNeverDropsTheTailSilently(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"ab", 1, "…"},
		{"abcde\u0301\u0302\u0303", 6, "abcd…"},
		{"日本語", 2, "日…"},
		{"\x1b]0;unterminated", 20, "␛]0;unterminated"},
	} {
		if got := text.Clean(c.in, c.max); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}

	long := text.Clean(strings.Repeat("x", text.DefaultMax+1), 0)
	if n := utf8.RuneCountInString(long); n != text.DefaultMax || !strings.HasSuffix(long, text.Ellipsis) {
		t.Errorf("Clean with the default maximum returned %d runes that end with %q, want %d and an ellipsis",
			n, long[len(long)-6:], text.DefaultMax)
	}
}

func TestEveryRuneIsSafeOnceCleaned(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 0x40000 {
			r = 0xe0000 // the planes between have no assigned characters
		}
		checkClean(t, "a"+string(r)+"b", 0)
		if unicode.Is(unicode.M, r) {
			checkClean(t, string(r), 0)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 0)
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, max int) {
		checkClean(t, s, max)
		checkCells(t, text.Clean(s, min(max, 30)))
	})
}

// checkClean checks the properties of all cleaned text.
func checkClean(t *testing.T, s string, max int) {
	t.Helper()
	got := text.Clean(s, max)
	if !utf8.ValidString(got) {
		t.Fatalf("Clean(%q) = %q, which is not UTF-8", s, got)
	}

	for _, r := range got {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) ||
			unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point,
				unicode.Bidi_Control) {
			t.Fatalf("Clean(%q) contains %U", s, r)
		}
	}

	if again := text.Clean(got, max); again != got {
		t.Fatalf("Clean(%q) = %q, but cleaned again %q", s, got, again)
	}

	if max <= 0 {
		max = text.DefaultMax
	}

	in, out := utf8.RuneCountInString(s), utf8.RuneCountInString(got)
	if out > max || in > max && !strings.HasSuffix(got, text.Ellipsis) || in <= max && in != out {
		t.Fatalf("Clean of %d runes with maximum %d returned %d: %q", in, max, out, got)
	}

	if w := text.Width("[" + got + "]"); w != text.Width(got)+2 {
		t.Fatalf("Clean(%q) = %q joins its neighbours: width %d between brackets, %d alone",
			s, got, w-2, text.Width(got))
	}
}

func TestHostileTextChangesNothingOutsideItsCells(t *testing.T) {
	for _, s := range hostile {
		checkCells(t, text.Clean(s, 30))
	}
}

// checkCells writes clean text within a frame to a terminal. It checks that the frame, the cursor and the modes are
// the same as with plain letters of the same width.
func checkCells(t *testing.T, clean string) {
	t.Helper()
	if text.Width(clean) > 70 {
		return
	}

	render := func(s string) (rest, after string, x, y int) {
		term := vt.NewEmulator(80, 5)
		answered := make(chan int)
		go func() {
			n, buf := 0, make([]byte, 256)
			for {
				k, err := term.Read(buf)
				n += k
				if err != nil {
					answered <- n
					return
				}
			}
		}()

		_, _ = term.WriteString("above\r\n\n[" + s + "]end")
		at := term.CursorPosition()
		_, _ = term.WriteString("\r\n\nbelow")
		lines := strings.Split(term.String(), "\n")
		right := ""
		for i := 79; i > 0 && right != "]end"; i-- {
			if c := term.CellAt(i, 2); c != nil && strings.TrimSpace(c.Content+right) != "" {
				right = c.Content + right
			}
		}

		lines[2] = ""
		style := term.CellAt(0, 4).Style
		if !style.IsZero() || term.IsAltScreen() {
			t.Fatalf("text %q changed the style or the mode of the terminal: %+v", s, style)
		}

		_ = term.InputPipe().(io.Closer).Close() // Emulator.Close races with Read
		if n := <-answered; n != 0 {
			t.Fatalf("the terminal answered the text %q with %d bytes, want none", s, n)
		}

		return strings.Join(lines, "\n"), right, at.X, at.Y
	}

	rest, right, _, y := render(clean)
	wantRest, wantRight, _, wantY := render(strings.Repeat("x", 10))
	if rest != wantRest || right != wantRight || y != wantY {
		t.Fatalf("text %q changed other cells:\n%s\nto its right %q, row %d", clean, rest, right, y)
	}
}
