package cups

import (
	"slices"
	"strings"
	"testing"
)

const answer = `scheduler is running
system default destination: ward/fine
A2
printer
ward
net_printer
printer A2 disabled since Tue Nov 24 19:50:55 2026 -
	printer ward disabled since Tue Nov 24 19:50:55 2026 -
printer printer is idle.  enabled since Tue Nov 24 19:50:55 2026
printer ward now printing ward-3.  enabled since Tue Nov 24 19:50:55 2026
A2 not accepting requests since Tue Nov 24 19:50:55 2026 -
	reason unknown
printer accepting requests since Tue Nov 24 19:50:55 2026
ward accepting requests since Tue Nov 24 19:50:55 2026
`

func TestTheQueuesAreReadWithTheirStatesAndTheDefaultFirst(t *testing.T) {
	queues, _, running := parse(answer)
	want := []Queue{
		{"ward", true, Busy, ""},
		{"A2", false, Refusing, ""},
		{"net_printer", false, Unknown, ""},
		{"printer", false, Idle, ""},
	}
	if !running || !slices.Equal(queues, want) {
		t.Errorf("parse = %v, running %v, want %v, running", queues, running, want)
	}
}

func TestTheReasonsOfAPrinterAreSaidInPlainWords(t *testing.T) {
	for alerts, want := range map[string]string{
		"none":                               "",
		"":                                   "",
		"toner-low-warning media-low-report": "",
		"cups-waiting-for-job-completed":     "",
		"job-printing":                       "",
		"offline-report":                     "switched off or not connected",
		"media-empty-error media-needed":     "out of paper",
		"toner-empty-warning":                "",
		"marker-supply-empty-error":          "out of toner or ink",
		"door-open-report cover-open":        "open",
		"media-jam-error offline-report":     "jammed, switched off or not connected",
		"connecting-to-device":               "not answering",
		"com.example-\x1b[2Jodd-error":       "",
		"a-vendors-own-error":                "a vendors own",
		"cups-missing-filter-error":          "cups missing filter",
		strings.Repeat("x", 500) + "-error":  strings.Repeat("x", maxMessage-1) + "…",
		"paused moving-to-paused":            "stopped",
		"offline-report,media-empty-error,toner-empty": "switched off or not connected, out of paper, out of toner " +
			"or ink",
	} {
		queues, _, _ := parse("printer ward is idle.  enabled since Tue\n\tForm mounted:\n\tAlerts: " + alerts +
			"\n\tLocation: Alerts: x\n")
		if len(queues) != 1 || queues[0].Reason != want {
			t.Errorf("reason for alerts %q = %q, want %q", alerts, queues[0].Reason, want)
		}
	}
}

func TestAServiceThatIsDownHasNoQueues(t *testing.T) {
	for _, said := range []string{
		"", "scheduler is not running\n", "no system default destination\n",
		"lpstat: Bad file descriptor\n",
	} {
		if queues, _, running := parse(said); running || len(queues) != 0 {
			t.Errorf("parse(%q) = %v, running %v, want no queues, not running", said, queues, running)
		}
	}
}

func TestANameThatCannotBeShownOrIsAnOptionIsPassedOver(t *testing.T) {
	for _, name := range []string{
		"-oraw", "office/fine", "a#b", "\x1b[2J", "e\u202e", "zero\u200bwidth", "bytes\xff", "c1\u009b2J", "nb\u00a0sp",
		"\u0301mark", strings.Repeat("界", 10_000),
	} {
		queues, passed, _ := parse(name + "\nprinter " + name + " is idle.\n" + name +
			" not accepting requests\nsystem default destination: " + name + "\nward\n")
		if !slices.Equal(queues, []Queue{{Name: "ward"}}) || passed != 1 {
			t.Errorf("parse with name %q = %v, %d skipped, want only ward and 1 skipped", name, queues, passed)
		}
	}
}

func FuzzLpstat(f *testing.F) {
	f.Add(answer)
	f.Add("printer\nprinter  is\nnot accepting requests")
	f.Add("system default destination: \n\xff\n" + strings.Repeat("w", 200))

	f.Fuzz(func(t *testing.T, out string) {
		queues, passed, running := parse(out)
		if running && !strings.Contains(out, "scheduler is running") {
			t.Error("running = true, but the output doesn't say so")
		}

		defaults, seen := 0, map[string]bool{}
		for _, q := range queues {
			if !isSafeName(q.Name) || !strings.Contains(out, q.Name) || seen[q.Name] {
				t.Errorf("queue %q is unsafe, invented or listed twice", q.Name)
			}
			seen[q.Name] = true
			if q.Default {
				defaults++
			}
		}

		if passed < 0 || passed > strings.Count(out, "\n")+1 {
			t.Errorf("passed = %d, want at most one for each line", passed)
		}

		if defaults > 1 {
			t.Errorf("got %d default queues, want at most 1", defaults)
		}
	})
}
