package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/need"
)

// scrapeJob and scrapeInstance are the labels that Prometheus gives to what it scrapes of the hub in these tests.
const scrapeJob, scrapeInstance = "wardlight-hub", "hub:9464"

// clockSeries has the hub's clock, which goes on between two scrapes.
const clockSeries = "wardlight_hub_time_seconds"

// timeline is what Prometheus reads of a hub from minute 0 to minute end: what was scraped at one of the minutes is
// read in each minute until the next scrape.
type timeline struct {
	t        *testing.T
	operator string // the address of the hub's metrics; "" where Prometheus knows no hub
	scrapes  []scraped
	end      int
	skew     time.Duration // how far the hub's clock is ahead of that of Prometheus
}

// scraped is one answer of the hub; without text nobody answered.
type scraped struct {
	minute int
	at     time.Time
	text   string
}

// scrape reads the metrics of the hub as they are now, for a minute after that of the last scrape.
func (l *timeline) scrape(minute int) {
	l.t.Helper()
	s := scraped{minute: minute}
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "http://"+l.operator+"/metrics", nil)
	must(l.t, err)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		must(l.t, err)
		if resp.StatusCode != http.StatusOK {
			l.t.Fatalf("/metrics: got %d %s, want 200", resp.StatusCode, text)
		}
		s.text = string(text)
	}
	s.at = time.Now()
	l.scrapes = append(l.scrapes, s)
}

// shift returns when a moment of the hub was on the timeline, in seconds. What happened between two scrapes happened
// just before the later one.
func (l *timeline) shift(moment float64) float64 {
	last := l.scrapes[0]
	for _, s := range l.scrapes {
		if last = s; moment <= epoch(s.at) {
			break
		}
	}
	return moment - epoch(last.at) + float64(60*last.minute)
}

func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// sampleLine is a line of the metrics: its name, its labels and its value.
var sampleLine = regexp.MustCompile(`^((?:wardlight_hub|process)_\w+)(?:\{(.*)\})? (\S+)$`)

// series returns the input of promtool: a series for each that was scraped, and up.
func (l *timeline) series() []inputSeries {
	if l.operator == "" {
		return []inputSeries{{`up{job="node", instance="hub:9100"}`, fmt.Sprintf("1+0x%d", l.end)}}
	}

	values := make(map[string][]string) // by series, for each scrape
	add := func(name, labels string, scrape int, value string) {
		series := fmt.Sprintf("%s{job=%q,instance=%q,%s}", name, scrapeJob, scrapeInstance, labels)
		if values[series] == nil {
			values[series] = make([]string, len(l.scrapes))
		}
		values[series][scrape] = value
	}

	for i, s := range l.scrapes {
		up := "0"
		if s.text != "" {
			up = "1"
		}

		add("up", "", i, up+"+0")

		for line := range strings.Lines(s.text) {
			part := sampleLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if part == nil {
				continue
			}
			v, err := strconv.ParseFloat(part[3], 64)
			must(l.t, err)
			step := "+0"
			switch {
			case part[1] == clockSeries:
				v, step = l.shift(v)+l.skew.Seconds(), "+60"
			case strings.HasSuffix(part[1], "_timestamp_seconds"), part[1] == "process_start_time_seconds":
				v = l.shift(v)
			}
			add(part[1], part[2], i, strconv.FormatFloat(v, 'f', -1, 64)+step)
		}
	}

	all := make([]inputSeries, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, inputSeries{name, l.notation(values[name])})
	}

	return all
}

// notation returns the values of a series at each scrape as promtool writes them.
func (l *timeline) notation(values []string) string {
	var parts []string
	for i, v := range values {
		until := l.end + 1
		if i+1 < len(l.scrapes) {
			until = l.scrapes[i+1].minute
		}
		minutes := until - l.scrapes[i].minute
		if i == 0 && l.scrapes[0].minute > 0 {
			l.t.Fatal("the first scrape is not of minute 0")
		}
		if v == "" {
			parts = append(parts, fmt.Sprintf("_x%d", minutes))
		} else {
			parts = append(parts, fmt.Sprintf("%sx%d", v, minutes-1))
		}
	}
	return strings.Join(parts, " ")
}

// inputSeries, exprTest and sample are parts of a test of promtool.
type (
	inputSeries struct {
		Series string `json:"series"`
		Values string `json:"values"`
	}
	exprTest struct {
		Expr     string   `json:"expr"`
		EvalTime string   `json:"eval_time"`
		Samples  []sample `json:"exp_samples"`
	}
	sample struct {
		Labels string  `json:"labels"`
		Value  float64 `json:"value"`
	}
)

// expect returns a test that an expression has samples at the end of the timeline, or, where want is false, none.
func (l *timeline) expect(expr string, want bool) exprTest {
	e := exprTest{Expr: "count(" + expr + ") > bool 0", EvalTime: strconv.Itoa(l.end) + "m", Samples: []sample{}}
	if want {
		e.Samples = append(e.Samples, sample{"{}", 1})
	}
	return e
}

// promtool returns the path of Prometheus' own tool for rules.
func promtool(t *testing.T) string {
	t.Helper()
	return need.File(t, "../../.bin/promtool", "make .bin/promtool")
}

// checkWithPromtool evaluates expressions and our rules on a timeline, and reports what promtool finds wrong.
func checkWithPromtool(t *testing.T, l *timeline, tests ...exprTest) {
	t.Helper()
	rules, err := filepath.Abs(alertRules)
	must(t, err)
	text, err := json.Marshal(map[string]any{
		"rule_files": []string{rules}, "evaluation_interval": "1m",
		"tests": []map[string]any{{"interval": "1m", "input_series": l.series(), "promql_expr_test": tests}},
	})
	must(t, err)

	name := filepath.Join(t.TempDir(), "test.yaml")
	must(t, os.WriteFile(name, text, 0o600))
	if out, err := exec.CommandContext(t.Context(), promtool(t), "test", "rules", name).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
