package tui

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/testterm"
	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/privacy"
)

// hostileText is strings that an attacker may put into a name. Each affects some terminals or misleads the reader.
var hostileText = []string{
	"\x1b]52;c;cm0gLXJm\x07Clip", "\x1b]0;PWNED\x1b\\Title", "Wipe\x1b[2J\x1b[H", "\x1bP1$r\x1b\\DCS", "Ask\x1b[6n",
	"Bell\x07\x07", "Back\b\b\b\b\b\b",
	"\x1b]8;;http://evil\x1b\\Link\x1b]8;;\x1b\\", "Hid\x1b[8mden", "Eight\u009b2J", "\u009d0;t\u009cOSC",
	"Over\u202eride \u2066isolate",
	"Zero\u200bwidth\u200d\ufeff", "Carriage\rreturn", "\x1b]0;unterminated", "Two\nlines\tand tab",
	"Bytes\xff\xfe\x9b31m", "Lines\x1b(0lqqk", "Reset\x1bc",
	"Zalgo\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309", "\u0301\u0302leading", "Tags\U000e0041\U000e007f",
	"Variation\u2764\ufe0f", "x\u034fJoin",
	"Break\u2028\u2029", "soft\u00adhyphen", "Filler\u3164\uffa0\u115f", "\U0001f3fbTone", "Prepend\u0d4e",
	"Nobody\ufffe\ufdd0", "Del\x7fete", "\x00Nul",
	"日本語 の 名前", "\U0001f469\U0001f3fd\u200d\u2695\ufe0f nurse", "flag \U0001f1ec\U0001f1e7", "한글 \u1112\u1161\u11ab",
	"ﷺ", "Siân O'Brien-Łęcka",
	"a \u0301b \u0302c \u0303d \u0304e \u0305f", "-- \x1b[31m --", strings.Repeat("W\u0301", 40),
	strings.Repeat("界", 30), strings.Repeat("界", 10_000), "\t \r\n",
}

// hostileSizes is the screen sizes that the tests use.
var hostileSizes = []struct{ cols, rows int }{{60, 20}, {80, 24}, {120, 40}}

// All texts from outside are hostile at once, on every screen, with another string for each field and size.
func TestHostileTextChangesNothingOutsideItsField(t *testing.T) {
	m := newMouth(t)
	for round, size := range hostileSizes {
		p := m.pair(t, inFields(func(i int) string { return hostileText[(i*7+round*13)%len(hostileText)] }))
		for i, s := range hostileStates(p.hostile) {
			t.Run(fmt.Sprintf("%s-%dx%d", s.name, size.cols, size.rows), func(t *testing.T) {
				t.Parallel()
				p.stays(t, i, size.cols, size.rows)
			})
		}
	}
}

// Each hostile string in turn is in all texts of printers, the record system, worklist files and privacy reports.
func TestHostilePrintersRecordsListsAndReportsStayInTheirFields(t *testing.T) {
	m := newMouth(t)
	for name, s := range map[string]string{
		"escape": "Wipe\x1b[2J\x1b[H", "bidi": "Over\u202eride\u2066",
		"wide": strings.Repeat("界", 10_000),
	} {
		p := m.pair(t, inAll(s))
		for i, state := range append(edgeStates(p.hostile), reportStates(p.hostile)...) {
			t.Run(state.name+"-"+name, func(t *testing.T) {
				t.Parallel()
				p.stays(t, i, 80, 24) // these states are the first of hostileStates
			})
		}
	}
}

// The lab has a child whose record consists of hostile text.
func TestTheHostileChildOfTheLabStaysInHerFields(t *testing.T) {
	m := newMouth(t)
	for _, p := range people.Named(start()) {
		if p.Number() != people.Hostile {
			continue
		}

		w := p.Patient
		s := inField(-1, "")
		s.Family, s.Given = w.Name[0].Family, strings.Join(w.Name[0].Given, " ")
		s.Street, s.Town, s.Postcode = strings.Join(w.Address[0].Line, " "), strings.Join(w.Address[0].Line, ""),
			w.Address[0].PostalCode
		s.Phone = w.Telecom[0].Value
		pair := m.pair(t, s)
		for i, st := range hostileStates(pair.hostile) {
			t.Run(st.name, func(t *testing.T) {
				t.Parallel()
				pair.stays(t, i, 80, 24)
			})
		}

		return
	}

	t.Fatal("the lab's people include no child with a hostile record")
}

// FuzzHostileText puts a string into one field, or into all, and checks one screen. Most screens are small, so that
// many strings are tried; the tests above have all sizes.
func FuzzHostileText(f *testing.F) {
	for i := 0; i < len(hostileText); i += 5 { // the tests above check all of them
		f.Add(uint16(i*5), uint16(i), hostileText[i])
	}
	m := newMouth(f)
	const ordinary = "Ordinary" // the other fields of inField
	harmless := m.answersFor(f, inAll(ordinary))
	f.Fuzz(func(t *testing.T, screen, field uint16, s string) {
		wire := inAll(s)
		if i := int(field) % (wireFields + 1); i < wireFields {
			wire = inField(i, s)
		}
		p := pairOf(t, m.answersAfter(t, harmless, inAll(ordinary), wire))
		all := len(hostileStates(p.hostile))
		size := hostileSizes[0]
		if int(screen)/all%4 == 3 { // also drawn in ASCII
			size = hostileSizes[1]
		}
		p.stays(t, int(screen)%all, size.cols, size.rows)
	})
}

// pair is the answers for a wire, and harmless answers of the same widths.
type pair struct{ hostile, tame answers }

func (m *hubFake) pair(t testing.TB, s hostileTexts) pair {
	t.Helper()
	return pairOf(t, m.answersFor(t, s))
}

// pairOf returns a and its harmless counterpart.
func pairOf(t testing.TB, a answers) pair {
	t.Helper()
	tame := each(a, replaceNonASCII)
	tame.card.Certificate = a.card.Certificate // no screen shows it: they show what session.Look has read from it
	tame.hub.Certificate = certificate(t, replaceNonASCII(text.Clean(a.hub.Certificate.Subject.CommonName, 128)),
		replaceNonASCII(text.Clean(a.hub.Certificate.Issuer.CommonName, 128)))
	tame.hub.Address, tame.hub.Host = replaceNonASCII(text.Clean(a.hub.Address, 128)),
		replaceNonASCII(text.Clean(a.hub.Host, 128))
	tame.reader = replaceNonASCII(text.Clean(a.reader, 128))
	tame.listing.path = replaceNonASCII(a.listing.Typed())
	tame.typed = replaceNonASCII(typedOf(a.typed))
	return pair{a, tame}
}

// typedOf returns a text as the form of a privacy report stores it after a paste.
func typedOf(pasted string) string {
	f := draw.NewField(privacy.MaxTyped)
	f.Insert(strings.TrimSpace(pasted))
	return f.String()
}

// stays compares the screen with the hostile answers with the screen with the harmless ones. Only the cells of
// replaced letters may differ, and the output may contain only text and the program's own styles. It does so again in
// ASCII.
func (p pair) stays(t *testing.T, state, cols, rows int) {
	t.Helper()
	if !sameShape(p.hostile, p.tame) {
		t.Skip("the width of this text changes in capitals, or the record has no name")
	}

	draw := func(a answers, ascii, checked bool) tea.View {
		a = each(a, strings.Clone) // a copy, because the states change the answers
		b := newFixtureSize(t, cols, rows)
		b.m.Cfg.ASCII, b.unchecked = ascii, !checked
		a.into(b)
		hostileStates(a)[state].get(b)
		return b.m.View()
	}

	tame := draw(p.tame, false, false)
	for _, ascii := range []bool{false, true} {
		if ascii && cols != 80 { // one size is enough
			continue
		}

		hostile, harmless := draw(p.hostile, ascii, true), tame
		if leak := leakIn(hostile.Content); leak != "" {
			t.Fatalf("the output contains %s", leak)
		}
		if ascii {
			harmless = draw(p.tame, true, false)
		}
		if hostile.Content == harmless.Content && reflect.DeepEqual(hostile.Cursor, harmless.Cursor) {
			continue // this screen shows nothing of the text
		}

		tameGrid, got := gridOf(tame, cols, rows), gridOf(hostile, cols, rows)
		want := tameGrid
		if ascii {
			want = gridOf(harmless, cols, rows)
		}

		if got.CursorX != want.CursorX || got.CursorY != want.CursorY || got.CursorVisible != want.CursorVisible {
			t.Fatalf("cursor at %d,%d, want %d,%d\n%s\n%s",
				got.CursorX, got.CursorY, want.CursorX, want.CursorY, got.Text(), want.Text())
		}

		for y := range rows {
			for x := range cols {
				g, w := got.Cell(x, y), want.Cell(x, y)
				if isReplaced(tameGrid, x, y) {
					g.Text, w.Text = "", ""
					if ascii { // a wide letter becomes two question marks
						g.Width, w.Width = 0, 0
					}
				}
				if g != w {
					t.Fatalf("ASCII %v: cell %d,%d = %+v, with harmless text %+v\n%s\n%s",
						ascii, x, y, g, w, got.Text(), want.Text())
				}
			}
		}
	}
}

// The replacements for letters that aren't ASCII. Each has the width and the case of the letters that it replaces,
// because names are shown by case.
const mildSmall, mildCapital, mildLetter, mildSign, mildWide = "ж", "Ж", "º", "¦", "界"

// replaceNonASCII returns s with each character that isn't ASCII replaced.
func replaceNonASCII(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		cluster, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		r, _ := utf8.DecodeRuneInString(cluster)
		switch {
		case len(cluster) == 1 && r < 0x80, unicode.IsSpace(r) && utf8.RuneCountInString(cluster) == 1:
			b.WriteString(cluster)
		case width == 2:
			b.WriteString(mildWide)
		case width != 1: // text that was not cleaned, or no text: the screens will differ
			b.WriteString(strings.Repeat(mildSign, width))
		case unicode.IsLower(r):
			b.WriteString(mildSmall)
		case unicode.IsUpper(r):
			b.WriteString(mildCapital)
		case unicode.IsLetter(r):
			b.WriteString(mildLetter)
		default:
			b.WriteString(mildSign)
		}
	}

	return b.String()
}

// isReplaced reports whether cell x, y of the harmless screen shows a replaced letter.
func isReplaced(g *testterm.Grid, x, y int) bool {
	c := g.Cell(x, y)
	if c.Width == 0 && x > 0 {
		c = g.Cell(x-1, y)
	}
	return c.Text != "" && strings.Contains(mildSmall+mildCapital+mildLetter+mildSign+mildWide, c.Text)
}

// each returns a copy of a in which change was applied to every string, including those in our own error types.
func each(a answers, change func(string) string) answers {
	return changed(reflect.ValueOf(a), change).Interface().(answers)
}

// ours is the import path prefix of our own packages.
const ours = "wardlight/"

func changed(v reflect.Value, change func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)

	switch v.Kind() {
	case reflect.String:
		out.SetString(change(v.String()))
	case reflect.Slice:
		if v.IsNil() {
			return out
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(changed(v.Index(i), change))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := settable(out, i); f.IsValid() {
				f.Set(changed(f, change))
			}
		}
	case reflect.Interface:
		if e := v.Elem(); e.Kind() == reflect.Pointer && strings.HasPrefix(e.Type().Elem().PkgPath(), ours) {
			p := reflect.New(e.Type().Elem())
			p.Elem().Set(changed(e.Elem(), change))
			out.Set(p)
		}
	}

	return out
}

// settable returns field i of v. Fields that aren't exported are settable only in structs of this package; of others
// the zero Value is returned.
func settable(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	if v.Type().PkgPath() == reflect.TypeFor[answers]().PkgPath() {
		return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
	}
	if !f.CanSet() {
		return reflect.Value{}
	}
	return f
}

// sameShape reports whether the shown names have the same width. Names are shown with changed case, and some letters
// are wider in the other case.
func sameShape(a, tame answers) bool {
	shape := func(s string) string { return strings.ReplaceAll(replaceNonASCII(s), mildCapital, mildSmall) }
	return shape(a.record.DisplayName()) == shape(tame.record.DisplayName())
}

// leakIn describes the first part of a drawn screen that is neither text nor one of the program's own styles. It
// returns "" if there is none.
func leakIn(content string) string {
	for len(content) > 0 {
		if content[0] >= ' ' && content[0] <= '~' {
			content = content[1:]
			continue
		}

		if style, rest, ok := cutStyle(content); ok {
			if strings.Contains(";"+style+";", ";8;") {
				return "hidden text"
			}
			content = rest
			continue
		}

		r, n := utf8.DecodeRuneInString(content)
		switch {
		case r == utf8.RuneError && n == 1:
			return "a byte that is not UTF-8"
		case r != '\n' && unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl,
			unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return fmt.Sprintf("%U", r)
		}

		content = content[n:]
	}

	return ""
}

// cutStyle returns the style (SGR sequence) at the start of s, and the rest.
func cutStyle(s string) (style, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "\x1b[")
	if !ok {
		return "", "", false
	}
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ';' })
	if end < 0 || s[end] != 'm' {
		return "", "", false
	}
	return s[:end], s[end+1:], true
}

// This tests the check itself: leakIn must find what isn't text.
func TestALeakIsSeen(t *testing.T) {
	for content, want := range map[string]string{
		"\x1b[1;7mALERT\x1b[m plain\nSiân": "", "\x1b[8mhid": "hidden text", "\x1b[0;8mhid": "hidden text",
		"\x1b]0;t\x07": "U+001B", "\x1b[2J": "U+001B",
		"a\u202eb": "U+202E", "a\u200bb": "U+200B", "a\rb": "U+000D", "\u009b31m": "U+009B",
		"\xff": "a byte that is not UTF-8", "x\ufe0f": "U+FE0F",
	} {
		if got := leakIn(content); got != want {
			t.Errorf("leakIn(%q) = %q, want %q", content, got, want)
		}
	}
	raw := answers{
		record: client.Patient{Family: "a\u202eb"}, in: session.SignedIn{},
		found: client.Found{Rows: []client.Patient{{Number: nhs.Number("9990000018"), Given: []string{"é\x1b"}}}},
	}
	tame := each(raw, replaceNonASCII)
	if tame.found.Rows[0].Given[0] == raw.found.Rows[0].Given[0] || raw.found.Rows[0].Given[0] != "é\x1b" ||
		tame.found.Rows[0].Number != raw.found.Rows[0].Number {
		t.Errorf("each(raw, mild) = %+v, want the name replaced and the number unchanged", tame)
	}
}
