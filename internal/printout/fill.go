package printout

// part is lines that are printed on one page if they fit on one.
type part struct {
	gap   bool // an empty line is before the part, unless the part begins a page
	lines []string
	top   []string // lines before the part if it begins a page
	next  []string // lines before the rest of the part on each page that continues it
}

// fill distributes parts to pages of avail lines. A part that fits on a page is never split. A longer one starts
// directly after the one before it.
func fill(parts []part, avail int) [][]string {
	pages := [][]string{nil}
	for _, p := range parts {
		page := &pages[len(pages)-1]
		gap := 0
		if p.gap {
			gap = 1
		}

		needed, top := len(*page)+gap+len(p.lines), repeated(p.top, avail)
		long := len(top)+len(p.lines) > avail
		switch {
		case len(*page) == 0:
		case needed <= avail, long && len(*page)+gap+1 < avail:
			*page = append(*page, make([]string, gap)...)
		default:
			pages = append(pages, top)
		}

		for lines := p.lines; len(lines) > 0; {
			page = &pages[len(pages)-1]
			n := min(len(lines), avail-len(*page))
			*page = append(*page, lines[:n]...)
			if lines = lines[n:]; len(lines) > 0 {
				pages = append(pages, repeated(p.next, avail))
			}
		}
	}
	return pages
}

// repeated returns the lines that a page repeats, for a page of its own, or nothing if they leave too few of its avail
// lines.
func repeated(lines []string, avail int) []string {
	if len(lines) > avail/2 {
		return nil
	}
	return append([]string(nil), lines...)
}
