package hub_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/internal/need"
	"wardlight/internal/nhs"
)

// missing skips a test whose system requirement is missing and logs which. With CI=true it fails the test instead.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// refusesEverything checks that the hub answers no clinical request, and reports no success of what it couldn't store.
func refusesEverything(t *testing.T, b *fixture, x *terminal, signIn func() response) {
	t.Helper()

	for name, r := range map[string]response{
		"search": x.get(nurse, patients, url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}),
		"wider search": x.get(nurse, patients, url.Values{
			"family": {"Example"}, "given": {"Tess"},
			"birthdate": {"2016-03-04"}, "_fuzzy-match": {"true"},
		}),
		"retrieve":  x.get(nurse, patients+"/"+tess.Digits(), nil),
		"related":   x.get(nurse, patients+"/"+tess.Digits()+"/RelatedPerson", nil),
		"lamp":      x.get(nurse, flag, about(tess)),
		"dark lamp": x.get(nurse, flag, about(plain)),
		"opening":   x.get(nurse, careTeam, about(tess)),
		"silently":  x.get(gp, careTeam, about(tess), scheduled),
		"history":   x.get(nurse, events, about(tess)),
		"a refusal": x.get(nopObserver, flag, about(tess)),
	} {
		if r.status != 503 || !strings.Contains(r.body, `"UNABLE_TO_CALL_SERVICE"`) ||
			strings.Contains(r.body, "Bundle") || strings.Contains(r.body, tess.Digits()) {
			t.Errorf("%s with a full disk: got status %d, body %s; want 503 without clinical data", name, r.status,
				r.body)
		}
	}

	for name, r := range map[string]response{
		"a sign-out": b.post("/oauth2/revoke", url.Values{"token": {x.token}}, ""),
		"a sign-in":  signIn(),
	} {
		if status, oauth, why := reason(t, r); status != 503 || oauth != "temporarily_unavailable" ||
			why != "store_unavailable" {
			t.Errorf("%s with a full disk: got status %d, body %s; want 503 store_unavailable", name, r.status, r.body)
		}
	}

	b.clock.Add(time.Second) // the cached answer of /readyz expires

	for path, want := range map[string]int{"/readyz": 503, "/livez": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+path, nil)
		must(t, err)
		if r := b.do(req); r.status != want {
			t.Errorf("GET %s: got status %d, want %d", path, r.status, want)
		}
	}
}

// readyToSignIn returns a function that signs in with a card and a nonce obtained now.
func (b *fixture) readyToSignIn() func() response {
	x := b.terminal()
	assertion := x.assertion(b.card())
	return func() response { return x.post(assertion, x.proof(http.MethodPost, "/oauth2/token")) }
}

// answersEverything checks that the hub works again without a restart.
func answersEverything(t *testing.T, b *fixture, x *terminal) {
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
			t.Errorf("%s once the disk has space: got status %d, body %s; want 200", name, r.status, r.body)
		}
	}
	b.clock.Add(time.Second)
	if got := b.ready(); got != 200 {
		t.Errorf("GET /readyz: got status %d, want 200", got)
	}
}

// untilRefused opens an alert repeatedly and returns how many openings were answered before the first refused one.
// SQLite's write-ahead log may have free space when the disk has none; until it is full, openings still succeed.
func untilRefused(t *testing.T, x *terminal, before func()) int {
	t.Helper()
	for n := range 5000 {
		before()
		if r := x.get(nurse, careTeam, about(tess)); r.status == 503 {
			return n
		} else if r.status != 200 {
			t.Fatalf("opening: got status %d, body %s; want 200 or 503", r.status, r.body)
		}
	}
	t.Fatal("the disk is full, but every opening was answered")
	return 0
}

// whole compares the number of answered openings with the stored accesses and notifications.
func whole(t *testing.T, b *fixture, answered int) {
	t.Helper()
	if _, err := audit.Verify(t.Context(), b.sqlite); err != nil {
		t.Error(err)
	}
	must(t, b.sqlite.Check(t.Context()))
	accesses, err := b.sqlite.Accesses(t.Context(), []nhs.Number{tess}, 1<<20)
	must(t, err)
	if _, notified := b.left(tess); len(notified) != 2*len(accesses) || len(accesses) < answered {
		t.Errorf("%d openings answered: got %d accesses and %d notifications, want 2 notifications for each",
			answered, len(accesses), len(notified))
	}
}

func TestAHubOnAFullDiskRefusesAndWorksAgainOnceThereIsRoom(t *testing.T) {
	folder := need.Mount(t, "-t", "tmpfs", "-o", "size=8m", "wardlight")
	b := newFixtureIn(t, filepath.Join(folder, "data"))
	x := b.signIn()
	answered := 0
	for range 2 {
		var free func()
		signIn := b.readyToSignIn()
		answered += untilRefused(t, x, func() { free = need.FillDisk(t, folder) })
		need.FillDisk(t, folder)
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
	folder := need.Mount(t, "-o", "loop,errors=remount-ro", image)
	b := newFixtureIn(t, filepath.Join(folder, "data"))
	x := b.signIn()
	answersEverything(t, b, x)
	signIn := b.readyToSignIn()
	turnReadOnly(t, folder)
	refusesEverything(t, b, x, signIn)
	whole(t, b, 1)
}

// turnReadOnly makes the kernel remount the disk read-only while files are open, as it does after a disk error.
func turnReadOnly(t *testing.T, folder string) {
	t.Helper()
	device, err := exec.CommandContext(t.Context(), "findmnt", "-n", "-o", "SOURCE", folder).Output()
	must(t, err)
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("a test"), 0); err != nil {
		missing(t, "an error on a disk needs "+trigger, err)
	}
}
