package version_test

import (
	"runtime"
	"strings"
	"testing"

	"wardlight/internal/version"
)

func TestLine(t *testing.T) {
	before := version.Version
	t.Cleanup(func() { version.Version = before })
	about := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	version.Version = "v1.2.3"
	if got, want := version.Line("wardlight-hub"), "wardlight-hub v1.2.3 ("+about+")"; got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
	version.Version = ""
	if got := version.Line("wardlight-hub"); !strings.HasPrefix(got, "wardlight-hub "+version.String()+" (") ||
		!strings.HasSuffix(got, about+")") {
		t.Errorf("Line without a release = %q", got)
	}
}
