// Package version returns the version of Wardlight.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is set by the linker for a release ("-X wardlight/internal/version.Version=v1.2.3"). Use String to read it.
var Version = ""

// Line returns a program's name, its version, the Go version and the system: "wardlight v1.2.3 (go1.26.8
// linux/amd64)".
func Line(program string) string {
	about := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	if String() == unknown {
		about = "built without a version, " + about
	}
	return program + " " + String() + " (" + about + ")"
}

// unknown is the version of a build without version information.
const unknown = "devel"

// String returns the release, or the commit from which the program was built, or "devel" if neither is known.
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
