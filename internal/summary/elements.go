package summary

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// attr returns the value of an attribute, or "".
func attr(attrs []html.Attribute, key string) string {
	value, _ := find(attrs, key)
	return value
}

// find returns the value of an attribute, and whether there is one.
func find(attrs []html.Attribute, key string) (value string, found bool) {
	for _, a := range attrs {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

// maxSpan is the maximum of a colspan or rowspan (HTML). Tables have fewer rows and columns.
const maxSpan = 65534

// span returns a colspan or rowspan; ifZero is the meaning of 0.
func span(s string, ifZero int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	switch {
	case err != nil:
		return 1
	case n == 0:
		return ifZero
	}
	return min(max(n, 1), maxSpan)
}

func isHeading(name string) bool {
	return len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
}

// blockElements begin and end lines.
//
//nolint:misspell // the names are those of HTML
var blockElements = set(`address article aside blockquote body br caption center dd details dialog dir div dl dt
	fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main
	menu nav noscript ol optgroup option p pre section select summary table tbody td textarea tfoot th thead title tr ul`)

// elements is all elements of HTML, with former ones. Any other tag is text.
var elements = func() map[string]bool {
	all := set(`a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup
		data datalist del dfn em embed font i iframe img input ins kbd label link map mark marquee meta meter nobr
		noembed noframes object output param picture plaintext progress q rb rp rt rtc ruby s samp script search slot
		small source span strike strong style sub sup svg template time track tt u var video wbr xmp`)
	for name := range blockElements {
		all[name] = true
	}
	return all
}()

// voidElements have no content and no end tag.
var voidElements = set(`area base basefont br col embed frame hr img input link meta param source track wbr`)

func set(names string) map[string]bool {
	s := make(map[string]bool)
	for _, name := range strings.Fields(names) {
		s[name] = true
	}
	return s
}
