package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wardlight/hub/store"
)

// askTimeout is the timeout of reading the store for a scrape.
const askTimeout = 2 * time.Second

// Store is the part of the store that is read for each scrape.
type Store interface {
	Backlog(ctx context.Context) (store.Backlog, error)
	AlertBacklog(ctx context.Context) (store.Backlog, error)
	CountSessions(ctx context.Context, now time.Time) (int, error)
	Ready(ctx context.Context) error
}

// Watch adds metrics of the store. If a value can't be read, the scrape doesn't contain it, rather than 0.
func (m *Metrics) Watch(ledger Store, clock func() time.Time) {
	m.registry.MustRegister(&watched{
		store: ledger, clock: clock,
		waiting: describe("outbox_waiting", "Notifications waiting to be delivered."),
		oldest:  describe("outbox_oldest_seconds", "Age of the oldest waiting notification; 0 if none is waiting."),
		dead:    describe("outbox_dead", "Notifications that were refused or abandoned."),
		lost:    describe("outbox_undelivered", "Notifications that MESH accepted but did not deliver."),
		alertsWaiting: describe("privacy_alerts_waiting",
			"Privacy alerts waiting to be sent to the national service."),
		alertsOldest: describe("privacy_alerts_oldest_seconds",
			"Age of the oldest waiting privacy alert; 0 if none is waiting."),
		alertsAbandoned: describe("privacy_alerts_abandoned",
			"Privacy alerts that were given up, and that no privacy officer has closed."),
		sessions: describe("sessions_live", "Active sessions: neither ended nor expired."),
		ready:    describe("store_ready", "1 if the databases can be read and the ledger can be written, else 0."),
		time:     describe("time_seconds", "The hub's clock, in seconds since 1970."),
	})
}

// describe returns the description of the metric with a name, without the namespace, and with labels.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// watched is a collector that reads the store.
type watched struct {
	store                                              Store
	clock                                              func() time.Time
	waiting, oldest, dead, lost, sessions, ready, time *prometheus.Desc
	alertsWaiting, alertsOldest, alertsAbandoned       *prometheus.Desc
}

// Describe implements [prometheus.Collector].
func (w *watched) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		w.waiting, w.oldest, w.dead, w.lost, w.sessions, w.ready, w.time, w.alertsWaiting, w.alertsOldest,
		w.alertsAbandoned,
	} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (w *watched) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64) { to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	now := w.clock()
	gauge(w.time, float64(now.UnixMilli())/1000)

	if b, err := w.store.Backlog(ctx); err == nil {
		gauge(w.waiting, float64(b.Waiting))
		gauge(w.dead, float64(b.Buried))
		gauge(w.lost, float64(b.Undelivered))
		gauge(w.oldest, secondsSince(b.Oldest, now))
	}

	if b, err := w.store.AlertBacklog(ctx); err == nil {
		gauge(w.alertsWaiting, float64(b.Waiting))
		gauge(w.alertsAbandoned, float64(b.Buried))
		gauge(w.alertsOldest, secondsSince(b.Oldest, now))
	}

	if n, err := w.store.CountSessions(ctx, now); err == nil {
		gauge(w.sessions, float64(n))
	}

	ready := 1.0
	if w.store.Ready(ctx) != nil {
		ready = 0
	}

	gauge(w.ready, ready)
}

// secondsSince returns the age of what was created at that time, or 0 for the zero time.
func secondsSince(created, now time.Time) float64 {
	if created.IsZero() {
		return 0
	}
	return now.Sub(created).Seconds()
}
