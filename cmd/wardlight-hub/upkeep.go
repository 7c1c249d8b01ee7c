package main

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"wardlight/hub/metrics"
)

// monitor manages files named in the settings that are reloaded when they change, and certificates that expire. The
// cards' files are managed by cards.Keeper.
type monitor struct {
	clock func() time.Time
	log   *slog.Logger

	looks []func(context.Context)
	inUse []func() []metrics.Certificate
}

func newMonitor(log *slog.Logger) *monitor { return &monitor{clock: time.Now, log: log} }

// renew adds a certificate that is reloaded from disk, and monitors its expiry.
func (u *monitor) renew(setting string, r *certificateFile) {
	u.looks = append(u.looks, r.reloadIfChanged)
	u.follow(setting, r.chain)
}

// watch adds certificates that stay in use until the hub stops.
func (u *monitor) watch(setting string, all []*x509.Certificate) {
	u.follow(setting, func() []*x509.Certificate { return all })
}

// follow adds the certificates of a setting. now returns the current ones.
func (u *monitor) follow(setting string, now func() []*x509.Certificate) {
	u.inUse = append(u.inUse, func() []metrics.Certificate {
		var all []metrics.Certificate
		for _, c := range now() {
			all = append(all, metrics.Certificate{Setting: setting, Certificate: c})
		}
		return all
	})
}

// certificates returns all certificates in use, with their settings.
func (u *monitor) certificates() []metrics.Certificate {
	var all []metrics.Certificate
	for _, now := range u.inUse {
		all = append(all, now()...)
	}
	return all
}
