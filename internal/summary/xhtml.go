package summary

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"wardlight/internal/text"
)

// The limits of a section. One that exceeds them is not shown in part: what is missing could be what matters.
const (
	maxDiv     = 4 << 20 // bytes of XHTML
	maxText    = 8 << 20 // bytes of text, with what is repeated for several rows and columns
	maxLines   = 200_000 // rows, paragraphs and further lines of cells
	maxColumns = 64
	maxNesting = 16 // tables within each other
	maxLists   = 100
	maxReread  = 2 // how often text is read again after an element or comment that isn't closed
)

var errTooLarge = errors.New("the text of a section is too large")

// narrative is the text of a section.
type narrative struct {
	blocks  []Block
	omitted bool // a script or a style sheet was left out
}

func (n narrative) hasWords() bool { return slices.ContainsFunc(n.blocks, Block.hasWords) }

// readXHTML reads the XHTML of a section. It accepts any text: every word that is not markup is in a block. The error
// is errTooLarge.
//
// The tokenizer of the html package is used without its parser. The parser moves text out of tables, and follows the
// rules of HTML for <td/>, <title/> and <script/>, after which it would take the rest of the section as their content.
func readXHTML(div string) (narrative, error) {
	if len(div) > maxDiv {
		return narrative{}, errTooLarge
	}
	var r reader
	r.read(div, 0)
	for len(r.tables) > 0 {
		r.closeTable()
	}
	r.flush()
	if r.err != nil {
		return narrative{}, r.err
	}
	return narrative{blocks: r.blocks, omitted: r.omitted}, nil
}

// reader builds the blocks of a section from its tokens.
type reader struct {
	narrative
	tables []*tableReader  // the open tables, the innermost last
	raw    strings.Builder // the text since the last line
	bullet string          // the mark of the list item that begins with the next line
	lists  []list          // the open lists, the innermost last
	strong bool            // the next line is a heading
	pre    int             // open <pre> elements
	svg    int             // open <svg> elements

	effects   effects
	paragraph struct { // the open one
		open            bool
		tables, effects int // that were open where it began
	}

	bytes int   // of text so far
	lines int   // so far
	err   error // errTooLarge
}

// read reads tokens until the end of src. rereads is the number of readings of the same text before this one.
func (r *reader) read(src string, rereads int) {
	z := html.NewTokenizer(strings.NewReader(src))
	z.AllowCDATA(true)
	for r.err == nil {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			r.raw.WriteString(raw) // a tag without an end
			return
		case html.TextToken:
			data, isData := strings.CutPrefix(raw, "<![CDATA[")
			switch text, isClosed := strings.CutSuffix(data, "]]>"); {
			case isData && isClosed:
				r.write(text)
			case isData:
				r.readAgain(text, rereads)
			default:
				r.write(string(z.Text()))
			}
		case html.CommentToken, html.DoctypeToken:
			if !closed(raw) {
				r.readAgain(strings.TrimPrefix(raw, "<!--"), rereads)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			r.tag(z, z.Token(), raw, rereads)
		}
	}
}

// readAgain reads text that the tokenizer took as the content of a comment or a script that has no end.
func (r *reader) readAgain(src string, rereads int) {
	if rereads < maxReread {
		r.read(src, rereads+1)
	} else {
		r.write(src)
	}
}

// closed reports whether a comment or declaration has its end.
func closed(raw string) bool {
	if strings.HasPrefix(raw, "<!--") {
		return strings.HasSuffix(raw, "-->") || strings.HasSuffix(raw, "--!>")
	}
	return strings.HasSuffix(raw, ">")
}

// tag handles a tag.
func (r *reader) tag(z *html.Tokenizer, t html.Token, raw string, rereads int) {
	name := t.Data
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:] // the namespace's prefix
	}
	end, selfClosing := t.Type == html.EndTagToken, t.Type == html.SelfClosingTagToken

	switch {
	case !elements[name]: // probably text with a < that isn't escaped
		if r.svg == 0 {
			r.write(raw)
		}
	case !end && !selfClosing && (t.Data == "script" || t.Data == "style"):
		content := ""
		if z.Next() == html.TextToken {
			content = string(z.Raw())
			z.Next()
		}
		if closer, _ := z.TagName(); string(closer) == t.Data && !tagWithin.MatchString(content) {
			r.omitted = true
		} else {
			r.readAgain(content, rereads)
		}
		return
	case end:
		r.end(name)
	default:
		r.start(name, t.Attr)
		if selfClosing {
			r.end(name)
		}
	}
	z.NextIsNotRawText()
}

// tagWithin matches a tag in the content of a script or a style sheet: its end is probably that of another one.
var tagWithin = regexp.MustCompile(`</?[A-Za-z]`)

// start handles a start tag.
func (r *reader) start(name string, attrs []html.Attribute) {
	if blockElements[name] {
		r.flush()
	}
	r.strong = r.strong || isHeading(name) || strings.Contains(attr(attrs, "class"), "HighlightedStatement")

	switch name {
	case "table":
		r.openTable()
	case "caption":
		r.table().caption = true
	case "thead", "tbody", "tfoot":
		r.table().openGroup(r, name == "thead")
	case "tr":
		r.table().openRow(r)
	case "td", "th":
		// A rowspan of 0 is until the last row.
		r.table().openCell(r, name == "th", span(attr(attrs, "colspan"), 1), span(attr(attrs, "rowspan"), maxSpan))
	case "ul", "ol", "menu":
		if len(r.lists) < maxLists {
			r.lists = append(r.lists, newList(name, attrs))
		}
	case "li":
		r.item(attrs)
	case "p":
		r.endParagraph()
		r.paragraph.open, r.paragraph.tables, r.paragraph.effects = true, len(r.tables), len(r.effects.all)
	case "pre":
		r.pre++
	case "rt":
		r.write(" ")
	case "img", "object", "embed", "video", "audio", "canvas", "iframe", "svg":
		if name == "svg" {
			r.svg++
		}
		r.picture(attrs)
	case "input":
		r.write(" " + inputWords(attrs) + " ")
	}
	r.openEffect(name, attrs)
}

// inputWords returns what an <input> shows.
func inputWords(attrs []html.Attribute) string {
	switch strings.ToLower(attr(attrs, "type")) {
	case "checkbox", "radio":
		if _, checked := find(attrs, "checked"); checked {
			return "[x]"
		}
		return "[ ]"
	}
	return attr(attrs, "value")
}

// end handles an end tag.
func (r *reader) end(name string) {
	if blockElements[name] {
		r.flush()
	}
	r.closeEffect(name)

	var t *tableReader
	if len(r.tables) > 0 {
		t = r.tables[len(r.tables)-1]
	}
	switch {
	case name == "pre":
		r.pre = max(0, r.pre-1)
	case name == "svg":
		r.svg = max(0, r.svg-1)
	case name == "p":
		r.endParagraph()
	case (name == "ul" || name == "ol" || name == "menu") && len(r.lists) > 0:
		r.endItem()
		r.lists, r.bullet = r.lists[:len(r.lists)-1], ""
	case name == "li":
		r.bullet = ""
	case t == nil:
	case name == "table":
		r.closeTable()
	case name == "caption":
		t.caption = false
	case name == "thead" || name == "tbody" || name == "tfoot":
		t.openGroup(r, false)
	case name == "tr":
		t.closeRow(r)
	case name == "td" || name == "th":
		t.closeCell(r)
	}
}

// endParagraph ends what is open in the open paragraph. One around the innermost table is no longer known.
func (r *reader) endParagraph() {
	if p := r.paragraph; p.open && p.tables == len(r.tables) {
		r.closeEffects(p.effects)
	}
	r.paragraph.open = false
}

// picture writes a picture's name. It is a block if it stands alone.
func (r *reader) picture(attrs []html.Attribute) {
	alt := spaced(attr(attrs, "alt"))
	if len(r.tables) > 0 || r.effects.struck > 0 || strings.TrimSpace(r.raw.String()) != "" {
		r.write(" [" + Picture{alt}.String() + "] ")
		return
	}
	r.flush()
	r.add(Picture{r.clean(alt)})
}

// write appends text to the current line. Line ends within <pre> begin new lines.
func (r *reader) write(s string) {
	lines := []string{s}
	if r.pre > 0 {
		lines = strings.Split(s, "\n")
	}
	for i, l := range lines {
		if i > 0 {
			r.flush()
		}
		r.mark(l)
		r.raw.WriteString(l)
	}
}

// flush ends the current line and puts it where it belongs: in a cell, a caption or a row of the innermost table, or in
// a paragraph.
func (r *reader) flush() {
	r.endStruck()
	r.effects.raised = false
	s := r.clean(spaced(r.raw.String()))
	strong := r.strong
	r.raw.Reset()
	r.strong = false
	if s == "" {
		return
	}

	s, r.bullet = r.bullet+s, ""
	if n := len(r.tables); n > 0 {
		r.tables[n-1].write(r, s)
	} else {
		r.add(Paragraph{Text: s, Strong: strong})
	}
}

// add appends a block.
func (r *reader) add(b Block) {
	r.count(1, 0)
	r.blocks = append(r.blocks, b)
}

// clean returns text that is safe to show, without blanks around it.
func (r *reader) clean(s string) string {
	s = strings.TrimSpace(text.Clean(s, maxDiv))
	r.count(0, len(s))
	return s
}

// count adds to the lines and bytes so far.
func (r *reader) count(lines, bytes int) {
	r.lines, r.bytes = r.lines+lines, r.bytes+bytes
	if r.lines > maxLines || r.bytes > maxText {
		r.err = errTooLarge
	}
}

// blanks is the white space of HTML.
const blanks = " \t\r\n\f"

// spaced returns s with each run of the white space of HTML replaced by one space.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(blanks, c) }), " ")
}
