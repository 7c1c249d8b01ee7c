package main

import (
	"strings"
	"testing"
	"time"

	"wardlight/client/hubtest"
	"wardlight/internal/cups/cupstest"
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

func TestPrintingAloneOpensNothing(t *testing.T) {
	b := setUp(t)
	b.run(t, exitUsage, "alert", hubtest.WithAlert, "--print", "ward")
	checkContains(t, b.err.String(), "--print prints what was opened, and opens nothing", "add --open")
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("alerts opened: got %d, want 0", n)
	}
}
