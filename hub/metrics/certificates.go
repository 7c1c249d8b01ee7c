package metrics

import (
	"crypto/x509"

	"github.com/prometheus/client_golang/prometheus"

	"wardlight/internal/text"
)

// Certificate is a certificate in use, with the setting that contains it.
type Certificate struct {
	Setting string // "tls.certificate_file"
	*x509.Certificate
}

// maxSubject is the maximum length of a certificate's name in a label.
const maxSubject = 256

// WatchCertificates adds the end of each certificate in use. inUse is called for each scrape.
func (m *Metrics) WatchCertificates(inUse func() []Certificate) {
	m.registry.MustRegister(&ends{inUse: inUse, end: describe("certificate_end_timestamp_seconds",
		"When a certificate in use expires, in seconds since 1970.", "setting", "subject", "serial")})
}

// ends is a collector that reads the certificates.
type ends struct {
	inUse func() []Certificate
	end   *prometheus.Desc
}

// Describe implements [prometheus.Collector].
func (e *ends) Describe(to chan<- *prometheus.Desc) { to <- e.end }

// Collect implements [prometheus.Collector]. It reports a certificate that occurs in two files only once.
func (e *ends) Collect(to chan<- prometheus.Metric) {
	given := make(map[[3]string]bool)
	for _, c := range e.inUse() {
		labels := [3]string{c.Setting, text.Clean(c.Subject.String(), maxSubject), c.SerialNumber.Text(16)}
		if given[labels] {
			continue
		}
		given[labels] = true
		to <- prometheus.MustNewConstMetric(e.end, prometheus.GaugeValue, float64(c.NotAfter.Unix()), labels[:]...)
	}
}
