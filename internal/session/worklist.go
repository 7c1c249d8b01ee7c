package session

import (
	"context"
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

// CheckPatient asks for the record and the lamp of the line's NHS number at the same time, and compares the line with
// the record ([worklist.ResultOf]). It notifies nobody. It has no error of its own: a failure, and a session that is
// over, is a lamp that could not be checked. The line must have a number.
func (d *Desk) CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result {
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
		// Superseded: no answer by the old number says that nothing is recorded under the current one.
		lamp = d.Lamp(ctx, a.record.Number)
	}
	return worklist.ResultOf(p, a.record, a.err, lamp, nhs.DateOf(d.cfg.Clock()))
}

// Worklist asks the hub about the patients of one list. The screens call its methods one by one; a command calls
// [Worklist.Run].
type Worklist struct {
	List *worklist.Check
	Desk interface { // *Desk
		CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result
	}
	// Probe looks whether the hub can be reached. Where it is nil, the next patient shows it.
	Probe func(ctx context.Context) error
}

// ListJob is a question to the hub, whose reply [Worklist.Take] handles.
type ListJob struct {
	Probe bool // it is whether the hub can be reached
	Do    func(ctx context.Context) ListReply
}

// ListReply is what came of a ListJob.
type ListReply struct {
	At     int // the place of the line in the list
	Result worklist.Result
	Probe  bool  // it is about whether the hub can be reached, and no line
	Err    error // of the probe
}

// Next returns the questions to ask now, all at the same time, and how long until there are more when no reply comes
// before; 0 is until a reply comes. It is called again after each reply.
func (w *Worklist) Next(now time.Time) ([]ListJob, time.Duration) {
	step := w.List.Next(now)
	var jobs []ListJob
	for _, at := range step.Ask {
		p, desk := w.List.Patient(at), w.Desk
		jobs = append(jobs, ListJob{Do: func(ctx context.Context) ListReply {
			return ListReply{At: at, Result: desk.CheckPatient(ctx, p)}
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

// Take handles a reply, and reports whether it is an answer of the hub about a patient.
func (w *Worklist) Take(r ListReply, now time.Time) bool {
	if r.Probe {
		w.List.Probed(r.Err, now)
		return false
	}
	w.List.TakeResult(r.At, r.Result, now)
	return w.List.Answer(r.At).Known()
}

// cancelled reports whether the reply was cut off: it says nothing of the patient or of the hub. An alert whose
// record was cut off is an answer.
func (r ListReply) cancelled() bool {
	return client.KindOf(errors.Join(r.Err, r.Result.Lamp.Err)) == client.Cancelled
}

// ListRun is how [Worklist.Run] runs. All fields but HubTimeout are required.
type ListRun struct {
	Clock func() time.Time
	// HubTimeout is for how long to look for a hub that does not answer; 0 is not at all.
	HubTimeout time.Duration
	Changed    func()                 // is called after replies, with the list as it stands
	HubDown    func(*worklist.Reason) // is called when the hub stops answering
}

// Run asks until nobody is left, and returns nil, or why it ended before: ctx's error, a hub that did not come back
// as a *client.Error of the kind Unreachable, or what stopped the check ([worklist.Check.Fault]). Whoever is still
// being asked about then is not checked.
func (w *Worklist) Run(ctx context.Context, run ListRun) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	defer w.List.Abandon()
	r := &listLoop{Worklist: w, run: run}
	replies := make(chan ListReply, worklist.AtOnce+1) // a reply that comes after the end waits for nobody
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		jobs, wait := w.Next(run.Clock())
		for _, job := range jobs {
			go func() { replies <- job.Do(asking) }()
		}
		if over, err := r.over(); over {
			for range w.List.Asked() { // their answers are on the way, and the hub has recorded them
				r.take(ctx, <-replies)
			}
			return err
		}
		var due <-chan time.Time
		if wait = r.atMost(wait); wait > 0 {
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
		for range len(replies) { // what came together is kept together
			r.take(ctx, <-replies)
			came = true
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if came {
			run.Changed()
		}
	}
}

// listLoop is one Run.
type listLoop struct {
	*Worklist
	run  ListRun
	down time.Time // since when the hub has not answered; zero while it does
}

func (r *listLoop) take(ctx context.Context, got ListReply) {
	if ctx.Err() != nil && got.cancelled() {
		return
	}
	if r.Take(got, r.run.Clock()) {
		r.down = time.Time{}
	}
}

// atMost returns a wait that does not exceed the HubTimeout.
func (r *listLoop) atMost(wait time.Duration) time.Duration {
	if wait > 0 && !r.down.IsZero() {
		return max(time.Millisecond, min(wait, r.run.HubTimeout-r.run.Clock().Sub(r.down)))
	}
	return wait
}

// over reports whether there is nothing more to do, and why where somebody is left.
func (r *listLoop) over() (bool, error) {
	condition, why := r.List.Condition()
	switch condition {
	case worklist.Done:
		return true, nil
	case worklist.Stopped:
		return true, r.List.Fault()
	case worklist.HubDown:
		if r.down.IsZero() {
			r.down = r.run.Clock()
			r.run.HubDown(why)
		}
		if r.run.Clock().Sub(r.down) >= r.run.HubTimeout {
			return true, &client.Error{Kind: client.Unreachable, Detail: "The hub did not come back: " + why.Sentence}
		}
	case worklist.Asking, worklist.Slowed:
	}
	return false, nil
}
