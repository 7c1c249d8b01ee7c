package intake_test

import (
	"slices"
	"strings"
	"testing"
)

func TestAnIntakeSaysWhichLinesAreNotUTF8(t *testing.T) {
	b := books(t)
	spoilt := with(tess, `"given":["Tess"`, "\"given\":[\"Zo\xeb\"")
	text := "\ufeff" + tom + "\n" + spoilt + "\n" + with(tess, "Patient", "P\xe9tient") + "\n"
	at, refused, noted := takeNoted(t, b, text)
	if at.Taken != 2 || at.Refused != 1 || len(refused) != 1 ||
		!slices.Equal(noted,
			[]string{"f:2: It is not UTF-8 and was read as Windows-1252: check its accented letters."}) {
		t.Errorf("got %+v, refused %q, remarks %q; want one refused and one remark about UTF-8", at, refused, noted)
	}
	p, err := b.Patient(t.Context(), "9990000018")
	if err != nil || !strings.Contains(string(p.Body), `"Zoë"`) {
		t.Errorf("stored record: got %s, %v; want it with Zoë", p.Body, err)
	}
}

func TestPlans_Noted(t *testing.T) {
	redacted := with(tom, `"gender"`,
		`"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"REDACTED"}]},"gender"`)
	restricted := strings.Replace(redacted, "REDACTED", "R", 1)
	toms := with(plan, "9990000018", "9990000026")
	unborn := with(plan, "342191000000101", "818901000000100")
	period := func(of, by string) string { return with(of, `"start":"2026-02-03"`, by) }
	for _, c := range []struct{ name, patient, plan, want string }{
		{"runs", tess, plan, "The hub ends this plan on 4 March 2034, the 18th birthday."},
		{"has an end", tess, period(plan, `"start":"2026-02-03","end":"2026-12-01"`), ""},
		{
			"starts later", tess, period(plan, `"start":"2026-12-07","end":"2027-12-01"`),
			"It becomes an alert on 7 December 2026.",
		},
		{
			"ended long ago", tess, period(plan, `"start":"2020-02-03","end":"2021-02-03"`),
			"No alert is shown: this plan ended on 3 February 2021.",
		},
		{"of an adult", with(tess, "2016", "1999"), period(plan, `"start":"2010-05-01"`), "No alert is shown: the " +
			"hub ended this plan on 4 March 2017, the 18th birthday."},
		{"birth date unknown", with(tess, `"birthDate":"2016-03-04",`, ""), plan, ""},
		{
			"unborn", with(tess, "2016", "1999"), unborn,
			"The hub ends this plan on 4 February 2027, 366 days after its start.",
		},
		{"no record", tess, toms, "No current patient record has this NHS number."},
		{"no record, starts later", tess, period(toms, `"start":"2026-12-07"`), "No current patient record has " +
			"this NHS number. It becomes an alert on 7 December 2026."},
		{"invalid record", redacted, toms, "No alert is shown: the patient's record was marked invalid."},
		{"restricted record", restricted, toms, "No alert is shown: the patient's record is sensitive."},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			if c.want != "" {
				want = []string{"f:2: " + c.want}
			}
			if at, refused, noted := takeNoted(t, books(t), c.patient+"\n"+c.plan+"\n"); at.Taken != 2 ||
				!slices.Equal(noted, want) {
				t.Errorf("got remarks %q, want %q; refused %q", noted, want, refused)
			}
		})
	}
}
