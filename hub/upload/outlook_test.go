package upload_test

import (
	"testing"

	"wardlight/hub/upload"
)

// TestTake_Outlook checks what the answer to a row states about the plan's alert.
func TestTake_Outlook(t *testing.T) {
	adult := []string{"birthDate", "04/03/2007"} // 18 on 4 March 2025
	unborn := []string{
		"kind", "UCPP", "nhsNumber", mother.Digits(), "birthDate", "09/09/1999", "family", "Motherwell",
		"given", "Mary",
	}

	with := func(cells []string, more ...string) []string { return append(append([]string{}, cells...), more...) }
	for _, c := range []struct {
		name    string
		changed []string
		born    string // birth date on record
		want    string
	}{
		{"an end to come", []string{"end", "01/12/2026"}, "2016-03-04", "Added."},
		{"no end", nil, "2016-03-04", "Added. The hub ends this plan on 4 March 2034, the 18th birthday."},
		{
			"an end after the 18th birthday",
			[]string{"end", "05/03/2034"},
			"2016-03-04",
			"Added. The hub ends this plan on 4 March 2034, the 18th birthday.",
		},
		{
			"an end a year ago",
			[]string{"start", "01/01/2020", "end", "14/07/2025"},
			"2016-03-04",
			"Added. No alert is shown: this plan ended on 14 July 2025.",
		},
		{"no end, and 18 a year ago", with(adult, "start", "01/01/2020"), "2007-03-04", "Added. No alert is shown: " +
			"the hub ended this plan on 4 March 2025, the 18th birthday."},
		{"today", []string{"start", "15/07/2026", "end", "01/12/2026"}, "2016-03-04", "Added."},
		{
			"tomorrow",
			[]string{"start", "16/07/2026", "end", "01/12/2026"},
			"2016-03-04",
			"Added. It becomes an alert on 16 July 2026.",
		},
		{
			"December for July",
			[]string{"start", "07/12/2026", "end", "01/01/2027"},
			"2016-03-04",
			"Added. It becomes an alert on 7 December 2026.",
		},
		{"December and no end", []string{"start", "07/12/2026"}, "2016-03-04", "Added. It becomes an alert on 7 " +
			"December 2026. The hub ends this plan on 4 March 2034, the 18th birthday."},
		{"unborn, due", with(unborn, "due", "01/09/2026"), "2016-03-04", "Added. It has no end date: the alert is " +
			"shown until 29 September 2026, which depends on the due date."},
		{
			"unborn, an end after the due date", with(unborn, "due", "01/09/2026", "end", "01/11/2026"), "2016-03-04",
			"Added.",
		},
		{
			"unborn, over by the end", with(unborn, "start", "01/05/2025", "due", "01/12/2025", "end", "01/03/2026"),
			"2016-03-04", "Added. No alert is shown: this plan ended on 1 March 2026.",
		},
		{
			"unborn, over by the due date", with(unborn, "start", "01/05/2025", "due", "01/12/2025", "end",
				"01/11/2025"),
			"2016-03-04", "Added. No alert is shown: the child was due on 1 December 2025.",
		},
		{"unborn, neither due date nor end", unborn, "2016-03-04", "Added. The hub ends this plan on 4 February " +
			"2027, 366 days after its start."},
		{
			"unborn, tomorrow", with(unborn, "start", "16/07/2026", "due", "01/09/2026"), "2016-03-04",
			"Added. It becomes an alert on 16 July 2026. It has no end date: the alert is shown until 29 September " +
				"2026, which depends on the due date.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRecords(t)
			r.put(t, tess, c.born, "U", "", tessNames...)
			add := row(c.changed...)
			taken := r.process(t, add, row(append(c.changed, "action", "update")...))
			if got := taken.Rows[0]; got.Code != upload.Success || got.Sentence != c.want {
				t.Errorf("answer = %s %q, want %s %q", got.Code, got.Sentence, upload.Success, c.want)
			}
			if got, want := taken.Rows[1].Sentence, "Updated"+c.want[len("Added"):]; got != want {
				t.Errorf("answer to the update = %q, want %q", got, want)
			}
		})
	}
}
