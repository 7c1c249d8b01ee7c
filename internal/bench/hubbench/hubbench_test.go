package hubbench_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/bench/hubbench"
	"wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

func TestEveryLineOfTheBenchIsAnswered(t *testing.T) {
	folder := t.TempDir()
	r, err := hubbench.Run(t.Context(), hubbench.Options{
		People: 600, Requests: 23, Clients: []int{1, 3}, Seed: 7, Folder: folder, Ledger: t.TempDir(), Clock: time.Now,
		Progress: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}

	if len(r.Lines) != 2*6 || r.People != 600 || r.Machine == "" || r.Go == "" || r.PeopleBytes == 0 {
		t.Errorf("report = %+v, want 12 lines and 600 people", r)
	}

	for _, l := range r.Lines {
		if l.Requests != 23 || l.Failures > 0 || l.Bytes == 0 || l.PerSecond == 0 {
			t.Errorf("%s, %d clients: line = %+v, want 23 requests without failures", l.Kind, l.Clients, l)
		}

		for name, times := range map[string]hubbench.Times{
			"inside": l.Inside, "work": l.Work, "outside": l.Outside,
			"bare": l.Bare, "constant": l.Constant,
		} {
			if times.Median <= 0 || times.P99 < times.Median {
				t.Errorf("%s, %d clients: %s = %+v, want positive and ascending", l.Kind, l.Clients, name, times)
			}
		}

		if l.Inside.Median < l.Work.Median {
			t.Errorf("%s, %d clients: Inside %v < Work %v", l.Kind, l.Clients, l.Inside.Median, l.Work.Median)
		}

		want := l.Requests
		switch l.Kind {
		case "a search that is refused":
			want = 0
		case "fuzzy trace":
			want = l.Requests * 9 / 10
		}

		if l.Found < want {
			t.Errorf("%s, %d clients: %d of %d answers contain the requested person, want %d",
				l.Kind, l.Clients, l.Found, l.Requests, want)
		}
	}

	if g := r.Group; g.Clients != 3 || g.Requests == 0 || g.Failures > 0 || g.Shared == 0 || g.Alone == 0 ||
		g.Each < 1 || g.Each > 3 {
		t.Errorf("group = %+v", g)
	}

	var table strings.Builder
	if err := r.Markdown(&table); err != nil || strings.Count(table.String(), "\n| ") != 1+2*6 {
		t.Errorf("Markdown = %s, %v, want 12 lines", table.String(), err)
	}

	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

// Two reports of the same lines are compared in a table.
func TestReports_Markdown(t *testing.T) {
	lines := func(store string, perSecond float64) hubbench.Report {
		return hubbench.Report{Store: store, Lines: []hubbench.Line{{Kind: "lamp", Clients: 8, PerSecond: perSecond}}}
	}
	var table strings.Builder
	err := hubbench.Reports{lines("SQLite", 2000), lines("PostgreSQL", 1500)}.Markdown(&table)
	if err != nil || !strings.Contains(table.String(), "| lamp | 8 | 2000 | 1500 | 0.75 |") {
		t.Errorf("Markdown = %s, %v, want a comparison of both reports", table.String(), err)
	}
}

func TestAFolderWithOtherPeopleIsRefused(t *testing.T) {
	o := hubbench.Options{
		People: 600, Requests: 5, Clients: []int{1}, Seed: 7, Folder: t.TempDir(), Ledger: t.TempDir(), Clock: time.Now,
		Progress: func(string) {},
	}
	if _, err := hubbench.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Seed = 8
	if _, err := hubbench.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "other people") {
		t.Errorf("Run in a folder of another seed: error = %v, want “other people”", err)
	}
}

// Lamps and exact traces must succeed during all background loads.
func TestTheLampBesideWhatElseAHubDoes(t *testing.T) {
	o := hubbench.Options{
		People: 600, Requests: 40, Seed: 7, Folder: t.TempDir(), Ledger: t.TempDir(), Clock: time.Now,
		Progress: func(string) {}, Beside: true,
	}
	t.Run("SQLite", func(t *testing.T) { besides(t, o, "SQLite") })
	t.Run("PostgreSQL", func(t *testing.T) {
		postgrestest.Need(t)
		o.Requests, o.Postgres = 5, postgrestest.Database(t, postgrestest.Start(t, postgres.Options{Durable: true}))
		besides(t, o, "PostgreSQL")
	})
}

func besides(t *testing.T, o hubbench.Options, store string) {
	t.Helper()
	r, err := hubbench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}

	if len(r.Beside) != 5 || r.Store != store || len(r.Lines) != 0 {
		t.Fatalf("report = %+v, want 5 measurements in %s and no lines", r, store)
	}

	for i, b := range r.Beside {
		if b.Exact.Median <= 0 || b.Exact.P99 < b.Exact.Median {
			t.Errorf("exact trace = %+v, want positive and ascending times", b)
		}
		if b.Requests != o.Requests || b.Failures > 0 || b.Median <= 0 || b.P95 < b.Median || b.P99 < b.P95 ||
			(b.Load == "") != (i == 0) {
			t.Errorf("measurement %d = %+v", i, b)
		}
	}

	var table strings.Builder
	if err := r.Markdown(&table); err != nil || strings.Count(table.String(), "\n| ") != 1+5 ||
		strings.Count(table.String(), "(goal: 20)") != 2 {
		t.Errorf("Markdown = %s, %v, want 5 lines and the goals", table.String(), err)
	}
}
