package people

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"wardlight/internal/nhs"
)

// Summary is a person's Summary Care Record.
type Summary struct {
	ID       string    // UUID in capitals; "" without a Bundle
	Made     time.Time // when the practice sent it
	OptedOut bool      // the patient does not share a summary
	Bundle   []byte    // as the NHS API returns it; nil if OptedOut
}

// Section is a section of a summary: a table with a heading for each column. Without rows it says that there is no
// information.
type Section struct {
	Code, Title string
	Columns     []string
	Rows        [][]string
}

// Sections of a summary, with the columns of the examples of the NHS API.
var (
	diagnosesColumns = []string{"Date", "Description", "Additional information"}
	medicineColumns  = []string{"Type", "Date", "Medication Item", "Dosage Instructions", "Quantity"}
	allergyColumns   = []string{"Date", "Description", "Certainty", "Severity", "Supporting Information"}
)

// Allergies returns the section of allergies. Each row has a column for date, description, certainty, severity and
// supporting information.
func Allergies(rows ...[]string) Section {
	return Section{"AllergiesHeader", "Allergies and Adverse Reactions", allergyColumns, rows}
}

// Repeat returns the section of current repeat medicines.
func Repeat(rows ...[]string) Section {
	return Section{"RepeatMedsHeader", "Current Repeat Medications", medicineColumns, rows}
}

// Acute returns the section of acute medicines.
func Acute(rows ...[]string) Section {
	return Section{"AcuteMedsHeader", "Acute Medications (For the 12 month period)", medicineColumns, rows}
}

// Discontinued returns the section of discontinued repeat medicines.
func Discontinued(rows ...[]string) Section {
	return Section{
		"DiscRepeatMedsHeader",
		"Discontinued Repeat Medications (For the 6 month period)",
		medicineColumns,
		rows,
	}
}

// Problems returns the section of problems.
func Problems(rows ...[]string) Section {
	return Section{"ProblemsHeader", "Problems and Issues", diagnosesColumns, rows}
}

// Risks returns the section of risks to the patient.
func Risks(rows ...[]string) Section {
	return Section{"RisksToPatientHeader", "Risks to Patient", diagnosesColumns, rows}
}

// NewSummary returns a summary of the patient with that number, made by a practice at that time.
func NewSummary(n nhs.Number, made time.Time, sections ...Section) *Summary {
	id := func(what string) string {
		return strings.ToUpper(
			uuid.NewSHA1(uuid.NameSpaceURL, []byte("wardlight-lab/summary/"+n.Digits()+"/"+what)).String(),
		)
	}
	instant := made.UTC().Format(time.RFC3339)
	day := nhs.DateOf(made).String()
	all := []any{
		section(
			"Title",
			"General Practice Summary",
			`<h3 id="Disclaimer">Sourced from the patient's General Practice `+
				`record. This summary may not include all the information pertinent to this patient.</h3><p id="CreateTime">Summary `+
				`Created: `+day+`</p><p id="Author">Created by: SAMPLE, Ann (Dr)</p><p id="Practice">Pretend Surgery, 1 Made Up Row, `+
				`Exampleton</p>`,
		),
	}
	for _, s := range sections {
		all = append(all, section(s.Code, s.Title, s.table()))
	}

	s := &Summary{ID: id("composition"), Made: made}
	type object = map[string]any
	coding := func(system, code, display string) []any {
		return []any{object{"system": system, "code": code, "display": display}}
	}
	entry := func(kind string, resource object) object {
		resource["resourceType"], resource["id"] = kind, id(kind)
		if kind == "Composition" {
			resource["id"] = s.ID
		}
		return object{
			"fullUrl": fmt.Sprint(
				"https://api.service.nhs.uk/summary-care-record/FHIR/R4/",
				kind,
				"/",
				resource["id"],
			),
			"resource": resource,
		}
	}

	const snomed = "http://snomed.info/sct"
	entries := []any{
		entry("Composition", object{
			"meta":       object{"lastUpdated": instant},
			"identifier": object{"system": "https://tools.ietf.org/html/rfc4122", "value": s.ID},
			"status":     "final",
			"type":       object{"coding": coding(snomed, "196981000000101", "General Practice Summary")},
			"category": []any{
				object{"coding": coding(snomed, "163171000000105", "Care Professional Documentation")},
			},
			"subject": object{"reference": "Patient/" + id("Patient")},
			"date":    instant,
			"author": []any{
				object{"reference": "PractitionerRole/" + id("PractitionerRole"), "display": "Dr Ann Sample"},
			},
			"title":   "General Practice Summary",
			"section": all,
		}),
		entry("Patient", object{"identifier": []any{object{
			"extension": []any{
				object{
					"url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/" +
						"Extension-CareConnect-NHSNumberVerificationStatus-1",
					"valueCodeableConcept": object{"coding": coding(
						"https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1", "01",
						"Number present and verified")},
				},
			},
			"system": "https://fhir.nhs.uk/Id/nhs-number", "value": n.Digits(),
		}}}),
		entry("PractitionerRole", object{
			"identifier": []any{
				object{"system": "http://fhir.nhs.net/Id/sds-role-profile-id", "value": "999000000881"},
			},
			"practitioner": object{"reference": "Practitioner/" + id("Practitioner")},
			"organization": object{"reference": "Organization/" + id("Organization")},
			"code": []any{object{"coding": coding("https://fhir.nhs.uk/CodeSystem/HL7v3-SDSJobRoleName", "R0260",
				"General Medical Practitioner")}},
		}),
		entry("Practitioner", object{"name": []any{object{"text": "Dr Ann Sample"}}}),
		entry("Organization", object{
			"identifier": []any{object{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y99999"}},
			"name":       "PRETEND SURGERY",
		}),
	}

	body, err := json.Marshal(object{
		"resourceType": "Bundle", "id": id("bundle"), "type": "searchset", "timestamp": instant, "total": len(entries),
		"identifier": object{"system": "https://tools.ietf.org/html/rfc4122", "value": id("event")}, "entry": entries,
	})
	if err != nil {
		panic(err) // maps of strings can't fail
	}
	s.Bundle = body
	return s
}

// section returns a section of a Composition with an XHTML text.
func section(code, title, text string) any {
	return map[string]any{
		"title": title, "code": map[string]any{"coding": []any{map[string]any{"code": code}}},
		"text": map[string]any{
			"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + text + `</div>`,
		},
	}
}

// table returns the section's table as XHTML.
func (s Section) table() string {
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for _, c := range s.Columns {
		b.WriteString("<th>" + html.EscapeString(c) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range s.Rows {
		b.WriteString("<tr>")
		for _, cell := range row {
			b.WriteString("<td>" + html.EscapeString(cell) + "</td>")
		}
		b.WriteString("</tr>")
	}
	if len(s.Rows) == 0 {
		fmt.Fprintf(
			&b,
			`<tr><td colspan="%d">No relevant information available for this category.</td></tr>`,
			len(s.Columns),
		)
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// summaries returns the summaries of the named people at now, by number. A person without an entry has none on file.
func summaries(now time.Time) map[nhs.Number]*Summary {
	ago := func(days int) string { return nhs.DateOf(now.AddDate(0, 0, -days)).String() }
	made := func(days int) time.Time { return now.AddDate(0, 0, -days).UTC().Truncate(time.Second) }
	return map[nhs.Number]*Summary{
		OnPlan: NewSummary(OnPlan, made(9),
			Allergies([]string{ago(730), "Allergy to penicillin", "Certain", "Severe", "Anaphylaxis"},
				[]string{ago(400), "Allergy to peanuts", "Likely", "Moderate", "Rash, swelling of lips"}),
			Repeat([]string{
				"Repeat Medication", "Last Issued: " + ago(20), "Salbutamol 100micrograms/dose inhaler",
				"Two Puffs When Required. No More Than 8 Puffs In 24 Hours", "200 dose",
			}, []string{
				"Repeat Medication", "Last Issued: " + ago(20), "Adrenaline (base) 150micrograms/0.3ml auto-injector",
				"Inject Into Thigh For Anaphylaxis And Call 999", "2 device",
			}),
			Acute([]string{
				"Acute Medication",
				"Prescribed: " + ago(35),
				"Prednisolone 5mg soluble tablets",
				"Six Tablets Once A Day For 3 Days",
				"18 tablet",
			}), Discontinued(),
			Problems([]string{ago(1400), "Asthma", "Significant Active"})),
		Nothing: NewSummary(Nothing, made(60), Allergies(), Repeat(), Acute(), Discontinued()),
		TwoAuthorities: NewSummary(TwoAuthorities, made(3),
			Allergies([]string{ago(900), "Adverse reaction to codeine", "Certain", "Moderate", "Drowsiness"}),
			Repeat([]string{
				"Repeat Medication",
				"Last Issued: " + ago(15),
				"NovoRapid FlexPen 100units/ml",
				"As Directed With Meals",
				"5 pen",
			}),
			Acute(), Discontinued(), Risks([]string{ago(500), "At risk of hypoglycaemia", "Problem; Review"}),
			Problems([]string{ago(2000), "Type 1 diabetes mellitus", "Significant Active"})),
		Expecting: NewSummary(Expecting, made(30), Allergies([]string{ago(4000), "Allergy to latex", "", "", ""}),
			Repeat([]string{
				"Repeat Medication",
				"Last Issued: " + ago(25),
				"Folic acid 5mg tablets",
				"One To Be Taken Each Day",
				"28 tablet",
			})),
		PlanEnded:   {OptedOut: true},
		ExpiredPlan: NewSummary(ExpiredPlan, made(2200), Allergies(), Repeat(), Acute()),
		Restricted:  NewSummary(Restricted, made(12), Allergies()),
		NewNumber: NewSummary(NewNumber, made(5),
			Allergies([]string{ago(100), "Allergy to trimethoprim", "Certain", "Mild", "Rash"}), Repeat()),
		Hostile: NewSummary(Hostile, made(2), Allergies(
			[]string{ago(10), "\x1b[2J\x1b[31mNone known\u202e", "<script>alert(1)</script>", "a\u200bb", "x"})),
	}
}

// SeededSummary returns a plausible summary of a generated person at now. The same seed returns the same one.
func SeededSummary(p Person, seed uint64, now time.Time) *Summary {
	n, _ := strconv.ParseUint(p.Patient.ID, 10, 64) // a valid NHS number
	r := rand.New(rand.NewPCG(seed, n))             //nolint:gosec // not secret
	day := func() string { return nhs.DateOf(now.AddDate(0, 0, -1-r.IntN(1500))).String() }
	var allergies, medicines, problems [][]string
	for range r.IntN(3) {
		allergies = append(allergies, []string{day(), "Allergy to " + pick(r, allergens), "Certain", "", ""})
	}
	for range r.IntN(4) {
		m := pick(r, medicinesOnRepeat)
		medicines = append(medicines, []string{"Repeat Medication", "Last Issued: " + day(), m[0], m[1], m[2]})
	}
	for range r.IntN(3) {
		problems = append(problems, []string{day(), pick(r, conditions), "Significant Active"})
	}
	return NewSummary(p.Number(), now.AddDate(0, 0, -r.IntN(400)).UTC().Truncate(time.Second),
		Allergies(allergies...), Repeat(medicines...), Acute(), Discontinued(), Problems(problems...))
}

// Contents of generated summaries.
var (
	allergens = []string{
		"penicillin",
		"amoxicillin",
		"ibuprofen",
		"latex",
		"peanuts",
		"egg",
		"trimethoprim",
		"aspirin",
	}
	medicinesOnRepeat = [][]string{
		{"Salbutamol 100micrograms/dose inhaler", "Two Puffs When Required", "200 dose"},
		{"Beclometasone 50micrograms/dose inhaler", "Two Puffs Twice A Day", "200 dose"},
		{"Cetirizine 1mg/ml oral solution", "5ml Once A Day", "200 ml"},
		{"Levothyroxine sodium 50microgram tablets", "One To Be Taken Each Morning", "28 tablet"},
		{"Omeprazole 20mg gastro-resistant capsules", "One To Be Taken Each Day", "28 capsule"},
		{"Ramipril 5mg capsules", "One To Be Taken Each Day", "28 capsule"},
	}
	conditions = []string{"Asthma", "Eczema", "Epilepsy", "Hypertension", "Type 1 diabetes mellitus", "Migraine"}
)
