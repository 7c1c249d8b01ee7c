package cups_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/cups"
	"wardlight/internal/cups/cupstest"
)

// fast is a clock whose timers expire at once and advance it.
type fast struct{ now time.Time }

func (f *fast) Now() time.Time { return f.now }

func (f *fast) After(d time.Duration) <-chan time.Time {
	f.now = f.now.Add(d)
	over := make(chan time.Time, 1)
	over <- f.now
	return over
}

// patient is a timeout that is enough for any printer.
const patient = time.Minute

func TestAPageForAPrinterThatIsOffIsSaidToWaitAndCanBeCancelled(t *testing.T) {
	s := cupstest.Start(t)
	s.AddOff("ward")
	clock := &fast{}
	p := cups.New(cups.Config{Environ: s.Env, Clock: clock.Now, After: clock.After})
	queues, err := p.Queues(t.Context())
	if err != nil || len(queues) != 1 || queues[0].State != cups.Idle {
		t.Fatalf("Queues = %v, %v, want one idle queue", queues, err)
	}

	job, err := p.Print(t.Context(), "ward", page())
	if err != nil {
		t.Fatal(err)
	}

	err = p.Follow(t.Context(), job)
	var e *cups.Error
	if !errors.As(err, &e) || e.Kind != cups.Waiting || e.Queue != "ward" || e.Job != job ||
		strings.Contains(err.Error(), "Tess") {
		t.Fatalf("Follow error = %v, want kind Waiting for job %s", err, job)
	}

	if err := p.Cancel(t.Context(), job); err != nil || s.Jobs() != 0 {
		t.Errorf("Cancel error = %v, %d jobs left, want none", err, s.Jobs())
	}

	if err := p.Cancel(t.Context(), job); cups.KindOf(err) != cups.NotInQueue {
		t.Errorf("second Cancel error = %v, want kind Gone", err)
	}

	if err := p.Follow(t.Context(), job); cups.KindOf(err) != cups.Aborted {
		t.Errorf("Follow of a cancelled job: error = %v, want kind GivenUp", err)
	}
}

func TestAPageThatComesOutIsFollowedToItsEnd(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("a-ward-2")
	p := cups.New(cups.Config{Environ: s.Env, FollowTimeout: patient})
	job, err := p.Print(t.Context(), "a-ward-2", page())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Follow(t.Context(), job); err != nil {
		t.Errorf("Follow: %v", err)
	}
	if len(s.Printed()) != 1 {
		t.Error("the page was not printed")
	}
	if err := p.Cancel(t.Context(), job); cups.KindOf(err) != cups.NotInQueue {
		t.Errorf("Cancel of a printed page: error = %v, want kind Gone", err)
	}
}

func TestAPageThatThePrintServiceGivesUpIsSaidToBe(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	// The error policy of this queue is abort-job.
	s.Do("lpadmin", "-p", "ward", "-v", "socket://127.0.0.1:1/?contimeout=1")
	p := cups.New(cups.Config{Environ: s.Env, FollowTimeout: patient})
	job, err := p.Print(t.Context(), "ward", page())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Follow(t.Context(), job); cups.KindOf(err) != cups.Aborted {
		t.Errorf("Follow error = %v, want kind GivenUp", err)
	}
}

func TestAPrinterThatStopsWithThePageInItsQueueIsWaitedFor(t *testing.T) {
	s := cupstest.Start(t)
	s.AddOff("ward")
	clock := &fast{}
	p := cups.New(cups.Config{Environ: s.Env, Clock: clock.Now, After: clock.After})
	job, err := p.Print(t.Context(), "ward", page())
	if err != nil {
		t.Fatal(err)
	}
	s.Do("cupsdisable", "-r", "gone\x1b[2J home", "ward")
	err = p.Follow(t.Context(), job)
	if cups.KindOf(err) != cups.Waiting || strings.ContainsRune(err.Error(), '\x1b') ||
		!strings.Contains(err.Error(), "stopped") {
		t.Errorf("Follow error = %q, want kind Waiting with the reason", err)
	}
	queues, err := p.Queues(t.Context())
	if err != nil || queues[0].State != cups.Stopped || queues[0].Reason != "stopped" {
		t.Errorf("Queues = %+v, %v, want the queue stopped", queues, err)
	}
}

func TestAJobThatNobodyCanFollowIsNotSaidToHaveComeOut(t *testing.T) {
	clock := &fast{}
	for name, c := range map[string]struct{ job, lpstat string }{
		"no number":           {"", "exit 0"},
		"no job":              {"ward", "exit 0"},
		"an option":           {"-W-7", "exit 0"},
		"a service that left": {"ward-7", "echo 'lpstat: Connection refused' >&2; exit 1"},
	} {
		p := cups.New(cups.Config{Find: programs(t, c.lpstat, ""), Clock: clock.Now, After: clock.After})
		if err := p.Follow(t.Context(), c.job); cups.KindOf(err) != cups.OutcomeUnknown {
			t.Errorf("%s: Follow error = %v, want kind Unsettled", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := cups.New(cups.Config{Find: programs(t, "exit 0", "")})
	if err := p.Follow(ctx, "ward-7"); cups.KindOf(err) != cups.OutcomeUnknown {
		t.Errorf("Follow with a cancelled context: error = %v, want kind Unsettled", err)
	}
}

func TestWhatIsSaidOfAWaitingPage(t *testing.T) {
	const head = "echo 'scheduler is running'; echo 'printer ward now printing ward-7.  enabled since Tue'; "
	clock := &fast{}
	for said, want := range map[string]string{
		`printf '\tForm mounted:\n\tContent types: any\n\tAlerts: none\n'; printf 'ward-7 root 1024 Tue\n\tStatus: \n\tAlerts: job-printing\n'`:                        "ward: The page has not come out yet.",
		`printf '\tIt is \033[2Jaway.\n\tForm mounted:\n\tAlerts: none\n'; printf 'ward-7 root 1024 Tue\n'`:                                                            "ward: The page has not come out yet. It said: It is ␛[2Jaway.",
		`printf '\tIt is away.\n\tForm mounted:\n\tAlerts: media-empty-error\n'; printf 'ward-7 root 1024 Tue\n\tStatus: Nothing.\n'`:                                  "ward: The page has not come out yet. It said: the printer is out of paper.",
		`printf '\tForm mounted:\n\tAlerts: none\n'; printf 'ward-77 root 1 Tue\n\tStatus: Of another.\nward-7 root 1024 Tue\n\tStatus: The printer may not exist.\n'`: "ward: The page has not come out yet. It said: The printer may not exist.",
	} {
		p := cups.New(cups.Config{
			Environ: []string{"PATH=/usr/bin:/bin"}, Find: programs(t, head+said, ""),
			Clock: clock.Now, After: clock.After,
		})
		var e *cups.Error
		if err := p.Follow(t.Context(), "ward-7"); !errors.As(err, &e) || e.Kind != cups.Waiting ||
			e.Sentence() != want {
			t.Errorf("Follow error = %v, want %q", err, want)
		}
	}
}

func TestWithoutARecordOfJobsAPageIsOutUnlessSomethingIsWrong(t *testing.T) {
	clock := &fast{}
	for alerts, out := range map[string]bool{"none": true, "media-jam-error": false} {
		find := programs(t, `case "$*" in *"-W completed"*) exit;; esac
			echo 'scheduler is running'; echo 'printer ward is idle.  enabled'; printf '\tForm mounted:\n\tAlerts: `+alerts+`\n'`, "")
		p := cups.New(cups.Config{
			Environ: []string{"PATH=/usr/bin:/bin"}, Find: find, Clock: clock.Now,
			After: clock.After,
		})
		if err := p.Follow(t.Context(), "ward-7"); err == nil != out || err != nil &&
			cups.KindOf(err) != cups.OutcomeUnknown {
			t.Errorf("alerts %s: Follow error = %v, want printed %v", alerts, err, out)
		}
	}
}
