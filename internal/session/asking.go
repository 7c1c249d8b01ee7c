package session

import (
	"context"
	"errors"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Choose selects the role for the following calls. It returns [ErrNoSession] if the person does not have that role, or
// nobody is signed in.
func (d *Manager) Choose(urid string) error {
	err := ErrNoSession
	d.ifCurrent(d.current(), func() {
		if d.cardSession.session == nil {
			return
		}
		role, refused := d.cardSession.session.As(urid)
		if refused != nil {
			return
		}
		d.cardSession.role, err = role, nil
	})
	return err
}

// Find searches for patients. Errors are *client.Error or [ErrNoSession].
func (d *Manager) Find(ctx context.Context, q client.Query) (client.Found, error) {
	return ask(ctx, d, rbac.TracePatient, func(ctx context.Context, as *client.Acting) (client.Found, error) {
		return as.Search(ctx, q)
	})
}

// Patient retrieves a record. Errors are *client.Error or [ErrNoSession].
func (d *Manager) Patient(ctx context.Context, n nhs.Number) (client.Patient, error) {
	return ask(ctx, d, rbac.TracePatient, func(ctx context.Context, as *client.Acting) (client.Patient, error) {
		return as.Retrieve(ctx, n)
	})
}

// Lamp asks whether there is an alert, and other flags that the role may see, which notifies nobody. If the request
// fails or the session has ended, the state of the lamp is client.CouldNotCheck, with the error.
func (d *Manager) Lamp(ctx context.Context, n nhs.Number) client.Lamp {
	lamp, err := ask(ctx, d, rbac.SeeFlags, func(ctx context.Context, as *client.Acting) (client.Lamp, error) {
		return as.Lamp(ctx, n), nil
	})
	if errors.Is(err, ErrNoSession) {
		err = &client.Error{Kind: client.SignedOut, Err: err}
	}
	if err != nil {
		return client.Lamp{Number: n, State: client.CouldNotCheck, Err: err}
	}
	return lamp
}

// Report makes a privacy officer's report. Errors are *client.Error or [ErrNoSession].
func (d *Manager) Report(ctx context.Context, q client.ReportQuery) (client.Report, error) {
	return ask(ctx, d, rbac.MakePrivacyReport, func(ctx context.Context, as *client.Acting) (client.Report, error) {
		return as.Report(ctx, q)
	})
}

// Receipt returns the receipt of the check or opening with that request id. Errors are *client.Error or [ErrNoSession].
func (d *Manager) Receipt(ctx context.Context, requestID string) (client.Receipt, error) {
	return ask(ctx, d, rbac.ReadAccessList, func(ctx context.Context, as *client.Acting) (client.Receipt, error) {
		return as.Receipt(ctx, requestID)
	})
}

// acting returns the current card session and its chosen role, [ErrNoSession], or a *client.Error of kind Cancelled if
// ctx has ended.
func (d *Manager) acting(ctx context.Context) (*cardSession, *client.Acting, error) {
	var role *client.Acting
	s, err := d.currentFor(ctx, func(s *cardSession) { role = s.role })
	if err == nil && role == nil {
		err = ErrNoSession
	}
	return s, role, err
}

// ask makes a call in the chosen role. An action that the role does not allow is refused here with the reason of rbac,
// without a request; the hub checks again. If the card session ends meanwhile, ask returns [ErrNoSession] and drops
// the answer.
func ask[T any](ctx context.Context, d *Manager, action rbac.Action, call func(context.Context, *client.Acting) (T,
	error),
) (T, error) {
	var none T
	s, as, err := d.acting(ctx)
	if err != nil {
		return none, err
	}
	if decision := rbac.Decide(as.Role(), action); !decision.Allowed {
		return none, NotAllowed(decision)
	}
	ctx, stop := s.within(ctx)
	defer stop()
	value, err := call(ctx, as)
	if !d.ifCurrent(s, nil) {
		return none, ErrNoSession
	}
	if err != nil {
		return none, err
	}
	return value, nil
}

// NotAllowed converts a refusal by rbac to the error of a refusal by the hub. It has no HTTP status, because no
// request was sent.
func NotAllowed(d rbac.Decision) *client.Error { return client.NotAllowedBy(d) }
