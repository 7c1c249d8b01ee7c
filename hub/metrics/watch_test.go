package metrics_test

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/hub/metrics"
)

func TestWatchAlarms(t *testing.T) {
	var out strings.Builder
	m := metrics.New("v1")
	log := slog.New(m.WatchAlarms(slog.NewTextHandler(&out, nil)))
	log.Error("The books did not close.")
	log.Debug("ALARM: below the level that is logged.")
	if got := ours(scrape(t, m)); strings.Contains(got, "alarm") {
		t.Errorf("got an alarm before there was one, want none:\n%s", got)
	}

	before := time.Now().Unix()
	log.With("authority", "V999").WithGroup("more").Error("ALARM: it waits.", "n", 1)
	got := ours(scrape(t, m))
	if n := strings.Count(got, "wardlight_hub_alarm_timestamp_seconds{"); n != 1 {
		t.Fatalf("got %d alarms, want 1:\n%s", n, got)
	}

	at := value(t, got, `wardlight_hub_alarm_timestamp_seconds{alarm="it waits."}`)
	if at < float64(before) || at > float64(time.Now().Unix()+1) {
		t.Errorf("got the time %f, want that of the alarm, about %d", at, before)
	}

	if want := `msg="ALARM: it waits." authority=V999 more.n=1`; !strings.Contains(out.String(), want) {
		t.Errorf("got the log %q, want %q in it", out.String(), want)
	}
}

func TestWatchBackups(t *testing.T) {
	const last, age = "wardlight_hub_backup_timestamp_seconds", "wardlight_hub_backup_max_age_seconds"
	var (
		at  time.Time
		err error
	)
	m := metrics.New("v1")
	m.WatchBackups(func() (time.Time, error) { return at, err }, 48*time.Hour)
	has(t, scrape(t, m), last+" 0", age+" 172800")
	at = time.Unix(1000, 5)
	has(t, scrape(t, m), last+" 1000", age+" 172800")
	err = errors.New("no such folder")
	got := scrape(t, m)
	has(t, got, age+" 172800")
	if strings.Contains(got, last+" ") {
		t.Errorf("got a time of backups that cannot be read:\n%s", ours(got))
	}
}

func TestWhatHasNotHappenedIsZero(t *testing.T) {
	m := metrics.New("v1")
	m.Expect("GET", "/Patient/{number}")
	has(
		t, scrape(t, m),
		`wardlight_hub_requests_total{method="GET",route="/Patient/{number}",status="200"} 0`,
		`wardlight_hub_requests_total{method="GET",route="/Patient/{number}",status="500"} 0`,
		`wardlight_hub_requests_total{method="GET",route="/Patient/{number}",status="503"} 0`,
		`wardlight_hub_request_duration_seconds_bucket{route="/Patient/{number}",le="1"} 0`,
		`wardlight_hub_uploads_total{code="CPF01"} 0`, `wardlight_hub_uploads_total{code="CPF06"} 0`,
	)
	m.Uploaded("CPF01")
	has(t, scrape(t, m), `wardlight_hub_uploads_total{code="CPF01"} 1`)
}

func TestWatch_TheHubsClock(t *testing.T) {
	m := metrics.New("v1")
	m.Watch(&storeStub{}, func() time.Time { return time.UnixMilli(1_500) })
	has(t, scrape(t, m), "wardlight_hub_time_seconds 1.5")
}

// value returns the value of a series in what was scraped.
func value(t *testing.T, scraped, series string) float64 {
	t.Helper()
	_, after, found := strings.Cut(scraped, series+" ")
	text, _, _ := strings.Cut(after, "\n")
	v, err := strconv.ParseFloat(text, 64)
	if !found || err != nil {
		t.Fatalf("got no value of %s (%v) in\n%s", series, err, scraped)
	}
	return v
}
