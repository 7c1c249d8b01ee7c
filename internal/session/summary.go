package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// ViewSummary views the patient's Summary Care Record, which the hub records with its permission. If the request fails,
// or the session has ended, the state says so and the error is set.
//
// A view without the patient's permission makes a privacy alert. If its answer does not arrive, another one of the same
// patient for the same reason, by the same person in the same role, uses the same request id for [OpeningTTL], as an
// opening does. The hub then makes one alert of both.
func (d *Manager) ViewSummary(ctx context.Context, n nhs.Number, v client.SummaryView) client.Summary {
	if problem := v.Lacks(); problem != "" {
		return client.UnviewedSummary(n, &client.Error{Kind: client.BadRequest, Detail: problem})
	}

	view := func(o *openingAttempt) (client.Summary, error) {
		return ask(ctx, d, v.Action(), func(ctx context.Context, as *client.Acting) (client.Summary, error) {
			if o == nil {
				return as.ViewSummary(ctx, n, v, ""), nil
			}
			o.start(summaryKey(as, n, v))
			s := as.ViewSummary(ctx, n, v, o.id)
			o.err = s.Err
			return s, s.Err
		})
	}

	var s client.Summary
	var err error
	if v.Alerts() {
		d.addPending() // Wait must wait until the id is stored or removed
		defer d.donePending()
		o := &openingAttempt{sessions: d, ctx: context.WithoutCancel(ctx), stored: make(chan struct{})}
		s, err = view(o)
		err = o.finish(err)
	} else {
		s, err = view(nil)
	}

	var failed *client.Error
	switch {
	case errors.Is(err, ErrNoSession):
		return client.UnviewedSummary(n, &client.Error{Kind: client.SignedOut, Err: err})
	case errors.As(err, &failed):
		return client.UnviewedSummary(n, failed)
	}
	return s
}

// summaryKey returns a hash of what identifies a view without the patient's permission.
func summaryKey(as *client.Acting, n nhs.Number, v client.SummaryView) string {
	sum := sha256.Sum256([]byte("summary\n" + as.Person().UUID + "\n" + as.Role().URID + "\n" + n.Digits() + "\n" +
		v.Key()))
	return hex.EncodeToString(sum[:])
}

// PrivacyAlerts lists the privacy alerts of the role's organisation. Errors are *client.Error or [ErrNoSession].
func (d *Manager) PrivacyAlerts(ctx context.Context, q client.AlertQuery) (client.PrivacyAlerts, error) {
	return ask(ctx, d, rbac.ReadPrivacyAlerts, func(ctx context.Context, as *client.Acting) (client.PrivacyAlerts,
		error,
	) {
		return as.PrivacyAlerts(ctx, q)
	})
}

// CloseAlert closes a privacy alert with a note. Errors are *client.Error or [ErrNoSession].
func (d *Manager) CloseAlert(ctx context.Context, id, note string) (client.PrivacyAlert, error) {
	return ask(ctx, d, rbac.ReadPrivacyAlerts, func(ctx context.Context, as *client.Acting) (client.PrivacyAlert,
		error,
	) {
		return as.CloseAlert(ctx, id, note)
	})
}
