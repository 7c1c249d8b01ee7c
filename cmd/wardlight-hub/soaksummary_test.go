package main

import (
	"maps"
	"slices"
	"testing"
)

// Sections of the summary of a soak.
const (
	soakStepSection     = "Steps, and how each ended"
	soakNetworkSection  = "Faults of the network"
	soakServerSection   = "Disruptions of servers"
	soakCheckSection    = "Compared with the ledger in the end"
	soakResourceSection = "Most that a hub used without connections, at its start and in the end"
)

var soakSections = []string{
	soakStepSection, soakNetworkSection, soakServerSection, soakCheckSection, soakResourceSection,
}

// soakSummary has the numbers of a soak, by section and name.
type soakSummary map[string]map[string]int

func newSoakSummary() soakSummary {
	c := make(soakSummary)
	for _, section := range soakSections {
		c[section] = make(map[string]int)
	}
	return c
}

// add adds the numbers of a round.
func (c soakSummary) add(s *soak) {
	for name, n := range s.done {
		section := soakCheckSection
		if slices.ContainsFunc(disruptions, func(d disruption) bool { return d.name == name }) {
			section = soakServerSection
		}
		c[section][name] += n
	}

	for _, x := range s.terminals {
		for section, counts := range x.counts {
			for name, n := range counts {
				c[section][name] += n
			}
		}
	}

	for when, r := range map[string]resources{"at the start": s.idle, "in the end": s.ended} {
		for name, n := range map[string]int{
			"goroutines ": r.goroutines, "open files ": r.files, "MB of memory ": r.memory >> 20,
		} {
			c[soakResourceSection][name+when] = max(c[soakResourceSection][name+when], n)
		}
	}
}

// log prints the summary.
func (c soakSummary) log(t *testing.T) {
	t.Helper()
	for _, section := range soakSections {
		t.Log(section + ":")
		for _, name := range slices.Sorted(maps.Keys(c[section])) {
			t.Logf("%8d  %s", c[section][name], name)
		}
	}
}
