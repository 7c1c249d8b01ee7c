package summary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/summary"
)

// medicines returns the text of a table of medicines with rows.
func medicines(rows ...string) string {
	return `<div xmlns="http://www.w3.org/1999/xhtml"><table id="RepeatMeds"><thead><tr><th>Type</th><th>Date</th>` +
		`<th>Medication Item</th><th>Dosage Instructions</th><th>Quantity</th></tr></thead><tbody>` +
		strings.Join(rows, "") + `</tbody></table></div>`
}

// row returns a row of a table.
func row(cells ...string) string { return "<tr><td>" + strings.Join(cells, "</td><td>") + "</td></tr>" }

// nothing is what general practices send for a section without entries.
const nothing = `<tr><td colspan="5">No relevant information available for this category.</td></tr>`

// hostile is summaries that are malformed, unusual or made to mislead.
var hostile = []struct {
	name     string
	sections []object
}{
	{"an ordinary summary", []object{
		section("Title", "General Practice Summary", `<div><h3 id="Disclaimer">Sourced from the patient's record.</h3>`+
			`<p>Summary Created: 20-Nov-2026 08:15</p><p class="HighlightedStatement">This patient has recently `+
			`registered `+
			`with the practice. The summary may not be complete.</p></div>`),
		section("DiscRepeatMedsHeader", "Discontinued Repeat Medications", medicines(nothing)),
		section("RepeatMedsHeader", "Current Repeat Medications", medicines(
			row("Repeat Medication", "Last Issued: 02-Nov-2026", "Salbutamol 100micrograms/dose inhaler CFC free",
				"One Or Two Puffs To Be Inhaled Up To 4 Times A Day When Required", "200 dose"),
			row("Repeat Medication", "", "Levothyroxine sodium 25microgram tablets", "Take 3 Each Morning", "84 "+
				"tablet"))),
		allergies(`<table><thead><tr><th>Date</th><th>Description</th><th>Certainty</th><th>Severity</th></tr>` +
			`</thead>` +
			`<tbody><tr><td>12-May-2020</td><td>Adverse reaction to penicillin</td><td/><td>Severe</td></tr>` +
			`</tbody></table>`),
	}},
	{"nested tables", []object{allergies(
		`<table><tr><th>Date</th><th>Detail</th></tr><tr><td>01-May-2020</td><td>Two reactions<table><caption>` +
			`Reactions` +
			`</caption><tr><th>To</th><th>Kind</th></tr><tr><td>Penicillin</td><td>Rash<table><tr><td>Arm</td><td>` +
			`Leg</td></tr>` +
			`</table></td></tr><tr><td>Latex</td><td></td></tr></table>after the table</td></tr></table>`)}},
	{"10,000 rows", []object{section("RepeatMedsHeader", "Current Repeat "+
		"Medications", medicines(manyRows(10_000)...))}},
	{"right to left", []object{allergies(`<table><tr><th>Date</th><th>Description</th></tr>` +
		row("01-May-2020", "אלרגיה לפניצילין") + row("\u202e0202-yaM-10\u202c", "<bdo dir='rtl'>Penicillin</bdo> "+
		"\u2067x\u2069") +
		`</table>`)}},
	{"scripts and style sheets", []object{allergies(`<style>td{display:none}</style><script>` +
		`document.write("None")</script>` +
		`<p onclick="hide()">Penicillin<script/> and latex</p><style/><p>Wasp sting</p><script>var a = 1; ` +
		`<table><tr><td>Aspirin in an open script</td></tr></table>`)}},
	{"entities", []object{allergies(`<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` +
		`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><p>&c;&c;</p><p>5 &lt; 7 &amp;amp; &micro;g &#x41; &#0; &#27;[2J ` +
		`&nosuch; ` +
		`&#xffffffff;</p>`)}},
	{"missing and empty sections", []object{
		allergies(""), section("RepeatMedsHeader", "Current Repeat Medications", medicines()),
		section("AcuteMedsHeader", "Acute Medications", `<table><tr><td> </td></tr></table>`),
	}},
	{"two sections and two tables of allergies", []object{
		allergies("<table><tr><th>Description</th></tr>" + row("Penicillin") + "</table>" +
			"<table><tr><th>Drug</th><th>Reaction</th></tr>" + row("Aspirin", "Wheeze") + "</table>"),
		allergies("<table><tr><th>Description</th></tr>" + row("Latex") + "</table>"),
	}},
	{"dates in the future", []object{allergies("<table><tr><th>Date</th><th>Description</th></tr>" +
		row("12-May-2031", "Penicillin") + row("13-May-2032", "Latex") + "</table>")}},
	{"elements that are not closed", []object{allergies("<div><table><tr><th>Date<th>Description<tr><td>" +
		"01-May-2020<td>" +
		"<b>Penicillin<tr><td>02-May-2020<td>Latex<i><p>and rubber</table><ul><li>Wasp<li>Bee <span title=\"sting")}},
	{"a comment that is not closed", []object{allergies("<p>Penicillin</p><!-- <p>Latex</p><!-- <p>Aspirin</p>")}},
	{"colspan and rowspan", []object{allergies(`<table><tr><th rowspan="2">Drug</th><th colspan="2">Dose</th></tr>` +
		`<tr>` +
		`<th>Amount</th><th>Unit</th></tr><tr><td rowspan="2">Morphine</td><td>5</td><td>mg</td></tr><tr>` +
		`<td colspan="2">10 mg at night</td></tr><tr><td>Codeine</td><td rowspan="0">30</td><td>mg</td></tr>` +
		`<tr><td colspan="0">Tramadol</td><td>mg</td></tr><tr><td colspan="900">See the notes</td></tr></table>`)}},
	{"control bytes", []object{allergies("<p>Peni\x1b[31mcillin\x00\x07\x7f\u0085\u009b</p><table><tr><td>" +
		"La\r\ntex</td><td>\x1b]0;x\a" +
		"\ttab</td></tr></table>")}},
	{"very long words", []object{allergies("<table><tr><th>Date</th><th>" +
		"" + strings.Repeat("Description", 12) + "</th></tr>" +
		row("01-May-2020", strings.Repeat("Penicillin", 20)) + "</table><p>" +
		"" + strings.Repeat("a\u0301", 130) + "</p>")}},
	{"blank cells", []object{allergies("<table><tr><th>Date</th><th>Description</th><th>Severity</th></tr>" +
		row("", "Penicillin", "&nbsp;") + row("", " ", "<br/>") + "<tr></tr><tr><td>01-May-2020</td></tr></table>")}},
	{"tables without a header", []object{allergies("<table>" +
		"" + row("Penicillin", "Severe") + row("Latex", "") + "</table>" +
		"<table><tbody><tr><th>Drug</th><td>Aspirin</td></tr><tr><th>Reaction</th><td>Wheeze</td></tr></tbody>" +
		"</table>")}},
	{"several headers", []object{section("RepeatMedsHeader", "Current Repeat Medications",
		`<table><tr><th colspan="2">Regular</th></tr><tr><th>Drug</th><th>Dose</th></tr>`+row("Morphine", "5 mg")+
			`<tr><th>Drug</th><th>Strength</th></tr>`+row("Codeine", "30 mg")+`</table><table><tr><th>Aspirin</th>`+
			`</tr><tr>`+
			`<th>Latex</th></tr><tr><th>Nuts</th></tr></table>`)}},
	{"comments and instructions", []object{allergies(`<?xml version="1.0"?><!-- hidden --><p>Peni<!-- no -->` +
		`cillin</p><!---->` +
		`<![if IE]><p>Latex</p><![endif]><p>5 <!> 6</p>`)}},
	{"CDATA", []object{allergies("<p><![CDATA[Penicillin <b>severe</b> &lt;5]]></p><table><tr><td><![CDATA[Latex]]>" +
		"</td></tr>" +
		"</table><![CDATA[<p>open")}},
	{"namespaces", []object{allergies(`<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:table><h:tr><h:th>Date</h:th>` +
		`<h:th>Description</h:th></h:tr><h:tr><h:td>01-May-2020</h:td><h:td>Penicillin</h:td></h:tr></h:table>` +
		`</h:div>`)}},
	{"deep nesting", []object{
		allergies(strings.Repeat("<div><b><ul><li>", 20_000) + "Penicillin"),
		allergies(strings.Repeat("<table><tr><td>", 15) + "Latex"),
		allergies(strings.Repeat("<table><tr><td>", 5_000) + "Aspirin"),
	}},
	{"pictures", []object{allergies(`<img src="https://example.test/x.png" alt="Penicillin \ severe"/><p>Take <img ` +
		`alt="2"/> ` +
		`tablets</p><table><tr><td><img/></td><td><svg><title>Latex</title><path d="M 0 0"/></svg></td></tr></table>` +
		`<object data="x">Aspirin</object>`)}},
	{"links and forms", []object{allergies(`<p>See <a href="javascript:alert(1)">Penicillin</a> <a href="x"></a>` +
		`</p><form><input ` +
		`value="Latex"/><textarea>Aspirin</textarea><select><option>Wasp</option></select></form>`)}},
	{"blanks that do not break, and invisible characters", []object{allergies("<table><tr><th>Drug</th><th>" +
		"Dose</th></tr>" +
		row("Mor\u200bphine", "5\u00a0mg") + row("Co\u00addeine\ufeff", "30\u202fmg every 4\u00a0hours when needed "+
		"for pain, not "+
		"more often than every 4\u00a0hours and at most 240\u00a0mg in 24\u00a0hours") + "</table>")}},
	{"changes of the text", []object{allergies(`<ol><li>10<sup>9</sup>/L</li><li>H<sub>2</sub>O</li></ol><p><del>` +
		`Penicillin</del> ` +
		`<s>Latex</s> Aspirin</p><pre>one` + "\n" + `two</pre><dl><dt>Drug</dt><dd>Codeine</dd></dl>`)}},
	{"less-than signs that are not escaped", []object{allergies("<p>peak flow <best and >worst, eGFR <30, dose <5 " +
		"mg</p>" +
		"<table><tr><td>INR <target</td></tr></table>")}},
	{"text outside of cells", []object{allergies("<table>Penicillin<tr>Latex<td>Aspirin</td>Wasp</tr>Bee</table>" +
		"<tr><td>Nuts</td></tr>" +
		"<caption>Dust")}},
	{"lines that look like others", []object{allergies("<table><tr><th>Description</th><th>Severity</th></tr>" +
		row("Penicillin<br/>Severity: none<br/>Diagnoses<br/>"+strings.Repeat("long ", 30), "Severe") + "</table>")}},
}

func manyRows(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = row("Repeat Medication", "Last Issued: 02-Nov-2026", fmt.Sprintf("Medicine %d 5mg tablets", i+1),
			"One To Be Taken Each Day In The Morning", "28 tablet")
	}
	return rows
}

func TestLayout_Hostile(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			s := read(t, c.sections...)
			if c.name != "missing and empty sections" {
				s.Sections = slices.DeleteFunc(s.Sections, func(x summary.Section) bool {
					return x.State == summary.Missing
				})
			}
			requireGolden(t, s)
			requireNoControls(t, s)
		})
	}
}

// Each of 10,000 rows is shown whole.
func TestLayout_EachOfManyRows(t *testing.T) {
	s := read(t, section("RepeatMedsHeader", "Current Repeat Medications", medicines(manyRows(10_000)...)))
	requireRows(t, strings.Join(s.Linear(nil), "\n"), "\nRow %d. Type: ")
	for _, width := range widths {
		requireRows(t, inPane(s, width), "\nMedication Item: Medicine %d 5mg tablets\n")
	}
}

// requireRows checks that a layout has a text for each of 10,000 rows, in their order.
func requireRows(t *testing.T, layout, format string) {
	t.Helper()
	for i := 1; i <= 10_000; i++ {
		item := fmt.Sprintf(format, i)
		at := strings.Index(layout, item)
		if at < 0 {
			t.Fatalf("row %d is not shown as %q", i, item)
		}
		layout = layout[at+len(item)-1:]
	}
}

// A section that grows when it is laid out is not shown in part.
func TestRead_TextThatGrows(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for name, div := range map[string]string{
		"a cell for many rows": "<table><tr><td rowspan='9999'>" + long + strings.Repeat("<tr><td>"+
			"y", 9_000) + "</table>",
		"a long name of a column": "<table><tr><th>" + long + "</th></tr>" + strings.Repeat("<tr><td>y</td></tr>"+
			"", 9_000) +
			"</table>",
		"a long name in nested tables": "<table><tr><td>" + strings.Repeat("<table><tr><th>"+long+"</th></tr>"+
			strings.Repeat("<tr><td>y</td></tr>", 60)+"</table>", 2) + "</table>",
		"many columns": "<table><tr>" + strings.Repeat("<td>x</td>", 65) + "</table>",
		"many lines":   "<table><tr><td>" + strings.Repeat("x<br/>", 200_001) + "</table>",
		"much XHTML":   "<p>" + strings.Repeat("x", 4<<20),
	} {
		if got := read(t, allergies(div)).Sections[0]; got.State != summary.Unreadable || len(got.Blocks) > 0 {
			t.Errorf("%s: got state %d with %d blocks, want Unreadable and none", name, got.State, len(got.Blocks))
		}
	}
}
