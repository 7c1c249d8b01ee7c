package hub_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// killedFolder is the environment variable with the folder of a hub that is to be killed.
const killedFolder = "WARDLIGHT_TEST_KILLED_HUB"

// TestHubToBeKilled runs the process that TestPrivacyAlerts_SurviveKills kills. It prints the hub's address and serves.
func TestHubToBeKilled(t *testing.T) {
	folder := os.Getenv(killedFolder)
	if folder == "" {
		t.Skip("it is started by TestPrivacyAlerts_SurviveKills")
	}
	b := &fixture{t: t, folder: folder, clock: &clock{now: start}, ca: newAuthority(t, "Sub CA"), log: &lockedBuffer{}}
	b.open()
	fmt.Println("hub " + b.server.URL)
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent ends
}

// TestPrivacyAlerts_SurviveKills kills the hub at random moments under load. Each answered view without the patient's
// permission must have one alert and one record, although a client without an answer repeats its request.
func TestPrivacyAlerts_SurviveKills(t *testing.T) {
	const kills, viewers, maxBefore = 12, 4, 6
	b, x := newSummaryFixture(t)
	b.server.Close()
	must(t, b.sqlite.Close())

	var address atomic.Pointer[url.URL]
	b.server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(address.Load()) },
		ErrorLog: log.New(io.Discard, "", 0),
	})
	defer b.server.Close()

	process := startHubToBeKilled(t, b.folder, &address)
	var answered sync.Map
	var answers atomic.Int64
	stop := make(chan struct{})
	var all sync.WaitGroup
	id := summaryOf(tess, start).ID
	for range viewers {
		all.Go(func() {
			for {
				request := uuid.NewString()
				for {
					if answersView(b, x.request(emergencyMD, scrBundle, viewOf(tess, id), emergency,
						header("X-Request-ID", request))) {
						answered.Store(request, true)
						answers.Add(1)
						break
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}

	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // random moments, not secrets
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range kills {
		until := answers.Load() + 1 + random.Int64N(maxBefore)
		for answers.Load() < until {
			<-tick.C
		}
		<-time.After(time.Duration(random.IntN(3000)) * time.Microsecond) // at any stage of the views in progress
		process = restartHubToBeKilled(t, process, b.folder, &address)
	}
	close(stop)
	all.Wait()
	killHub(process)
	b.server.Close()
	b.open()

	alerts := make(map[string]int)
	for _, a := range b.alertsUpTo(10_000) {
		alerts[a.RequestID]++
	}
	views := make(map[string]int)
	for _, r := range b.trail() {
		repeated := strings.HasPrefix(r.Reason, "again")
		if r.Action == "view a summary in an emergency" && r.Outcome == "granted" && !repeated {
			views[r.RequestID]++
		}
	}
	answered.Range(func(key, _ any) bool {
		if request := key.(string); alerts[request] != 1 ||
			views[request] != 1 { //nolint:forcetypeassert // strings only
			t.Errorf("request %s: got %d alerts and %d records of the view, want one each", request, alerts[request],
				views[request])
		}
		return true
	})
	if int64(len(alerts)) != answers.Load() || len(views) != len(alerts) {
		t.Errorf("got alerts of %d requests and views of %d, want %d", len(alerts), len(views), answers.Load())
	}
}

// answersView reports whether the hub answers with the summary. A killed hub answers nothing, or half.
func answersView(b *fixture, req *http.Request) bool {
	resp, err := b.server.Client().Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close() //nolint:errcheck // the body is read below
	body, err := io.ReadAll(resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), "penicillin")
}

// startHubToBeKilled starts a process with a hub on the folder, and stores its address.
func startHubToBeKilled(t *testing.T, folder string, address *atomic.Pointer[url.URL]) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestHubToBeKilled$")
	cmd.Env = append(os.Environ(), killedFolder+"="+folder)
	_, err = cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { killHub(cmd) })

	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "hub "); ok {
			u, err := url.Parse(at)
			must(t, err)
			address.Store(u)
			return cmd
		}
	}
	t.Fatalf("the hub did not start: %v", lines.Err())
	return nil
}

// restartHubToBeKilled kills the process and starts another one.
func restartHubToBeKilled(t *testing.T, cmd *exec.Cmd, folder string, address *atomic.Pointer[url.URL]) *exec.Cmd {
	t.Helper()
	killHub(cmd)
	return startHubToBeKilled(t, folder, address)
}

func killHub(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
