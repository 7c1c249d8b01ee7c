// Package summarytest has hostile Summary Care Records, and finds the words of their XHTML with parsers that
// internal/summary does not use. For tests only.
package summarytest

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Object is a JSON object.
type Object = map[string]any

// Section returns a section of a Composition with a code, a title and XHTML.
func Section(code, title, div string) Object {
	return Object{
		"title": title, "code": Object{"coding": []Object{{"code": code}}},
		"text": Object{"status": "generated", "div": div},
	}
}

// Allergies returns a section of allergies with XHTML.
func Allergies(div string) Object {
	return Section("AllergiesHeader", "Allergies and Adverse Reactions", div)
}

// Words returns the words of XHTML that are not markup, as its parsers have them: one of XML, if it is well formed, and
// one of HTML. Of each word there are only the letters and digits (see [Solid]).
func Words(div string) (byXML, byHTML []string) { return wordsByXML(div), wordsByHTML(div) }

// hidden reports whether the content of an element is no text of the record.
func hidden(name string) bool {
	return strings.EqualFold(name, "script") || strings.EqualFold(name, "style")
}

// wordsByXML returns the words of a document of well-formed XML, or nil.
func wordsByXML(div string) []string {
	var words []string
	d := xml.NewDecoder(strings.NewReader(div))
	d.Entity = xml.HTMLEntity
	for skip := 0; ; {
		t, err := d.Token()
		switch t := t.(type) {
		case xml.StartElement:
			if skip > 0 || hidden(t.Name.Local) {
				skip++
			}
		case xml.EndElement:
			skip = max(0, skip-1)
		case xml.CharData:
			if skip == 0 {
				words = appendWords(words, string(t))
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return words
		case err != nil:
			return nil
		}
	}
}

// rawText is the elements whose content has no markup in HTML. In XHTML it has.
var rawText = []string{"iframe", "noembed", "noframes", "noscript", "plaintext", "textarea", "title", "xmp"}

// wordsByHTML returns the words of a fragment of HTML, or nil if it has CDATA, which HTML has not. Each tag ends a
// word, because the parser joins text around tags that it does not expect there.
func wordsByHTML(div string) []string {
	if strings.Contains(div, "<![CDATA[") {
		return nil
	}
	nodes, err := html.ParseFragment(strings.NewReader(strings.ReplaceAll(div, "<", " <")), &html.Node{
		Type: html.ElementNode, Data: "div", DataAtom: atom.Div,
	})
	if err != nil {
		return nil
	}
	var words []string
	for len(nodes) > 0 {
		n := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		switch {
		case n.Type == html.TextNode:
			words = appendWords(words, n.Data)
		case n.Type == html.ElementNode && (hidden(n.Data) || slices.Contains(rawText, n.Data)):
			continue
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			nodes = append(nodes, c)
		}
	}
	return words
}

func appendWords(words []string, s string) []string {
	for _, word := range strings.Fields(s) {
		if word = Solid(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// Solid returns the letters and digits of s that are always shown as they are: not those that show nothing, or join
// others.
func Solid(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == 0x0e33 || c == 0x0eb3 || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c):
			return -1
		case c < 0x80 && !unicode.IsLetter(c) && !unicode.IsDigit(c):
			return -1
		case unicode.IsLetter(c) && !prepends(c), unicode.IsDigit(c):
			return c
		}
		return -1
	}, s)
}

// prepends reports whether a letter joins the one after it (UAX 29, Prepend). No terminal shows it alone.
func prepends(c rune) bool {
	return slices.Contains([]rune{
		0x0d4e, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a3a, 0x11a84, 0x11a85, 0x11a86, 0x11a87, 0x11a88,
		0x11a89, 0x11d46, 0x11f02,
	}, c)
}

// Lacking returns the first of words that shown has fewer times than words, or "". shown is only letters and digits.
func Lacking(shown string, words []string) string {
	counts := make(map[string]int)
	for _, w := range words {
		counts[w]++
	}
	for w, n := range counts {
		if strings.Count(shown, w) < n {
			return w
		}
	}
	return ""
}
