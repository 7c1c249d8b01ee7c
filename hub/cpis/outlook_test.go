package cpis_test

import (
	"testing"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
)

func TestOutlook(t *testing.T) {
	const today = "2026-07-15"
	for _, c := range []struct {
		kind                  store.PlanKind
		start, end, due, born string
		want                  string
	}{
		{store.ChildProtection, "2026-07-15", "2026-12-01", "", "2016-03-04", ""},
		{store.ChildProtection, "2026-07-15", "", "", "", ""},
		{
			store.ChildProtection, "2026-02-03", "", "", "2016-03-04",
			"The hub ends this plan on 4 March 2034, the 18th birthday.",
		},
		{
			store.LookedAfter, "2026-02-03", "2040-01-01", "", "2016-03-04",
			"The hub ends this plan on 4 March 2034, the 18th birthday.",
		},
		{
			store.LookedAfter, "2010-02-03", "", "", "2008-07-15",
			"The hub ends this plan on 15 July 2026, the 18th birthday.",
		},
		{store.LookedAfter, "2010-02-03", "", "", "2008-07-14", "The hub ended this plan on 14 July 2026, the 18th " +
			"birthday. The alert is shown until 14 July 2027."},
		{store.LookedAfter, "2010-02-03", "", "", "2007-07-14", "No alert is shown: the hub ended this plan on 14 " +
			"July 2025, the 18th birthday."},
		{store.LookedAfter, "2026-07-01", "", "", "2008-06-01", "The hub ended this plan on 1 July 2026, its " +
			"start, because the 18th birthday was earlier. The alert is shown until 1 July 2027."},
		{
			store.ChildProtection, "2026-12-07", "2027-01-01", "", "2016-03-04",
			"It becomes an alert on 7 December 2026.",
		},
		{store.ChildProtection, "2026-07-16", "", "", "2016-03-04", "It becomes an alert on 16 July 2026. The hub " +
			"ends this plan on 4 March 2034, the 18th birthday."},
		{
			store.ChildProtection, "2020-01-01", "2025-07-14", "", "2016-03-04",
			"No alert is shown: this plan ended on 14 July 2025.",
		},
		{store.ChildProtection, "2020-01-01", "2025-07-15", "", "2016-03-04", ""},
		{store.UnbornChild, "2026-07-01", "", "2026-12-01", "1999-09-09", "It has no end date: the alert is shown " +
			"until 29 December 2026, which depends on the due date."},
		{store.UnbornChild, "2026-01-01", "2026-08-01", "2026-06-16", "1999-09-09", ""},
		{
			store.UnbornChild, "2025-05-01", "2026-06-16", "2026-06-01", "1999-09-09",
			"No alert is shown: this plan ended on 16 June 2026.",
		},
		{
			store.UnbornChild, "2026-07-01", "", "", "1999-09-09",
			"The hub ends this plan on 2 July 2027, 366 days after its start.",
		},
		{store.UnbornChild, "2025-07-01", "", "", "1999-09-09", "The hub ended this plan on 2 July 2026, 366 days " +
			"after its start. The alert is shown until 30 July 2026."},
		{store.UnbornChild, "2025-05-01", "", "", "1999-09-09", "No alert is shown: the hub ended this plan on 2 " +
			"May 2026, 366 days after its start."},
		{
			store.UnbornChild, "2025-05-01", "", "2026-06-16", "1999-09-09",
			"No alert is shown: the child was due on 16 June 2026.",
		},
	} {
		p := store.Plan{Kind: c.kind, Start: date(c.start), End: date(c.end), Due: date(c.due)}
		if got := cpis.Standard().Outlook(p, date(c.born), date(today)).String(); got != c.want {
			t.Errorf("%s from %s to %q, due %q, born %q: got %q\nwant %q", c.kind, c.start, c.end, c.due, c.born, got,
				c.want)
		}
	}
}
