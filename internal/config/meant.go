package config

import (
	"strings"
)

// suggest returns "did you mean X?" for the most similar known name, or "" if none is similar. Names are similar if at
// most two edits differ, or if the last part is equal and only the table is wrong.
func suggest(name string, known []string) string {
	best, lower := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < lower {
			best, lower = k, d
		}
	}
	if best == "" {
		last := name[strings.LastIndexByte(name, '.')+1:]
		for _, k := range known {
			if best == "" && strings.HasSuffix(k, "."+last) {
				best = k
			}
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// distance returns the number of insertions, deletions, changes and swaps of adjacent letters that turn a into b
// (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}

	for j := range rows[0] {
		rows[0][j] = j
	}

	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}

	return rows[len(a)][len(b)]
}

// lineOf returns the line, counted from 1, on which a TOML file sets the key. It returns 0 if the key isn't found; not
// all syntax is supported.
func lineOf(content, key string) int {
	table := ""
	for i, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			table = strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t") + "."
			continue
		}
		name, _, found := strings.Cut(line, "=")
		name = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(name), `"`, ""), " ", "")
		if found && table+name == key {
			return i + 1
		}
	}
	return 0
}
