package summary_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/text"
)

// TestLayout_MeaningOfText checks what must not change in any layout: numbers, units, signs, what is deleted, and the
// names of columns. A line's break counts as a space.
func TestLayout_MeaningOfText(t *testing.T) {
	for name, c := range map[string]struct{ div, want, not string }{
		"less-than sign as text": {"<p>dose <5 mg, eGFR<30 and <b>more</b></p>", "dose <5 mg, eGFR<30 and more", ""},
		"less-than sign escaped": {"<p>&lt;5 mg &lt;b&gt; &#60;6 &#x3c;7</p>", "<5 mg <b> <6 <7", ""},
		"escaped twice":          {"<p>&amp;lt;5 mg</p>", "&lt;5 mg", ""},
		"signs": {
			"<p>≥5 ≤6 ≠7 ±8 −9 -10 +11 ~12 &ge;13 &plusmn;14 ½ ¼ 20% 37°C 1:1000</p>",
			"≥5 ≤6 ≠7 ±8 −9 -10 +11 ~12 ≥13 ±14 ½ ¼ 20% 37°C 1:1000", "",
		},
		"micrograms":              {"<p>100µg 100μg 100&micro;g 100 mcg</p>", "100µg 100μg 100µg 100 mcg", ""},
		"powers":                  {"<p>10<sup>9</sup>/L, 10<sup>-3</sup>, m<sup>2</sup>", "10^9/L, 10^-3, m^2", "109"},
		"power with markup":       {"<p>10<sup><b><i>9</i></b></sup>/L</p>", "10^9/L", "109"},
		"power by style":          {`<p>10<span style="font-size:70%; Vertical-Align: Super">9</span>/L</p>`, "10^9/L", "109"},
		"number after a power":    {"<p>10<sup>9</sup>5 and 10<sup>9</sup>.5</p>", "10^9 5 and 10^9 .5", "10^95"},
		"power of a part":         {`<p>10<span style="vertical-align:super">9<span>8</span></span>7</p>`, "10^98 7", "^987"},
		"power without text":      {"<p>10<sup></sup>9</p>", "109", "^"},
		"half as a fraction":      {"<p>2<sup>1</sup>/<sub>2</sub> tablets</p>", "2^1/2 tablets", "21/2"},
		"index":                   {"<p>H<sub>2</sub>O, A<sub>1c</sub>, 10<sub>2</sub></p>", "H2O, A1c, 10_2", ""},
		"ruby":                    {"<p><ruby>5<rt>0</rt></ruby> mg</p>", "5 0 mg", "50 mg"},
		"deleted":                 {"<p><del>Penicillin</del> Aspirin</p>", "[struck out: Penicillin] Aspirin", ""},
		"deleted in each way":     {"<p><s>A1</s><strike>A2</strike></p>", "[struck out: A1][struck out: A2]", ""},
		"deleted by style":        {`<p><span style="text-decoration:line-through">A1</span> A2</p>`, "[struck out: A1] A2", ""},
		"deleted paragraph":       {`<p style="text-decoration: line-through">A1</p><p>A2</p>`, "[struck out: A1] A2", ""},
		"deleted lines":           {"<del><p>A1</p><p>A2</p></del>A3", "[struck out: A1] [struck out: A2] A3", ""},
		"deleted with a break":    {"<p><del>A1<br/>A2</del> A3</p>", "[struck out: A1] [struck out: A2] A3", ""},
		"deleted in deleted":      {"<p><del>A1<s>A2</s>A3</del>A4</p>", "[struck out: A1A2A3]A4", ""},
		"deleted picture":         {`<del><img alt="A1"/></del>`, "[struck out:  [picture: A1] ]", ""},
		"deleted part of a dose":  {"<p>10<del>0</del> mg</p>", "10[struck out: 0] mg", "100"},
		"deleted, not closed":     {"<p><del>A1</p><p>A2</p>", "[struck out: A1] A2", ""},
		"deleted item":            {"<ul><li><del>A1<li>A2</ul><p>A3</p>", "- [struck out: A1] - A2 A3", ""},
		"closed without an start": {"<p>A1</del></sup></s> A2</p>", "A1 A2", "]"},
		"breaks between words":    {"<p>A1<br/>A2<br>A3</p>", "A1 A2 A3", "A1A2"},
		"blocks within words":     {"<div>A1<div>A2</div>A3</div>", "A1 A2 A3", "A1A2"},
		"inline within a word":    {"<p>Peni<b>cil</b><wbr/>lin</p>", "Penicillin", ""},
		"hidden":                  {`<p style="display:none">A1</p><p hidden="">A2</p><span style="color:#fff">A3</span>`, "A1 A2 A3", ""},
		"numbered list":           {`<ol start="3"><li>A1</li><li value="9">A2</li><li>A3</li></ol>`, "3. A1 9. A2 10. A3", ""},
		"lettered list":           {`<ol type="a"><li>A1</li><li>A2</li></ol>`, "a. A1 b. A2", ""},
		"list that counts down":   {`<ol reversed=""><li>A1</li><li>A2</li></ol>`, "- A1 - A2", "1. A1"},
		"list of letters beyond z": {
			`<ol type="A" start="26"><li>A1</li><li>A2</li></ol>`, "Z. A1 - A2", "",
		},
		"boxes to tick": {
			`<p><input type="checkbox" checked=""/>A1 <input type="checkbox"/>A2 <input type="radio"/>A3</p>`,
			"[x] A1 [ ] A2 [ ] A3", "",
		},
		"no known allergies": {"<p>No known allergies</p>", "No known allergies", ""},
		"quotation marks":    {"<p>&quot;5&quot; &#39;6&apos; &laquo;7&raquo;</p>", `"5" '6' «7»`, ""},
		"words without case": {"<p>ñ, 过敏, アレルギー, алергія</p>", "ñ, 过敏, アレルギー, алергія", ""},
	} {
		s := read(t, allergies(c.div))
		s.Sections = s.Sections[:1]
		for i, out := range append([]string{strings.Join(s.Linear(nil), " ")}, panes(s)...) {
			out, want := spaced(out), spaced(c.want)
			if i == 0 { // a sentence for each line
				out, want = spaced(sentences.Replace(out)), spaced(sentences.Replace(want))
			}
			if !strings.Contains(out, want) {
				t.Errorf("%s, layout %d: got %q, want %q", name, i, out, want)
			}
			if c.not != "" && strings.Contains(out, c.not) {
				t.Errorf("%s, layout %d: got %q, want no %q", name, i, out, c.not)
			}
		}
	}
}

// TestLayout_DosesStayWhole shows doses at each position of panes of each width, in paragraphs and in cells. Each must
// be on one line.
func TestLayout_DosesStayWhole(t *testing.T) {
	doses := []string{
		"5-10 mg", "2.5 ml", "1 000 mg", "<20 mg", "≥ 3 mmol/L", "1/2 tablet", "−5 °C", "20 %", "100 micrograms/dose",
		"30\u202fmg", "8\u00a0h",
	}
	words := strings.Join(doses, " and ")
	for shift := range 30 {
		text := strings.Repeat("x", shift) + " " + words
		s := read(t, allergies("<p>"+text+"</p><table><tr><th>Drug</th><th>Dose</th></tr>"+row("A", text)+"</table>"))
		s.Sections = s.Sections[:1]
		for width := 34; width < 90; width++ {
			out := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(inPane(s, width))
			for _, dose := range doses {
				dose = spaced(dose)
				if n := strings.Count(out, dose); n != 2 {
					t.Fatalf("%d cells: the dose %q is %d times on one line, want 2:\n%s", width, dose, n, out)
				}
			}
		}
	}
}

// TestLayout_NumbersInLongWords shows words that are longer than the pane. A number in them stays on one line.
func TestLayout_NumbersInLongWords(t *testing.T) {
	for shift := range 40 {
		word := strings.Repeat("x", shift) + strings.Repeat("tablets100mg/1000mg,2.5ml;", 12)
		s := read(t, allergies("<p>"+word+"</p><table><tr><th>Drug</th></tr>"+row(word)+"</table>"))
		s.Sections = s.Sections[:1]
		for _, width := range widths {
			if n := strings.Count(inPane(s, width), "100mg/1000mg"); n != 24 {
				t.Fatalf("%d cells: the doses are %d times on one line, want 24:\n%s", width, n, inPane(s, width))
			}
		}
	}
}

// TestLayout_TableMeaning checks that each text of a table is said with the name of its own column.
func TestLayout_TableMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		div  string
		want []string // lines by ear
	}{
		"columns in another order": {
			"<table><tr><th>Severity</th><th>Description</th></tr>" + row("Severe", "Penicillin") + "</table>",
			[]string{"Row 1. Severity: Severe. Description: Penicillin."},
		},
		"only a header": {
			"<table><thead><tr><th>Date</th><th>Description</th></tr></thead><tbody></tbody></table>",
			[]string{"Columns: Date, Description. The table has no rows."},
		},
		"columns of the same name": {
			"<table><tr><th>Dose</th><th>Dose</th></tr>" + row("5 mg", "10 mg") + "</table>",
			[]string{"Row 1. Dose: 5 mg. Dose: 10 mg."},
		},
		"fewer cells than columns": {
			"<table><tr><th>Date</th><th>Drug</th><th>Dose</th></tr>" + row("01-May-2020", "Morphine") + "</table>",
			[]string{"Row 1. Date: 01-May-2020. Drug: Morphine. Blank: Dose."},
		},
		"more cells than columns": {
			"<table><tr><th>Drug</th></tr>" + row("Morphine", "5 mg") + "</table>",
			[]string{"Row 1. Drug: Morphine. 5 mg."},
		},
		"a cell of two columns": {
			"<table><tr><th>Drug</th><th>Dose</th><th>Time</th></tr><tr><td>Morphine</td><td colspan='2'>stopped</td>" +
				"</tr></table>",
			[]string{"Row 1. Drug: Morphine. Dose / Time: stopped."},
		},
		"a cell of two rows": {
			"<table><tr><th>Drug</th><th>Dose</th></tr><tr><td rowspan='2'>Morphine</td><td>5 mg</td></tr>" +
				"<tr><td>10 mg</td></tr></table>",
			[]string{"Row 1. Drug: Morphine. Dose: 5 mg.", "Row 2. Drug: Morphine. Dose: 10 mg."},
		},
		"deleted cells": {
			"<table><tr><th>Drug</th><th>Dose</th></tr><del>" + row("Morphine", "5 mg") + "</del>" +
				row("Codeine", "<s>30 mg") + row("Aspirin", "75 mg") + "</table>",
			[]string{
				"Row 1. Drug: [struck out: Morphine]. Dose: [struck out: 5 mg].",
				"Row 2. Drug: Codeine. Dose: [struck out: 30 mg].", "Row 3. Drug: Aspirin. Dose: 75 mg.",
			},
		},
		"a deleted row by style": {
			"<table><tr><th>Drug</th></tr><tr style='text-decoration:line-through'><td>Morphine</td></tr>" +
				row("Codeine") + "</table>",
			[]string{"Row 1. Drug: [struck out: Morphine].", "Row 2. Drug: Codeine."},
		},
		"wide characters": {
			"<table><tr><th>薬</th><th>量</th></tr>" + row("アモキシシリン", "５ mg") + "</table>",
			[]string{"Row 1. 薬: アモキシシリン. 量: ５ mg."},
		},
	} {
		lines := read(t, allergies(c.div)).Sections[0].Linear()
		for _, want := range c.want {
			if !slices.Contains(lines, want) {
				t.Errorf("%s: got %q, want the line %q", name, lines, want)
			}
		}
	}
}

// TestLayout_ColumnsAreUnderTheirNames checks where the text of each cell begins in a pane that has room for columns.
func TestLayout_ColumnsAreUnderTheirNames(t *testing.T) {
	for _, drug := range []string{"Morphine", "アモキシシリン", "Cafe\u0301", "x"} {
		s := read(t, allergies("<table><tr><th>Drug</th><th>Dose</th><th>Time</th></tr>"+row(drug, "5mg", "night")+
			row("", "9mg", "day")+"</table>"))
		lines := s.Sections[0].Lines(78)
		header, first, second := lines[0].Text, lines[1].Text, lines[2].Text
		for name, cells := range map[string][2]string{"Dose": {"5mg", "9mg"}, "Time": {"night", "day"}} {
			at := column(header, name)
			if column(first, cells[0]) != at || column(second, cells[1]) != at {
				t.Errorf("%s: got\n%s\n%s\n%s\nwant each text below its name", drug, header, first, second)
			}
		}
	}
}

// column returns the number of cells before a word.
func column(line, word string) int {
	before, _, _ := strings.Cut(line, word)
	return text.Width(before)
}

// sentences removes the ends of sentences.
var sentences = strings.NewReplacer(". ", " ", "; ", " ")

// spaced returns s with one space for each line end and each run of blanks.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }
