package hub_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/internal/nhs"
)

// missing skips a test whose real part is not there, and says what is; with CI=true it fails.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// mounted mounts something below the test's folder and gives where.
func mounted(t *testing.T, args ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "disk")
	must(t, os.Mkdir(folder, 0o700))
	if out, err := exec.CommandContext(t.Context(), "mount", append(args, folder)...).CombinedOutput(); err != nil {
		missing(t, "a small disk needs root and the right to mount", errors.New(string(out)+err.Error()))
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fillDisk takes all the space that is left in a folder, to the last byte, and gives the way to free it.
func fillDisk(t *testing.T, folder string) (free func()) {
	t.Helper()
	name := filepath.Join(folder, "ballast")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	must(t, err)
	defer f.Close() //nolint:errcheck // it is ballast
	for size := 1 << 16; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else {
			must(t, err)
		}
	}
	return func() { must(t, os.Remove(name)) }
}

// refusesEverything holds the hub to it that nothing clinical is answered, and nothing said to be so that is not known.
func refusesEverything(t *testing.T, b *bench, x *terminal, signIn func() response) {
	t.Helper()
	for name, r := range map[string]response{
		"search":       x.get(nurse, patients, url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}),
		"wider search": x.get(nurse, patients, url.Values{"family": {"Example"}, "given": {"Tess"}, "birthdate": {"2016-03-04"}, "_fuzzy-match": {"true"}}),
		"retrieve":     x.get(nurse, patients+"/"+tess.Digits(), nil),
		"related":      x.get(nurse, patients+"/"+tess.Digits()+"/RelatedPerson", nil),
		"lamp":         x.get(nurse, flag, about(tess)),
		"dark lamp":    x.get(nurse, flag, about(plain)),
		"opening":      x.get(nurse, careTeam, about(tess)),
		"silently":     x.get(gp, careTeam, about(tess), scheduled),
		"history":      x.get(nurse, events, about(tess)),
		"a refusal":    x.get(nobody, flag, about(tess)),
	} {
		if r.status != 503 || !strings.Contains(r.body, `"UNABLE_TO_CALL_SERVICE"`) || strings.Contains(r.body, "Bundle") || strings.Contains(r.body, tess.Digits()) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for name, r := range map[string]response{
		"a sign-out": b.post("/oauth2/revoke", url.Values{"token": {x.token}}, ""),
		"a sign-in":  signIn(),
	} {
		if status, oauth, why := reason(t, r); status != 503 || oauth != "temporarily_unavailable" || why != "store_unavailable" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	b.clock.Add(time.Second) // what /readyz said before is no longer what it says
	for path, want := range map[string]int{"/readyz": 503, "/livez": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+path, nil)
		must(t, err)
		if r := b.do(req); r.status != want {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

// readyToSignIn is a card with a good nonce that has not signed in yet.
func (b *bench) readyToSignIn() func() response {
	x := b.terminal()
	assertion := x.assertion(b.card())
	return func() response { return x.post(assertion, x.proof(http.MethodPost, "/oauth2/token")) }
}

// answersEverything holds the hub to it that it works, without having been started again.
func answersEverything(t *testing.T, b *bench, x *terminal) {
	t.Helper()
	for name, r := range map[string]response{
		"search":   x.get(nurse, patients, url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}),
		"retrieve": x.get(nurse, patients+"/"+tess.Digits(), nil),
		"lamp":     x.get(nurse, flag, about(tess)),
		"opening":  x.get(nurse, careTeam, about(tess)),
		"history":  x.get(nurse, events, about(tess)),
		"sign-in":  b.signIn().get(nurse, flag, about(tess)),
	} {
		if r.status != 200 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	b.clock.Add(time.Second)
	if got := b.ready(); got != 200 {
		t.Errorf("/readyz: %d", got)
	}
}

// untilRefused opens an alert again and again, and gives how many openings were answered before one was not. The log
// that SQLite writes ahead may have room when the disk has none: so long the hub works, and rightly.
func untilRefused(t *testing.T, x *terminal, before func()) int {
	t.Helper()
	for n := range 5000 {
		before()
		if r := x.get(nurse, careTeam, about(tess)); r.status == 503 {
			return n
		} else if r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	t.Fatal("the disk is full and every opening was answered")
	return 0
}

// whole holds what was answered against what is on record.
func whole(t *testing.T, b *bench, answered int) {
	t.Helper()
	if _, err := audit.Verify(t.Context(), b.sqlite); err != nil {
		t.Error(err)
	}
	must(t, b.sqlite.Check(t.Context()))
	accesses, err := b.sqlite.Accesses(t.Context(), []nhs.Number{tess}, 1<<20)
	must(t, err)
	if _, told := b.left(tess); len(told) != 2*len(accesses) || len(accesses) < answered {
		t.Errorf("%d answered, %d accesses, %d notifications", answered, len(accesses), len(told))
	}
}

func TestAHubOnAFullDiskRefusesAndWorksAgainOnceThereIsRoom(t *testing.T) {
	folder := mounted(t, "-t", "tmpfs", "-o", "size=8m", "wardlight")
	b := newBenchIn(t, filepath.Join(folder, "data"))
	x := b.signIn()
	answered := 0
	for range 2 {
		var free func()
		signIn := b.readyToSignIn()
		answered += untilRefused(t, x, func() { free = fillDisk(t, folder) })
		fillDisk(t, folder)
		refusesEverything(t, b, x, signIn)
		free()
		answersEverything(t, b, x)
		answered++
		whole(t, b, answered)
	}
	b.restart()
	answersEverything(t, b, b.signIn())
}

func TestAHubOnADiskThatTurnedReadOnlyRefuses(t *testing.T) {
	image := filepath.Join(t.TempDir(), "image")
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, 32<<20))
	if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", "-F", image).CombinedOutput(); err != nil {
		missing(t, "a disk needs mkfs.ext4 (apt-get install e2fsprogs)", errors.New(string(out)+err.Error()))
	}
	folder := mounted(t, "-o", "loop,errors=remount-ro", image)
	b := newBenchIn(t, filepath.Join(folder, "data"))
	x := b.signIn()
	answersEverything(t, b, x)
	signIn := b.readyToSignIn()
	turnReadOnly(t, folder)
	refusesEverything(t, b, x, signIn)
	whole(t, b, 1)
}

// turnReadOnly has the kernel make the disk read-only under the open files, as it does when it meets an error on one.
func turnReadOnly(t *testing.T, folder string) {
	t.Helper()
	device, err := exec.CommandContext(t.Context(), "findmnt", "-n", "-o", "SOURCE", folder).Output()
	must(t, err)
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("a test"), 0); err != nil {
		missing(t, "an error on a disk needs "+trigger, err)
	}
}
