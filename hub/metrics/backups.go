package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// WatchBackups adds when the last backup was started, and how old it may be. last is called at each scrape: the zero
// time means that there is none, and after an error the time is left out of that scrape.
func (m *Metrics) WatchBackups(last func() (time.Time, error), maxAge time.Duration) {
	m.registry.MustRegister(&backups{
		read: last, maxAge: maxAge,
		last: describe("backup_timestamp_seconds",
			"When the last backup was started, in seconds since 1970; 0 where there is none."),
		max: describe("backup_max_age_seconds", "How old the last backup may be: backup.max_age."),
	})
}

// backups looks for the last backup when it is scraped.
type backups struct {
	read      func() (time.Time, error)
	maxAge    time.Duration
	last, max *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (b *backups) Describe(to chan<- *prometheus.Desc) { to <- b.last; to <- b.max }

// Collect implements prometheus.Collector.
func (b *backups) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(b.max, prometheus.GaugeValue, b.maxAge.Seconds())
	last, err := b.read()
	if err != nil {
		return
	}
	seconds := 0.0
	if !last.IsZero() {
		seconds = float64(last.Unix())
	}
	to <- prometheus.MustNewConstMetric(b.last, prometheus.GaugeValue, seconds)
}
