// Package version says which Wardlight this is.
package version

import (
	"runtime/debug"
	"strings"
)

// Version is set by the linker for a release ("-X wardlight/internal/version.Version=v1.2.3"). Ask String instead.
var Version = ""

// String returns the release, or the commit that the program was built from, or "devel" when neither is known.
func String() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	var commit, dirty string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				dirty = "-dirty"
			}
		}
	}
	if commit == "" {
		return "devel"
	}
	return strings.ToLower(commit[:min(12, len(commit))]) + dirty
}
