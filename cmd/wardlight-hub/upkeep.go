package main

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"wardlight/hub/metrics"
)

// upkeep is what the settings name and the hub looks after while it runs: files that are read again when they change,
// and certificates that end. The cards' files have a keeper of their own.
type upkeep struct {
	clock func() time.Time
	log   *slog.Logger

	looks []func(context.Context)
	inUse []func() []metrics.Certificate
}

func newUpkeep(log *slog.Logger) *upkeep { return &upkeep{clock: time.Now, log: log} }

// renew looks after a certificate that is renewed on disk, and its end.
func (u *upkeep) renew(setting string, r *renewable) {
	u.looks = append(u.looks, r.look)
	u.follow(setting, r.chain)
}

// watch notes certificates, which stay in use until the hub stops.
func (u *upkeep) watch(setting string, all []*x509.Certificate) {
	u.follow(setting, func() []*x509.Certificate { return all })
}

// follow notes the certificates of a setting, as they are at the time.
func (u *upkeep) follow(setting string, now func() []*x509.Certificate) {
	u.inUse = append(u.inUse, func() []metrics.Certificate {
		var all []metrics.Certificate
		for _, c := range now() {
			all = append(all, metrics.Certificate{Setting: setting, Certificate: c})
		}
		return all
	})
}

// certificates returns all that are in use, with the setting that each belongs to.
func (u *upkeep) certificates() []metrics.Certificate {
	var all []metrics.Certificate
	for _, now := range u.inUse {
		all = append(all, now()...)
	}
	return all
}
