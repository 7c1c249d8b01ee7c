package summarytest

import (
	"fmt"
	"slices"
	"strings"
)

// Medicines returns the text of a table of medicines with rows.
func Medicines(rows ...string) string {
	return `<div xmlns="http://www.w3.org/1999/xhtml"><table id="RepeatMeds"><thead><tr><th>Type</th><th>Date</th>` +
		`<th>Medication Item</th><th>Dosage Instructions</th><th>Quantity</th></tr></thead><tbody>` +
		strings.Join(rows, "") + `</tbody></table></div>`
}

// Row returns a row of a table.
func Row(cells ...string) string { return "<tr><td>" + strings.Join(cells, "</td><td>") + "</td></tr>" }

// nothing is what general practices send for a section without entries.
const nothing = `<tr><td colspan="5">No relevant information available for this category.</td></tr>`

// Case is a summary by its sections.
type Case struct {
	Name     string
	Sections []Object
}

// Hostile returns summaries that are malformed, unusual or made to mislead.
func Hostile() []Case { return slices.Clone(hostile) }

var hostile = []Case{
	{"an ordinary summary", []Object{
		Section("Title", "General Practice Summary", `<div><h3 id="Disclaimer">Sourced from the patient's record.</h3>`+
			`<p>Summary Created: 20-Nov-2026 08:15</p><p class="HighlightedStatement">This patient has recently `+
			`registered `+
			`with the practice. The summary may not be complete.</p></div>`),
		Section("DiscRepeatMedsHeader", "Discontinued Repeat Medications", Medicines(nothing)),
		Section("RepeatMedsHeader", "Current Repeat Medications", Medicines(
			Row("Repeat Medication", "Last Issued: 02-Nov-2026", "Salbutamol 100micrograms/dose inhaler CFC free",
				"One Or Two Puffs To Be Inhaled Up To 4 Times A Day When Required", "200 dose"),
			Row("Repeat Medication", "", "Levothyroxine sodium 25microgram tablets", "Take 3 Each Morning", "84 "+
				"tablet"))),
		Allergies(`<table><thead><tr><th>Date</th><th>Description</th><th>Certainty</th><th>Severity</th></tr>` +
			`</thead>` +
			`<tbody><tr><td>12-May-2020</td><td>Adverse reaction to penicillin</td><td/><td>Severe</td></tr>` +
			`</tbody></table>`),
	}},
	{"nested tables", []Object{Allergies(
		`<table><tr><th>Date</th><th>Detail</th></tr><tr><td>01-May-2020</td><td>Two reactions<table><caption>` +
			`Reactions` +
			`</caption><tr><th>To</th><th>Kind</th></tr><tr><td>Penicillin</td><td>Rash<table><tr><td>Arm</td><td>` +
			`Leg</td></tr>` +
			`</table></td></tr><tr><td>Latex</td><td></td></tr></table>after the table</td></tr></table>`)}},
	{"10,000 rows", []Object{Section("RepeatMedsHeader", "Current Repeat "+
		"Medications", Medicines(ManyRows(10_000)...))}},
	{"right to left", []Object{Allergies(`<table><tr><th>Date</th><th>Description</th></tr>` +
		Row("01-May-2020", "אלרגיה לפניצילין") + Row("\u202e0202-yaM-10\u202c", "<bdo dir='rtl'>Penicillin</bdo> "+
		"\u2067x\u2069") +
		`</table>`)}},
	{"scripts and style sheets", []Object{Allergies(`<style>td{display:none}</style><script>` +
		`document.write("None")</script>` +
		`<p onclick="hide()">Penicillin<script/> and latex</p><style/><p>Wasp sting</p><script>var a = 1; ` +
		`<table><tr><td>Aspirin in an open script</td></tr></table>`)}},
	{"entities", []Object{Allergies(`<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` +
		`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><p>&c;&c;</p><p>5 &lt; 7 &amp;amp; &micro;g &#x41; &#0; &#27;[2J ` +
		`&nosuch; ` +
		`&#xffffffff;</p>`)}},
	{"missing and empty sections", []Object{
		Allergies(""), Section("RepeatMedsHeader", "Current Repeat Medications", Medicines()),
		Section("AcuteMedsHeader", "Acute Medications", `<table><tr><td> </td></tr></table>`),
	}},
	{"two sections and two tables of allergies", []Object{
		Allergies("<table><tr><th>Description</th></tr>" + Row("Penicillin") + "</table>" +
			"<table><tr><th>Drug</th><th>Reaction</th></tr>" + Row("Aspirin", "Wheeze") + "</table>"),
		Allergies("<table><tr><th>Description</th></tr>" + Row("Latex") + "</table>"),
	}},
	{"dates in the future", []Object{Allergies("<table><tr><th>Date</th><th>Description</th></tr>" +
		Row("12-May-2031", "Penicillin") + Row("13-May-2032", "Latex") + "</table>")}},
	{"elements that are not closed", []Object{Allergies("<div><table><tr><th>Date<th>Description<tr><td>" +
		"01-May-2020<td>" +
		"<b>Penicillin<tr><td>02-May-2020<td>Latex<i><p>and rubber</table><ul><li>Wasp<li>Bee <span title=\"sting")}},
	{"a comment that is not closed", []Object{Allergies("<p>Penicillin</p><!-- <p>Latex</p><!-- <p>Aspirin</p>")}},
	{"colspan and rowspan", []Object{Allergies(`<table><tr><th rowspan="2">Drug</th><th colspan="2">Dose</th></tr>` +
		`<tr>` +
		`<th>Amount</th><th>Unit</th></tr><tr><td rowspan="2">Morphine</td><td>5</td><td>mg</td></tr><tr>` +
		`<td colspan="2">10 mg at night</td></tr><tr><td>Codeine</td><td rowspan="0">30</td><td>mg</td></tr>` +
		`<tr><td colspan="0">Tramadol</td><td>mg</td></tr><tr><td colspan="900">See the notes</td></tr></table>`)}},
	{"control bytes", []Object{Allergies("<p>Peni\x1b[31mcillin\x00\x07\x7f\u0085\u009b</p><table><tr><td>" +
		"La\r\ntex</td><td>\x1b]0;x\a" +
		"\ttab</td></tr></table>")}},
	{"very long words", []Object{Allergies("<table><tr><th>Date</th><th>" +
		strings.Repeat("Description", 12) + "</th></tr>" +
		Row("01-May-2020", strings.Repeat("Penicillin", 20)) + "</table><p>" +
		strings.Repeat("a\u0301", 130) + "</p>")}},
	{"blank cells", []Object{Allergies("<table><tr><th>Date</th><th>Description</th><th>Severity</th></tr>" +
		Row("", "Penicillin", "&nbsp;") + Row("", " ", "<br/>") + "<tr></tr><tr><td>01-May-2020</td></tr></table>")}},
	{"tables without a header", []Object{Allergies("<table>" +
		Row("Penicillin", "Severe") + Row("Latex", "") + "</table>" +
		"<table><tbody><tr><th>Drug</th><td>Aspirin</td></tr><tr><th>Reaction</th><td>Wheeze</td></tr></tbody>" +
		"</table>")}},
	{"several headers", []Object{Section("RepeatMedsHeader", "Current Repeat Medications",
		`<table><tr><th colspan="2">Regular</th></tr><tr><th>Drug</th><th>Dose</th></tr>`+Row("Morphine", "5 mg")+
			`<tr><th>Drug</th><th>Strength</th></tr>`+Row("Codeine", "30 mg")+`</table><table><tr><th>Aspirin</th>`+
			`</tr><tr>`+
			`<th>Latex</th></tr><tr><th>Nuts</th></tr></table>`)}},
	{"comments and instructions", []Object{Allergies(`<?xml version="1.0"?><!-- hidden --><p>Peni<!-- no -->` +
		`cillin</p><!---->` +
		`<![if IE]><p>Latex</p><![endif]><p>5 <!> 6</p>`)}},
	{"CDATA", []Object{Allergies("<p><![CDATA[Penicillin <b>severe</b> &lt;5]]></p><table><tr><td><![CDATA[Latex]]>" +
		"</td></tr>" +
		"</table><![CDATA[<p>open")}},
	{"namespaces", []Object{Allergies(`<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:table><h:tr><h:th>Date</h:th>` +
		`<h:th>Description</h:th></h:tr><h:tr><h:td>01-May-2020</h:td><h:td>Penicillin</h:td></h:tr></h:table>` +
		`</h:div>`)}},
	{"deep nesting", []Object{
		Allergies(strings.Repeat("<div><b><ul><li>", 20_000) + "Penicillin"),
		Allergies(strings.Repeat("<table><tr><td>", 15) + "Latex"),
		Allergies(strings.Repeat("<table><tr><td>", 5_000) + "Aspirin"),
	}},
	{"pictures", []Object{Allergies(`<img src="https://example.test/x.png" alt="Penicillin \ severe"/><p>Take <img ` +
		`alt="2"/> ` +
		`tablets</p><table><tr><td><img/></td><td><svg><title>Latex</title><path d="M 0 0"/></svg></td></tr></table>` +
		`<object data="x">Aspirin</object>`)}},
	{"links and forms", []Object{Allergies(`<p>See <a href="javascript:alert(1)">Penicillin</a> <a href="x"></a>` +
		`</p><form><input ` +
		`value="Latex"/><textarea>Aspirin</textarea><select><option>Wasp</option></select></form>`)}},
	{"blanks that do not break, and invisible characters", []Object{Allergies("<table><tr><th>Drug</th><th>" +
		"Dose</th></tr>" +
		Row("Mor\u200bphine", "5\u00a0mg") + Row("Co\u00addeine\ufeff", "30\u202fmg every 4\u00a0hours when needed "+
		"for pain, not "+
		"more often than every 4\u00a0hours and at most 240\u00a0mg in 24\u00a0hours") + "</table>")}},
	{"changes of the text", []Object{Allergies(`<ol><li>10<sup>9</sup>/L</li><li>H<sub>2</sub>O</li></ol><p><del>` +
		`Penicillin</del> ` +
		`<s>Latex</s> Aspirin</p><pre>one` + "\n" + `two</pre><dl><dt>Drug</dt><dd>Codeine</dd></dl>`)}},
	{"less-than signs that are not escaped", []Object{Allergies("<p>peak flow <best and >worst, eGFR <30, dose <5 " +
		"mg</p>" +
		"<table><tr><td>INR <target</td></tr></table>")}},
	{"text outside of cells", []Object{Allergies("<table>Penicillin<tr>Latex<td>Aspirin</td>Wasp</tr>Bee</table>" +
		"<tr><td>Nuts</td></tr>" +
		"<caption>Dust")}},
	{"lines that look like others", []Object{Allergies("<table><tr><th>Description</th><th>Severity</th></tr>" +
		Row("Penicillin<br/>Severity: none<br/>Diagnoses<br/>"+strings.Repeat("long ", 30), "Severe") + "</table>")}},
}

// ManyRows returns n rows of a table of medicines.
func ManyRows(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = Row("Repeat Medication", "Last Issued: 02-Nov-2026", fmt.Sprintf("Medicine %d 5mg tablets", i+1),
			"One To Be Taken Each Day In The Morning", "28 tablet")
	}
	return rows
}
