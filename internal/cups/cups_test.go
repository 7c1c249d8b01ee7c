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

// secret stands for what is on a page.
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
	if want := []cups.Queue{{Name: "ward", Default: true, State: cups.Idle}, {Name: "office", State: cups.Idle}}; err != nil || !slices.Equal(queues, want) {
		t.Fatalf("queues %v, error %v", queues, err)
	}
	job, err := p.Print(t.Context(), "ward", page())
	if err != nil || job != "ward-1" {
		t.Fatalf("job %q, error %v", job, err)
	}
	printed := s.Printed()
	if len(printed) != 1 || len(printed[0]) != 2 || !strings.Contains(printed[0][0], secret) ||
		!strings.Contains(printed[0][0], "NHS No. 999 000 0018 Bjørn Ünsal") || !strings.Contains(printed[0][1], "and a second page") {
		t.Errorf("on the paper stands %q", printed)
	}
	logged := false
	for name, content := range s.Kept() {
		logged = logged || strings.Contains(content, "Wardlight")
		for _, of := range []string{"Tess", "999 000", "9990000018", "EXAMPLE"} {
			if strings.Contains(content, of) || strings.Contains(name, of) {
				t.Errorf("%s holds %q", name, of)
			}
		}
	}
	if !logged {
		t.Error("nothing that CUPS keeps names the job: the search for what it should not keep proves nothing")
	}
}

func TestAPrinterThatIsDownIsSentNothing(t *testing.T) {
	s := cupstest.Start(t)
	p := cups.New(cups.Config{Environ: s.Env})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.NoQueue {
		t.Errorf("without a queue: %v", err)
	}
	for _, name := range []string{"stopped", "refusing", "well"} {
		s.AddPDF(name)
	}
	s.Do("cupsdisable", "stopped")
	s.Do("cupsreject", "refusing")
	for queue, want := range map[string]cups.Kind{
		"stopped": cups.PrinterStopped, "refusing": cups.NotAccepting, "nowhere": cups.UnknownQueue, "-o": cups.UnknownQueue, "well/x": cups.UnknownQueue, "": cups.UnknownQueue,
	} {
		if _, err := p.Print(t.Context(), queue, page()); cups.KindOf(err) != want {
			t.Errorf("to %q: %v, want %v", queue, err, want)
		}
	}
	s.Close("well")
	_, err := p.Print(t.Context(), "well", page())
	if cups.KindOf(err) != cups.Refused || strings.Contains(err.Error(), "Tess") || !strings.Contains(err.Error(), "It said:") {
		t.Errorf("a refused job: %v", err)
	}
	if all := s.Printed(); len(all) != 0 {
		t.Errorf("%d were printed", len(all))
	}
	s.Stop()
	if _, err := p.Print(t.Context(), "well", page()); cups.KindOf(err) != cups.NoService {
		t.Errorf("without the service: %v", err)
	}
	s.Run()
	if _, err := p.Queues(t.Context()); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}

func TestWithoutCUPSItIsSaidThatItIsNotInstalled(t *testing.T) {
	p := cups.New(cups.Config{Find: func(string) (string, error) { return "", errors.New("not here") }})
	if _, err := p.Print(t.Context(), "ward", page()); cups.KindOf(err) != cups.Missing || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("error is %v", err)
	}
}

func TestOnWindowsItIsSaidThatNothingIsPrinted(t *testing.T) {
	p := cups.New(cups.Config{Find: func(string) (string, error) { return "", &cups.Error{Kind: cups.NotOnWindows} }})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.NotOnWindows || err.Error() != "Wardlight does not print on Windows. (P13)" {
		t.Errorf("queues: %v", err)
	}
	if _, err := p.Print(t.Context(), "ward", page()); cups.KindOf(err) != cups.NotOnWindows {
		t.Errorf("a page: %v", err)
	}
}

// CUPS takes names that no terminal should be shown. They are not offered, the others are printed to byte for byte as
// CUPS names them.
func TestAQueueIsPrintedToByTheNameThatIsShownOrNotAtAll(t *testing.T) {
	s := cupstest.Start(t)
	p := cups.New(cups.Config{Environ: s.Env})
	hostile := []string{"ward\u202e", "zero\u200bwidth", "bytes\xff", "c1\u009b2J", "-o"}
	for _, name := range hostile {
		s.AddPDF(name)
	}
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.BadNames {
		t.Errorf("with names that cannot be shown alone: %v", err)
	}
	for _, name := range hostile {
		if _, err := p.Print(t.Context(), name, page()); cups.KindOf(err) != cups.BadNames {
			t.Errorf("to %q: %v", name, err)
		}
	}
	fine := []string{"Büro", "e\u0301tage", "病棟"}
	for _, name := range fine {
		s.AddPDF(name)
	}
	queues, err := p.Queues(t.Context())
	if len(queues) != len(fine) || err != nil {
		t.Fatalf("queues %v, error %v", queues, err)
	}
	for _, name := range hostile {
		if _, err := p.Print(t.Context(), name, page()); cups.KindOf(err) != cups.UnknownQueue || strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("to %q: %v", name, err)
		}
	}
	for _, q := range queues {
		if job, err := p.Print(t.Context(), q.Name, page()); !strings.HasPrefix(job, q.Name+"-") || err != nil {
			t.Errorf("to %q: job %q, error %v", q.Name, job, err)
		}
	}
	if n := len(s.Printed()); n != len(fine) {
		t.Errorf("%d were printed", n)
	}
}

// programs makes stand-ins of lpstat and lp, for what the real ones can't be made to do.
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
	p := cups.New(cups.Config{Environ: os.Environ(), Find: programs(t, never, ""), Most: 100 * time.Millisecond})
	if _, err := p.Queues(t.Context()); cups.KindOf(err) != cups.TimedOut {
		t.Errorf("the list: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	began := filepath.Join(t.TempDir(), "began")
	if err := syscall.Mkfifo(began, 0o600); err != nil {
		t.Fatal(err)
	}
	p = cups.New(cups.Config{Environ: os.Environ(), Find: programs(t, well, "echo > "+began+"; "+never), Most: time.Hour})
	go func() {
		_, _ = os.ReadFile(began) // waits for lp
		cancel()
	}()
	if _, err := p.Print(ctx, "ward", page()); cups.KindOf(err) != cups.Unsettled {
		t.Errorf("the page: %v", err)
	}
}

func TestThePageIsOnStandardInputAndNowhereElse(t *testing.T) {
	said := filepath.Join(t.TempDir(), "said")
	p := cups.New(cups.Config{
		Environ: append(os.Environ(), "LANG=de_DE.UTF-8", "LC_MESSAGES=de_DE.UTF-8"),
		Find: programs(t, "echo scheduler is running; echo ward",
			`{ echo "$@"; env; cat; } > `+said+`; if (exec </dev/tty) 2>/dev/null; then echo has a terminal >> `+said+`; fi; echo 'request id is ward-1 (0 file(s))'`),
	})
	if job, err := p.Print(t.Context(), "ward", page()); err != nil || job != "ward-1" {
		t.Fatalf("job %q, error %v", job, err)
	}
	b, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	if all := string(b); strings.Count(all, "Tess") != 1 || !strings.HasSuffix(all, string(page())) || !strings.Contains(all, "-t Wardlight") ||
		strings.Contains(all, "de_DE") || !strings.Contains(all, "LC_ALL=C\n") {
		t.Errorf("lp was given %s", all)
	}
}

func TestEveryKindSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	codes := map[string]bool{}
	for _, k := range cups.Kinds() {
		e := &cups.Error{Kind: k, Queue: "ward"}
		if e.Sentence() == "ward: " || e.Advice() == "" || e.Code() == "" || codes[e.Code()] || k.String() == "" {
			t.Errorf("kind %d: %v, %q", k, e, e.Advice())
		}
		codes[e.Code()] = true
	}
}
