package cups_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"wardlight/internal/cups"
	"wardlight/internal/cups/cupstest"
)

// secret is text that is printed and must not occur elsewhere.
const secret = "EXAMPLE, Tess Ann"

func page() []byte {
	return []byte(secret + "\nNHS No. 999 000 0018 Bjørn Ünsal\n\fand a second page\n")
}

func TestAPageIsPrintedByARealCUPS(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	s.AddPDF("office")
	s.Do("lpadmin", "-d", "ward")
	p := cups.New(cups.Config{Environ: s.Env})
	queues, err := p.Queues(t.Context())
	if want := []cups.Queue{
		{Name: "ward", Default: true, State: cups.Idle},
		{Name: "office", State: cups.Idle},
	}; err != nil || !slices.Equal(queues, want) {
		t.Fatalf("Queues = %v, %v, want %v", queues, err, want)
	}

	job, err := p.Print(t.Context(), "ward", page())
	if err != nil || job != "ward-1" {
		t.Fatalf("Print = %q, %v, want ward-1", job, err)
	}

	printed := s.Printed()
	if len(printed) != 1 || len(printed[0]) != 2 || !strings.Contains(printed[0][0], secret) ||
		!strings.Contains(printed[0][0], "NHS No. 999 000 0018 Bjørn Ünsal") ||
		!strings.Contains(printed[0][1], "and a second page") {
		t.Errorf("printed text = %q, want both pages", printed)
	}

	logged := false
	for name, content := range s.Files() {
		logged = logged || strings.Contains(content, "Wardlight")
		for _, of := range []string{"Tess", "999 000", "9990000018", "EXAMPLE"} {
			if strings.Contains(content, of) || strings.Contains(name, of) {
				t.Errorf("%s contains %q", name, of)
			}
		}
	}

	if !logged {
		t.Error("no file of CUPS names the job, so that the search for patient data in them proves nothing")
	}
}

func TestAPrinterThatIsDownIsSentNothing(t *testing.T) {
	s := cupstest.Start(t)
	p := cups.New(cups.Config{Environ: s.Env})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.NoQueue {
		t.Errorf("Queues without a queue: error = %v, want kind NoQueue", err)
	}

	for _, name := range []string{"stopped", "refusing", "well"} {
		s.AddPDF(name)
	}

	s.Do("cupsdisable", "stopped")
	s.Do("cupsreject", "refusing")

	for queue, want := range map[string]cups.Kind{
		"stopped": cups.PrinterStopped, "refusing": cups.NotAccepting, "nowhere": cups.UnknownQueue,
		"-o": cups.UnknownQueue, "well/x": cups.UnknownQueue, "": cups.UnknownQueue,
	} {
		if _, err := p.Print(t.Context(), queue, page()); cups.KindOf(err) != want {
			t.Errorf("Print to %q: error = %v, want kind %v", queue, err, want)
		}
	}

	s.Close("well")
	_, err := p.Print(t.Context(), "well", page())
	if cups.KindOf(err) != cups.Refused || strings.Contains(err.Error(), "Tess") ||
		!strings.Contains(err.Error(), "It said:") {
		t.Errorf("Print of a rejected job: error = %v, want kind Refused with CUPS's message", err)
	}

	if all := s.Printed(); len(all) != 0 {
		t.Errorf("got %d printouts, want none", len(all))
	}

	s.Stop()
	if _, err := p.Print(t.Context(), "well", page()); cups.KindOf(err) != cups.NoService {
		t.Errorf("Print without the service: error = %v, want kind NoService", err)
	}

	s.Run()
	if _, err := p.Queues(t.Context()); err != nil {
		t.Errorf("Queues after the restart of the service: %v", err)
	}
}

func TestWithoutCUPSItIsSaidThatItIsNotInstalled(t *testing.T) {
	p := cups.New(cups.Config{Find: func(string) (string, error) { return "", errors.New("not here") }})
	if _, err := p.Print(t.Context(), "ward", page()); cups.KindOf(err) != cups.Missing ||
		!strings.Contains(err.Error(), "not installed") {
		t.Errorf("Print without CUPS: error = %v, want kind Missing", err)
	}
}

func TestOnWindowsItIsSaidThatNothingIsPrinted(t *testing.T) {
	p := cups.New(cups.Config{Find: func(string) (string, error) { return "", &cups.Error{Kind: cups.NotOnWindows} }})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.NotOnWindows ||
		err.Error() != "Wardlight does not print on Windows. (P13)" {
		t.Errorf("Queues on Windows: error = %v, want P13", err)
	}
	if _, err := p.Print(t.Context(), "ward", page()); cups.KindOf(err) != cups.NotOnWindows {
		t.Errorf("Print on Windows: error = %v, want kind NotOnWindows", err)
	}
}

// CUPS allows names that are unsafe for a terminal. Such queues are not listed. The others are printed to by exactly
// the name that CUPS uses.
func TestAQueueIsPrintedToByTheNameThatIsShownOrNotAtAll(t *testing.T) {
	s := cupstest.Start(t)
	p := cups.New(cups.Config{Environ: s.Env})
	hostile := []string{"ward\u202e", "zero\u200bwidth", "bytes\xff", "c1\u009b2J", "-o"}
	for _, name := range hostile {
		s.AddPDF(name)
	}

	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.BadNames {
		t.Errorf("Queues with unsafe names only: error = %v, want kind BadNames", err)
	}

	for _, name := range hostile {
		if _, err := p.Print(t.Context(), name, page()); cups.KindOf(err) != cups.BadNames {
			t.Errorf("Print to %q: error = %v, want kind BadNames", name, err)
		}
	}

	fine := []string{"Büro", "e\u0301tage", "病棟"}
	for _, name := range fine {
		s.AddPDF(name)
	}

	queues, err := p.Queues(t.Context())
	if len(queues) != len(fine) || err != nil {
		t.Fatalf("Queues = %v, %v, want %d queues", queues, err, len(fine))
	}

	for _, name := range hostile {
		if _, err := p.Print(t.Context(), name, page()); cups.KindOf(err) != cups.UnknownQueue ||
			strings.ContainsFunc(err.Error(), func(r rune) bool {
				return !unicode.IsPrint(r)
			}) {
			t.Errorf("Print to %q: error = %q, want kind UnknownQueue in printable characters", name, err)
		}
	}

	for _, q := range queues {
		if job, err := p.Print(t.Context(), q.Name, page()); !strings.HasPrefix(job, q.Name+"-") || err != nil {
			t.Errorf("Print to %q = %q, %v, want a job of this queue", q.Name, job, err)
		}
	}

	if n := len(s.Printed()); n != len(fine) {
		t.Errorf("got %d printouts, want %d", n, len(fine))
	}
}

// programs creates substitutes for lpstat and lp that do what the real ones can't be made to do.
func programs(t *testing.T, lpstat, lp string) func(string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range map[string]string{"lpstat": lpstat, "lp": lp} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) (string, error) { return filepath.Join(dir, name), nil }
}

func TestAPrintServiceThatNeverAnswersIsGivenUp(t *testing.T) {
	const never, well = "exec cat <>/dev/zero >/dev/null", "echo scheduler is running; echo ward"
	p := cups.New(cups.Config{Environ: os.Environ(), Find: programs(t, never, ""), Timeout: 100 * time.Millisecond})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.TimedOut {
		t.Errorf("Queues while lpstat hangs: error = %v, want kind TimedOut", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	began := filepath.Join(t.TempDir(), "began")
	if err := syscall.Mkfifo(began, 0o600); err != nil {
		t.Fatal(err)
	}

	p = cups.New(cups.Config{
		Environ: os.Environ(), Find: programs(t, well, "echo > "+began+"; "+never),
		Timeout: time.Hour,
	})

	go func() {
		_, _ = os.ReadFile(began) // blocks until lp has opened it
		cancel()
	}()

	if _, err := p.Print(ctx, "ward", page()); cups.KindOf(err) != cups.OutcomeUnknown {
		t.Errorf("Print cancelled while lp runs: error = %v, want kind Unsettled", err)
	}
}

func TestThePageIsOnStandardInputAndNowhereElse(t *testing.T) {
	said := filepath.Join(t.TempDir(), "said")
	p := cups.New(cups.Config{
		Environ: append(os.Environ(), "LANG=de_DE.UTF-8", "LC_MESSAGES=de_DE.UTF-8"),
		Find: programs(t, "echo scheduler is running; echo ward",
			`{ echo "$@"; env; cat; } > `+said+`; if (exec </dev/tty) 2>/dev/null; then echo has a terminal >> `+said+
				`; fi; echo 'request id is ward-1 (0 file(s))'`),
	})
	if job, err := p.Print(t.Context(), "ward", page()); err != nil || job != "ward-1" {
		t.Fatalf("Print = %q, %v, want ward-1", job, err)
	}
	b, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	if all := string(b); strings.Count(all, "Tess") != 1 || !strings.HasSuffix(all, string(page())) ||
		!strings.Contains(all, "-t Wardlight") ||
		strings.Contains(all, "de_DE") || !strings.Contains(all, "LC_ALL=C\n") {
		t.Errorf("lp's arguments, environment and input = %s", all)
	}
}

func TestEveryKindSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	codes := map[string]bool{}
	for _, k := range cups.Kinds() {
		e := &cups.Error{Kind: k, Queue: "ward"}
		if e.Sentence() == "ward: " || e.Advice() == "" || e.Code() == "" || codes[e.Code()] || k.String() == "" {
			t.Errorf("kind %d: error %v, advice %q, want texts and a unique code", k, e, e.Advice())
		}
		codes[e.Code()] = true
	}
}
