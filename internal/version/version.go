// Package version says which Wardlight this is.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is set by the linker for a release ("-X wardlight/internal/version.Version=v1.2.3"). Ask String instead.
var Version = ""

// Line returns a program's name, its version, and what it was built with and for: "wardlight v1.2.3 (go1.26.8 linux/amd64)".
func Line(program string) string {
	about := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	if String() == unknown {
		about = "built without a version, " + about
	}
	return program + " " + String() + " (" + about + ")"
}

// unknown is the version of a build of which nothing is known.
const unknown = "devel"

// String returns the release, or the commit that the program was built from, or "devel" when neither is known.
func String() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
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
		return unknown
	}
	return strings.ToLower(commit[:min(12, len(commit))]) + dirty
}
