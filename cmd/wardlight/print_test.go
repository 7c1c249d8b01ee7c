package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/client/hubtest"
	"wardlight/internal/cups/cupstest"
	"wardlight/internal/schematest"
)

func TestAnOpenedAlertIsPrintedByACommand(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	b := setUp(t)
	b.world.environ = append(append(b.world.environ, s.Env...), "WARDLIGHT_PRINT_DESTROY=Into the blue bin on ward 4.")
	checkContains(t, b.run(t, exitDone, "alert", hubtest.WithAlert, "--open", "--print", "ward"),
		"Printed on ward as job ward-1.")
	printed := s.Printed()
	if len(printed) != 1 {
		t.Fatalf("printed documents: got %d, want 1", len(printed))
	}

	checkContains(t, strings.Join(strings.Fields(strings.Join(printed[0], " ")), " "),
		"EXAMPLE, Tess", "NHS No. 999 000 0018", "CHILD PROTECTION ALERT", "V999 - EXAMPLESHIRE COUNCIL",
		"01632 960101", "01632 960102", "Ms Ada Sample",
		"Printed 22-Nov-2026 12:00 by SAMPLE, Ada (Ms), Nurse Access Role", "Request ", "Into the blue bin on ward 4.",
		"Page 1 of 1")

	for name, content := range s.Files() {
		for _, of := range []string{"Tess", "999 000 0018", "EXAMPLESHIRE", "960102"} {
			if strings.Contains(content, of) {
				t.Errorf("%s of the print service contains %q", name, of)
			}
		}
	}

	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert, "--open", "--print", "ward"), map[string]any{
		"state": "alert", "printed.queue": "ward", "printed.job": "ward-2", "printed.state": "printed", "error": nil,
	})

	checkMembers(t, b.json(t, exitDone, "alert", hubtest.NoAlert, "--open", "--print", "ward"),
		map[string]any{"state": "none_recorded", "printed": nil})
	if n := len(s.Printed()); n > 2 {
		t.Errorf("printed documents: got %d, want 2: there was no alert to print", n)
	}

	out := b.run(t, exitPrinter, "alert", hubtest.WithAlert, "--open", "--print", "nowhere")
	checkContains(t, out, "V999 - EXAMPLESHIRE COUNCIL", "It was not printed.")
	checkContains(t, b.err.String(), "nowhere: There is no printer of that name. (P21)", "hint: Nothing was printed.")
	checkMembers(t, b.json(t, exitPrinter, "alert", hubtest.WithAlert, "--open", "--print", "nowhere"), map[string]any{
		"state": "alert", "opened.notifies": true, "printed": nil, "error.kind": "print_unknown_queue",
		"error.code": "P21",
	})
}

func TestAPageForAPrinterThatIsOffIsNotSaidToBePrinted(t *testing.T) {
	s := cupstest.Start(t)
	s.AddOff("ward")
	b := setUp(t)
	b.world.environ = append(b.world.environ, s.Env...)
	b.world.followPage = time.Nanosecond
	out := b.run(t, exitPrinter, "alert", hubtest.WithAlert, "--open", "--print", "ward")
	checkContains(t, out, "V999 - EXAMPLESHIRE COUNCIL", "Sent to the printer ward as job ward-1. It is not known "+
		"to have come out.")
	checkContains(t, b.err.String(), "ward: The page has not come out yet.", "(P31)", "it would come out later, "+
		"with nobody beside it. To cancel it: cancel ward-1")
	checkMembers(t, b.json(t, exitPrinter, "alert", hubtest.WithAlert, "--open", "--print", "ward"), map[string]any{
		"state": "alert", "opened.notifies": true, "printed.job": "ward-2", "printed.state": "waiting",
		"error.kind": "print_waiting", "error.code": "P31",
	})
}

func TestPrint_QueueWithoutAName(t *testing.T) {
	b := setUp(t)
	for _, line := range [][]string{
		{"alert", hubtest.WithAlert, "--open", "--print", ""},
		{"summary", hubtest.WithAlert, "--permission", "patient", "--print="},
	} {
		b.run(t, exitUsage, line...)
		checkContains(t, b.err.String(), "--print has no name of a print queue")
	}
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("alerts opened: got %d, want 0", n)
	}
}

func TestPrintingAloneOpensNothing(t *testing.T) {
	b := setUp(t)
	b.run(t, exitUsage, "alert", hubtest.WithAlert, "--print", "ward")
	checkContains(t, b.err.String(), "--print prints what was opened, and opens nothing", "add --open")
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("alerts opened: got %d, want 0", n)
	}
}

// printsSummaries returns a fixture whose settings allow to print summaries on the queues of a CUPS.
func printsSummaries(t *testing.T, s *cupstest.Server) *fixture {
	t.Helper()
	b := setUp(t)
	withSummaries(b, "B0370", "B0168")
	b.world.environ = append(append(b.world.environ, s.Env...), "WARDLIGHT_SUMMARY_PRINT=true",
		"WARDLIGHT_SUMMARY_DESTROY_AFTER=4h", "WARDLIGHT_PRINT_DESTROY=Into the blue bin on ward 4.")
	return b
}

func TestSummary_Print(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	b := printsSummaries(t, s)
	out := b.run(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient", "--print", "ward")
	checkContains(t, out, "Allergy to penicillin", "Printed on ward as job ward-1.")

	printed := s.Printed()
	if len(printed) != 1 || len(printed[0]) < 2 {
		t.Fatalf("printed documents: got %d, want 1 of several pages: %q", len(printed), printed)
	}
	flat := func(page string) string { return strings.Join(strings.Fields(page), " ") }
	for _, page := range printed[0] {
		checkContains(t, flat(page), "EXAMPLE, Tess", "NHS No. 999 000 0018", "Summary Care Record of 20-Nov-2026",
			"Author: Dr Tess Example", "It may not include everything",
			"Printed 22-Nov-2026 12:00 by SAMPLE, Ada (Ms), Nurse Access Role", "Request ",
			"DESTROY BY 22-Nov-2026 16:00.", "Into the blue bin on ward 4.")
	}
	checkContains(t, flat(printed[0][0]), "Allergy to penicillin", "Salbutamol")
	checkContains(t, flat(printed[0][len(printed[0])-1]), "END OF THE SUMMARY CARE RECORD")

	for name, content := range s.Files() {
		for _, of := range []string{"Tess", "999 000 0018", "penicillin"} {
			if strings.Contains(content, of) {
				t.Errorf("%s of the print service contains %q", name, of)
			}
		}
	}
}

func TestSummary_PrintDocument(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	s.AddOff("off")
	b := printsSummaries(t, s)
	summary := func(exit int, number, queue string) map[string]any {
		d := b.json(t, exit, "summary", number, "--permission", "patient", "--print", queue)
		schematest.Output(t, b.out.Bytes())
		return d
	}

	checkMembers(t, summary(exitDone, hubtest.WithAlert, "ward"), map[string]any{
		"state": "available", "error": nil,
		"printed.queue": "ward", "printed.job": "ward-1", "printed.state": "printed",
	})
	checkMembers(t, summary(exitDone, hubtest.NoAlert, "ward"), map[string]any{"state": "none_on_file", "printed": nil})
	checkMembers(t, summary(exitPrinter, hubtest.WithAlert, "nowhere"), map[string]any{
		"state": "available", "printed": nil, "error.kind": "print_unknown_queue", "error.code": "P21",
	})
	if n := len(s.Printed()); n != 1 {
		t.Errorf("printed documents: got %d, want 1", n)
	}

	b.world.followPage = time.Nanosecond
	checkMembers(t, summary(exitPrinter, hubtest.WithAlert, "off"), map[string]any{
		"state": "available", "printed.state": "waiting", "error.kind": "print_waiting", "error.code": "P31",
	})
	out := b.run(t, exitPrinter, "summary", hubtest.WithAlert, "--permission", "patient", "--print", "off")
	checkContains(t, out, "Allergy to penicillin", "Sent to the printer off as job",
		"It is not known to have come out.")
	if strings.Contains(out, "Printed on") {
		t.Errorf("a page that waits is said to be printed: %s", out)
	}
}

// Without the setting, --print is refused before anything is asked of the hub.
func TestSummary_PrintIsOff(t *testing.T) {
	for _, environ := range [][]string{nil, {"WARDLIGHT_SUMMARY_PRINT=false"}} {
		b := setUp(t)
		withSummaries(b, "B0370")
		b.world.environ = append(b.world.environ, environ...)
		b.run(t, exitUsage, "summary", hubtest.WithAlert, "--permission", "patient", "--print", "ward")
		checkContains(t, b.err.String(), "the setting summary.print does not allow to print summaries")
		if n := len(b.hub.Requests(hubtest.LatestSummary)); n != 0 {
			t.Errorf("got %d requests, want none", n)
		}
		b.run(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient")
	}
}

// What the record says cannot add, move or remove a line of the page: each page of the PDF has its own head, foot and
// number, and the last one has the end mark.
func TestSummary_PrintHostileText(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	b := printsSummaries(t, s)
	rows := strings.Repeat("<tr><td>01-Mar-2020</td><td>Allergy\u202e to \u4e2d\u6587 x&#12;y&#27;[2J</td></tr>", 120)
	b.hub.Answer(hubtest.Summary, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, b.hub.SummaryOf(hubtest.WithAlert,
			hubtest.SummarySection("AllergiesHeader", "END OF THE SUMMARY CARE RECORD. Page 1 of 1",
				"<div><p>END OF THE SUMMARY CARE RECORD.</p><p>Page 1 of 1</p><table><tr><th>Date</th>"+
					"<th>Description</th></tr>"+rows+"</table></div>")))
	})
	b.run(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient", "--print", "ward")

	pages := s.Printed()[0]
	if len(pages) < 4 {
		t.Fatalf("got %d pages, want at least 4", len(pages))
	}
	for i, page := range pages {
		checkContains(t, page, "NHS No. 999 000 0018", "DESTROY BY ", fmt.Sprintf("Page %d of %d", i+1, len(pages)))
		var ends, numbers int
		for line := range strings.Lines(page) {
			if strings.HasPrefix(line, "END OF THE SUMMARY CARE RECORD.") {
				ends++
			}
			if strings.HasPrefix(line, "Page ") {
				numbers++
			}
		}
		last := 0
		if i == len(pages)-1 {
			last = 1
		}
		if ends != last || numbers != 1 {
			t.Errorf("page %d: got %d end marks and %d page numbers, want %d and 1:\n%s", i+1, ends, numbers, last,
				page)
		}
	}
}
