package metrics

import (
	"context"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// alarmPrefix begins the message of a log line about which somebody has to do something.
const alarmPrefix = "ALARM: "

// WatchAlarms returns a handler that hands each record to next, and notes when each alarm was last logged. The label is
// the message, which is the same text each time: what differs from one alarm to the next is in its attributes.
func (m *Metrics) WatchAlarms(next slog.Handler) slog.Handler {
	last := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "alarm_timestamp_seconds",
		Help: "When the log last had this ALARM, in seconds since 1970.",
	}, []string{"alarm"})
	m.registry.MustRegister(last)
	return alarms{next, last}
}

// alarms is a handler of log records that notes the time of alarms.
type alarms struct {
	slog.Handler
	last *prometheus.GaugeVec
}

// Handle notes an alarm, and hands each record on.
func (a alarms) Handle(ctx context.Context, r slog.Record) error {
	if message, is := strings.CutPrefix(r.Message, alarmPrefix); is {
		a.last.WithLabelValues(message).Set(float64(r.Time.UnixMilli()) / 1000)
	}
	return a.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (a alarms) WithAttrs(attrs []slog.Attr) slog.Handler {
	a.Handler = a.Handler.WithAttrs(attrs)
	return a
}

// WithGroup implements slog.Handler.
func (a alarms) WithGroup(name string) slog.Handler {
	a.Handler = a.Handler.WithGroup(name)
	return a
}
