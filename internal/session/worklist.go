package session

import (
	"context"
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

// CheckPatient requests the record and the lamp of the row's NHS number concurrently, and compares the row with the
// record ([worklist.ResultOf]). It notifies nobody. If a request fails or the session has ended, the lamp in the
// result is could not check, with the error. The row must have a number.
func (d *Manager) CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result {
	type answer struct {
		record client.Patient
		err    error
	}
	came := make(chan answer, 1)
	go func() {
		record, err := d.Patient(ctx, p.Number)
		if errors.Is(err, ErrNoSession) {
			err = &client.Error{Kind: client.SignedOut, Err: err}
		}
		came <- answer{record, err}
	}()
	lamp := d.Lamp(ctx, p.Number)
	a := <-came
	if a.err == nil && a.record.Number != p.Number && lamp.State != client.Alert {
		// The number was superseded. Only the answer for the current number can show that nothing is recorded.
		lamp = d.Lamp(ctx, a.record.Number)
	}
	return worklist.ResultOf(p, a.record, a.err, lamp, nhs.DateOf(d.cfg.Clock()))
}

// Worklist asks the hub about the patients of one list. Screens call its methods one by one; commands call
// [Worklist.Run].
type Worklist struct {
	List    *worklist.Check
	Checker interface { // implemented by *Desk
		CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result
	}
	// Probe checks whether the hub can be reached. If it is nil, the next patient is tried instead.
	Probe func(ctx context.Context) error
}

// ListJob is a request to the hub. Pass its reply to [Worklist.HandleReply].
type ListJob struct {
	Probe bool // a probe of the hub, not a patient
	Do    func(ctx context.Context) ListReply
}

// ListReply is the result of a ListJob.
type ListReply struct {
	Index  int // index of the row in the list
	Result worklist.Result
	Probe  bool  // the reply to a probe
	Err    error // the error of the probe
}

// Next returns the requests to make now, concurrently, and the time after which to call it again if no reply arrives;
// 0 means only after a reply. Call it again after each reply.
func (w *Worklist) Next(now time.Time) ([]ListJob, time.Duration) {
	step := w.List.Next(now)
	var jobs []ListJob
	for _, at := range step.Ask {
		p, sessions := w.List.Patient(at), w.Checker
		jobs = append(jobs, ListJob{Do: func(ctx context.Context) ListReply {
			return ListReply{Index: at, Result: sessions.CheckPatient(ctx, p)}
		}})
	}
	if step.Probe {
		probe := w.Probe
		jobs = append(jobs, ListJob{Probe: true, Do: func(ctx context.Context) ListReply {
			if probe == nil {
				return ListReply{Probe: true}
			}
			return ListReply{Probe: true, Err: probe(ctx)}
		}})
	}
	return jobs, step.Wait
}

// HandleReply records a reply. It reports whether the hub has answered about a patient.
func (w *Worklist) HandleReply(r ListReply, now time.Time) bool {
	if r.Probe {
		w.List.RecordProbe(r.Err, now)
		return false
	}
	w.List.RecordResult(r.Index, r.Result, now)
	return w.List.Answer(r.Index).Known()
}

// cancelled reports whether the request was cancelled, so that the reply must be ignored. An alert whose record was
// cancelled counts as an answer.
func (r ListReply) cancelled() bool {
	return client.KindOf(errors.Join(r.Err, r.Result.Lamp.Err)) == client.Cancelled
}

// ListRun configures [Worklist.Run]. All fields except HubTimeout are required.
type ListRun struct {
	Clock func() time.Time
	// HubTimeout is how long to wait for a hub that does not answer; 0 means not at all.
	HubTimeout time.Duration
	OnChange   func()                 // called after replies
	OnHubDown  func(*worklist.Reason) // is called when the hub stops answering
}

// Run asks about all patients and returns nil when all are answered. Otherwise it returns why it ended: ctx's error, a
// *client.Error of kind Unreachable if the hub did not answer for HubTimeout, or the error that stopped the check
// ([worklist.Check.Fault]). Patients still being asked about are then not checked.
func (w *Worklist) Run(ctx context.Context, run ListRun) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	defer w.List.Abandon()
	r := &listLoop{Worklist: w, run: run}
	replies := make(chan ListReply, worklist.MaxConcurrent+1) // buffered, so that replies after the end do not block
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()

	for {
		jobs, wait := w.Next(run.Clock())
		for _, job := range jobs {
			go func() { replies <- job.Do(asking) }()
		}

		if over, err := r.finished(); over {
			for range w.List.PendingCount() { // wait for their answers, because the hub has recorded the requests
				r.take(ctx, <-replies)
			}
			return err
		}

		var due <-chan time.Time
		if wait = r.capped(wait); wait > 0 {
			timer.Reset(wait)
			due = timer.C
		}

		came := false
		select {
		case <-ctx.Done():
		case <-due:
		case got := <-replies:
			r.take(ctx, got)
			came = true
		}

		for range len(replies) { // handle replies that arrived together before calling OnChange
			r.take(ctx, <-replies)
			came = true
		}

		if ctx.Err() != nil {
			return ctx.Err()
		}

		if came {
			run.OnChange()
		}
	}
}

// listLoop is the state of [Worklist.Run].
type listLoop struct {
	*Worklist
	run  ListRun
	down time.Time // when the hub stopped answering; zero while it answers
}

func (r *listLoop) take(ctx context.Context, got ListReply) {
	if ctx.Err() != nil && got.cancelled() {
		return
	}
	if r.HandleReply(got, r.run.Clock()) {
		r.down = time.Time{}
	}
}

// capped returns wait, or the rest of HubTimeout if that is shorter.
func (r *listLoop) capped(wait time.Duration) time.Duration {
	if wait > 0 && !r.down.IsZero() {
		return max(time.Millisecond, min(wait, r.run.HubTimeout-r.run.Clock().Sub(r.down)))
	}
	return wait
}

// finished reports whether the run has ended, and returns the error if patients are left.
func (r *listLoop) finished() (bool, error) {
	condition, why := r.List.Condition()
	switch condition {
	case worklist.Done:
		return true, nil
	case worklist.Stopped:
		return true, r.List.Fault()
	case worklist.HubDown:
		if r.down.IsZero() {
			r.down = r.run.Clock()
			r.run.OnHubDown(why)
		}
		if r.run.Clock().Sub(r.down) >= r.run.HubTimeout {
			return true, &client.Error{Kind: client.Unreachable, Detail: "The hub did not come back: " + why.Sentence}
		}
	case worklist.Asking, worklist.Slowed:
	}
	return false, nil
}
