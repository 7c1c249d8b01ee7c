package testterm_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/testterm"
)

// picture is a file to write the specimen to, for people to look at.
var picture = flag.String("picture", "", "write the specimen picture to this file")

// specimen contains each feature that a screenshot has to show.
const specimen = "┌─ plain ─┬──────┐ ╭ rounded ╮ ┏━ heavy ━┳━━┓ ╔═ double ═╦══╗ ╒══╤═╕ ╓─╥╖\n" +
	"│ x < y & │ z>\"' │ │         │ ┃         ┃  ┃ ║          ║  ║ ╞══╪═╡ ╟─╫╢\n" +
	"├─────────┼──────┤ ╰─────────╯ ┣━━━━━━━━━╋━━┫ ╠══════════╬══╣ ╘══╧═╛ ╙─╨╜\n" +
	"└─────────┴──────┘ ╶╴╵╷╸╺╹╻    ┗━━━━━━━━━┻━━┛ ╚══════════╩══╝ ┄┆╱╲\n" +
	"\x1b[1mbold\x1b[22m \x1b[2mfaint\x1b[22m \x1b[3mitalic\x1b[23m \x1b[4munder line\x1b[24m " +
	"\x1b[4:2mdouble\x1b[24m \x1b[4:3mcurly\x1b[24m \x1b[9mstruck\x1b[29m \x1b[7mreverse\x1b[27m \x1b[1;7m bold " +
	"reverse \x1b[m \x1b[8mhidden\x1b[28m|\n" +
	"\x1b[30m 0 \x1b[31m 1 \x1b[32m 2 \x1b[33m 3 \x1b[34m 4 \x1b[35m 5 \x1b[36m 6 \x1b[37m 7 \x1b[90m 8 \x1b[91m 9 " +
	"\x1b[92m10 \x1b[93m11 \x1b[94m12 \x1b[95m13 \x1b[96m14 \x1b[97m15 \x1b[m\n" +
	"\x1b[40m 0 \x1b[41m 1 \x1b[42m 2 \x1b[43m 3 \x1b[44m 4 \x1b[45m 5 \x1b[46m 6 \x1b[47m 7 \x1b[100m 8 \x1b[101m " +
	"9 \x1b[102m10 \x1b[103m11 \x1b[104m12 \x1b[105m13 \x1b[106m14 \x1b[107m15 \x1b[m\n" +
	"\x1b[1;97;41m ALERT \x1b[39;22m child protection plan \x1b[49m back to plain \x1b[38;5;208morange\x1b[m " +
	"\x1b[38;2;120;200;255mrgb\x1b[m \x1b[48;5;1;38;5;15m 1 by number \x1b[m\n" +
	"█▀▄▌▐ ▁▂▃▄▅▆▇█ ▏▎▍▌▋▊▉█ ▔▕ ▖▗▘▝▙▚▛▜▞▟ ░▒▓ \x1b[34m░▒▓\x1b[m \x1b[7m┃█▄\x1b[m \x1b[2m┼─█\x1b[m\n" +
	"Siân Łęcka Sia\u0302n 日本語 \x1b[44m日本\x1b[m ␛ � … • → ✓ é | end\n" +
	"cursor: "

func TestASpecimenIsDrawn(t *testing.T) {
	g := testterm.Emulate(80, 12, []byte(specimen))
	svg := draw(t, g, "Specimen")
	for _, want := range []string{
		"<title>Specimen</title>",
		`>&lt;</tspan>`, `>&amp;</tspan>`, // text is escaped
		`<tspan x="9">A</tspan>`,
		`fill="#ffffff" font-weight="bold"><tspan x="9">A</tspan><tspan x="18">L</tspan>`,
		`<rect x="0" y="126" width="270" height="18" fill="#e0383e"/>`, // SGR 39 and 22 do not reset the background
		`fill="#ff8700"`, `fill="#78c8ff"`,
		`font-style="italic"`, `opacity="0.6"`, `font-family="DejaVu Sans Mono, monospace"`,
		`<rect x="72" y="180" width="9" height="18" fill="#d6dae0"/>`, // the cursor
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the SVG does not contain %s", want)
		}
	}

	for _, unwanted := range []string{">h</tspan><tspan x=\"558\">i", "┌</tspan>", "█</tspan>"} {
		if strings.Contains(svg, unwanted) {
			t.Errorf("the SVG contains %s", unwanted)
		}
	}

	if *picture != "" {
		if err := os.WriteFile(*picture, []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPictureIsAlwaysTheSame(t *testing.T) {
	first := draw(t, testterm.Emulate(80, 12, []byte(specimen)), "Specimen")
	for range 20 {
		if draw(t, testterm.Emulate(80, 12, []byte(specimen)), "Specimen") != first {
			t.Fatal("the same screen gave a different SVG")
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	svg := draw(t, testterm.Emulate(60, 3, []byte("</text><script>alert(1)</script>\n]]> &amp; <!-- \ufffe\x0c \x00")),
		`</title><script>"`)
	if strings.Contains(svg, "<script") || strings.Contains(svg, "<!--") {
		t.Errorf("the SVG contains unescaped markup:\n%s", svg)
	}
}

func FuzzPicture(f *testing.F) {
	f.Add([]byte(specimen), "Specimen")
	f.Add([]byte("\x1b]0;t\x07\x1b[?25l\x1b[31;1mx\u0301\ufffe\xff"), "\x00\xff<")
	large := regexp.MustCompile(`[0-9]{4}`)
	f.Fuzz(func(t *testing.T, output []byte, title string) {
		if large.Match(output) {
			return // the emulator repeats a character as often as requested, which can take minutes
		}
		g := testterm.Emulate(20, 5, output)
		draw(t, g, title)
		if lines := strings.Split(g.Text(), "\n"); len(lines) < 5 {
			t.Fatalf("got %d lines, want at least 5", len(lines))
		}
	})
}

// draw returns the SVG of a screen. It checks that it is well-formed XML with the expected elements only.
func draw(t *testing.T, g *testterm.Grid, title string) string {
	t.Helper()
	var b bytes.Buffer
	if err := g.SVG(&b, title); err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatalf("the SVG is not well-formed: %v\n%s", err, b.String())
		}
		if e, ok := token.(xml.StartElement); ok && !strings.Contains(" svg title desc g rect path text tspan ",
			" "+e.Name.Local+" ") {
			t.Fatalf("the SVG contains the element %s", e.Name.Local)
		}
	}
}

func TestScreensWithoutAProgram(t *testing.T) {
	g := testterm.Emulate(10, 3, []byte("a view\nof two lines\x1b[1A\x1b[5D\x1b[?25l"))
	if got, want := g.Text(), "a view\nof two lin\nes"; got != want {
		t.Errorf("Text() = %q, want %q", got, want)
	}

	if g.CursorVisible || g.CursorY != 1 || g.CursorX != 0 || g.AltScreen {
		t.Errorf("cursor at %d,%d, visible %v, want 0,1 and hidden", g.CursorX, g.CursorY, g.CursorVisible)
	}

	for n, want := range map[int]string{0: "a view", -1: "es", -3: "a view", 3: "", -4: ""} {
		if got := g.Line(n); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}

	if c := g.Cell(0, 0); c.Text != "a" || c.Width != 1 || c.Fg != nil {
		t.Errorf("Cell(0, 0) = %+v, want an unstyled a", c)
	}

	if c := g.Cell(10, 0); c != (testterm.Cell{}) {
		t.Errorf("Cell outside the screen = %+v, want the zero Cell", c)
	}

	wide := testterm.Emulate(10, 1, []byte("日本x"))
	if cells, x, _ := wide.Find("本x"); len(cells) != 3 || x != 2 || wide.Line(0) != "日本x" {
		t.Errorf("Find of wide characters = %d cells at %d in %q, want 3 at 2", len(cells), x, wide.Line(0))
	}

	hidden := testterm.Emulate(10, 1, []byte("\x1b[8msecret"))
	if testterm.Blank().Matches(hidden) || !testterm.Blank().Matches(testterm.Emulate(10, 1, []byte("\x1b[7m   "))) {
		t.Error("Blank matches concealed text, or does not match reversed blanks")
	}
}
