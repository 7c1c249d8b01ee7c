package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const dashboard = packaging + "grafana/wardlight-hub.json"

// dashboardPanel is a panel of the dashboard, as far as it is checked.
type dashboardPanel struct {
	ID      int
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

// readDashboard returns the panels of the dashboard.
func readDashboard(t *testing.T) []dashboardPanel {
	t.Helper()
	var d struct {
		UID    string
		Panels []dashboardPanel
	}
	must(t, json.Unmarshal([]byte(readFile(t, dashboard)), &d))
	if d.UID != "wardlight-hub" || len(d.Panels) == 0 {
		t.Fatalf("got the dashboard %q with %d panels, want wardlight-hub with some", d.UID, len(d.Panels))
	}
	return d.Panels
}

// TestDashboard evaluates each expression of the dashboard with promtool on the metrics of a running hub: none is
// wrong, and none is empty.
func TestDashboard(t *testing.T) {
	h := newWatchedHub(t)
	line := strings.TrimSpace(strings.TrimPrefix(readFile(t, h.secrets), exitCode))
	files{}.write(t, h.secrets, exitCode+" "+line+"\nV998 "+line+"\n") // an ALARM, which one of the panels shows
	h.run()
	h.scrape(0)
	if lamp := h.signIn(t).Lamp(t.Context(), openedChild); lamp.Err != nil {
		t.Fatal(lamp.Err)
	}

	if got := h.upload("http://"+h.address, "nonsense", http.DefaultClient); got != http.StatusBadRequest {
		t.Errorf("the upload: got %d, want 400", got)
	}

	h.scrape(5)
	h.end = 10

	scraped := make(map[string]bool)
	for _, s := range h.series() {
		name, _, _ := strings.Cut(s.Series, "{")
		scraped[name] = true
	}

	var tests []exprTest
	taken := make(map[[2]int]string) // by the cells of the grid
	for _, p := range readDashboard(t) {
		if p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d has no title or no expression", p.ID)
		}

		for _, target := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(target.Expr)
			tests = append(tests, h.expect(expr, true))
			for _, name := range metricsIn(expr) {
				if !scraped[name] {
					t.Errorf("%s: got the metric %s, which no hub has", p.Title, name)
				}
			}
		}

		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				cell := [2]int{x, y}
				if other := taken[cell]; other != "" || x >= 24 {
					t.Fatalf("%s: got the cell %v, which is outside the grid or that of %q", p.Title, cell, other)
				}
				taken[cell] = p.Title
			}
		}
	}

	checkWithPromtool(t, &h.timeline, tests...)
}

// TestPromtool_FindsWhatIsWrong spoils the input of the checks that rules and dashboard pass.
func TestPromtool_FindsWhatIsWrong(t *testing.T) {
	rules := readFile(t, alertRules)
	for name, text := range map[string]string{
		"a slip in an expression": strings.Replace(rules, "absent(", "absnt(", 1),
		"a slip in a template":    strings.Replace(rules, "$labels.instance }}", "$labels.instance }", 1),
	} {
		file := filepath.Join(t.TempDir(), "rules.yaml")
		must(t, os.WriteFile(file, []byte(text), 0o600))
		out, err := exec.CommandContext(t.Context(), promtool(t), "check", "rules", file).CombinedOutput()
		if err == nil {
			t.Errorf("%s: got no error, want one: %s", name, out)
		}
	}

	for expr, want := range map[string]string{
		`sum by (job) (rate(a_total{b=~"c|d"}[5m])) / on (job) d > 0.05 or (e unless f)`: "a_total d e f",
		`histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))`:                      "a_bucket",
		`time() - timestamp(up{job="x"})`:                                                "up",
	} {
		if got := strings.Join(metricsIn(expr), " "); got != want {
			t.Errorf("metrics in %s: got %q, want %q", expr, got, want)
		}
	}
}
