// Package metrics counts the hub's events for Prometheus. Its labels are routes, methods, statuses, outcomes, the codes
// of answers to uploads, the names of the certificates of the hub and of CAs, those of witnesses, the names of national
// services, and the messages of alarms. They contain no input of users, and no data of patients or persons.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wardlight/hub/national"
	"wardlight/hub/upload"
)

const namespace = "wardlight_hub"

// Buckets of the histograms: seconds of a request and of a commit, from a read in memory to the longest answer;
// entries of a commit, up to the writer's maximum.
var (
	seconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	entries = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
)

// Metrics has the metrics of a hub. It is a hub.Observer.
type Metrics struct {
	registry *prometheus.Registry

	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	many      prometheus.Counter
	unchecked prometheus.Counter
	uploads   *prometheus.CounterVec
	witnesses *prometheus.CounterVec
	national  *prometheus.CounterVec

	commits       *prometheus.CounterVec
	commitEntries prometheus.Histogram
	commitSeconds prometheus.Histogram
	auditLast     prometheus.Gauge
	auditCut      prometheus.Gauge
}

// New returns the metrics of a hub of that version, with their own registry.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "request_duration_seconds", Help: "Time to answer a request.", Buckets: seconds,
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "requests_in_flight", Help: "Requests in progress.",
		}),
		unchecked: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "alerts_unchecked_total",
			Help: "Requests about a child's alert that were answered with could not check.",
		}),
		many: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "many_patients_total",
			Help: "Times that a person received answers about more patients in an hour than limits.patients_person " +
				"allows.",
		}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "uploads_total",
			Help: "Files of local authorities that were answered, by the answer's code.",
		}, []string{"code"}),
		witnesses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "witness_requests_total",
			Help: "Requests to witnesses for a signature of a checkpoint of the audit's tree.",
		}, []string{"witness", "outcome"}),
		national: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "national_requests_total",
			Help: "Requests to national services, by what came of them.",
		}, []string{"service", "result"}),
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "audit_commits_total", Help: "Transactions of the ledger.",
		}, []string{"outcome"}),
		commitEntries: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "audit_commit_entries", Help: "Audit records in one transaction.",
			Buckets: entries,
		}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "audit_commit_duration_seconds", Help: "Time until a transaction was durable.",
			Buckets: seconds,
		}),
		auditLast: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "audit_last_record",
			Help: "Number of the last audit record at the last look, about once a second.",
		}),
		auditCut: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "audit_cut",
			Help: "1 if the hub has found that records at the end of the audit were cut off or rewritten, else 0.",
		}),
	}

	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	})

	build.Set(1)
	for _, outcome := range []string{stored, failed} {
		m.commits.WithLabelValues(outcome) // so that the first failure increases the counter
	}

	for _, code := range []upload.FileCode{
		upload.Corrupt, upload.AllAccepted, upload.PartlyAccepted, upload.NoneAccepted, upload.PDSDown,
		upload.NotSupported,
	} {
		m.uploads.WithLabelValues(string(code))
	}

	m.registry.MustRegister(m.requests, m.durations, m.inFlight, m.many, m.unchecked, m.uploads, m.witnesses,
		m.national, m.commits, m.commitEntries, m.commitSeconds, m.auditLast, m.auditCut, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	return m
}

// Outcomes of a commit, and of a request to a witness.
const (
	stored = "stored"
	signed = "signed"
	failed = "failed"
)

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Started counts a request that has arrived.
func (m *Metrics) Started() { m.inFlight.Inc() }

// Answered counts a request that has been answered.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	m.inFlight.Dec()
	route = routeOf(route)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(took.Seconds())
}

// AlertUnchecked counts a child's alert that could not be checked.
func (m *Metrics) AlertUnchecked() { m.unchecked.Inc() }

// ManyPatients counts a person who was answered about many patients.
func (m *Metrics) ManyPatients() { m.many.Inc() }

// Uploaded counts a file of a local authority by the code of its answer.
func (m *Metrics) Uploaded(code string) { m.uploads.WithLabelValues(code).Inc() }

// ExpectWitness adds a witness, so that the first failure is an increase.
func (m *Metrics) ExpectWitness(name string) {
	for _, outcome := range []string{signed, failed} {
		m.witnesses.WithLabelValues(name, outcome)
	}
}

// Witnessed counts a request to a witness.
func (m *Metrics) Witnessed(name string, err error) {
	outcome := signed
	if err != nil {
		outcome = failed
	}
	m.witnesses.WithLabelValues(name, outcome).Inc()
}

// ExpectNational adds a national service, so that the first failure is an increase.
func (m *Metrics) ExpectNational(service string) {
	for _, result := range national.Results() {
		m.national.WithLabelValues(service, result)
	}
}

// AskedNational counts a request to a national service.
func (m *Metrics) AskedNational(service, result string) {
	m.national.WithLabelValues(service, result).Inc()
}

// Expect adds a route that is served, with a success and the failures of the hub's own, so that the first of them is an
// increase.
func (m *Metrics) Expect(method, path string) {
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		m.requests.WithLabelValues(method, path, strconv.Itoa(status))
	}
	m.durations.WithLabelValues(path)
}

// Committed counts a transaction of the ledger.
func (m *Metrics) Committed(entries int, took time.Duration, err error) {
	outcome := stored
	if err != nil {
		outcome = failed
	}
	m.commits.WithLabelValues(outcome).Inc()
	m.commitEntries.Observe(float64(entries))
	m.commitSeconds.Observe(took.Seconds())
}

// LookedAtAudit notes the last audit record, and whether the end of the audit is intact.
func (m *Metrics) LookedAtAudit(last int64, intact bool) {
	m.auditLast.Set(float64(last))
	m.auditCut.Set(0)
	if !intact {
		m.auditCut.Set(1)
	}
}

// routeOf returns a pattern without its method, or "none" if there is no pattern.
func routeOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	switch pattern {
	case "", "/":
		return "none"
	}
	return pattern
}
