package training_test

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/internal/training"
)

// serveAnswers answers requests on a socket with answers, in order, and then ends the training.
func serveAnswers(t *testing.T, answers ...training.Response) (environ []string, asked <-chan training.Request) {
	t.Helper()
	dir, err := os.MkdirTemp("", "wl") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = l.Close() })
	questions := make(chan training.Request, len(answers))
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		from, to := json.NewDecoder(conn), json.NewEncoder(conn)
		for _, a := range answers {
			var q training.Request
			if from.Decode(&q) != nil {
				return
			}
			questions <- q
			if to.Encode(a) != nil {
				return
			}
		}
	}()

	return []string{"A=b", training.Variable + "=" + path}, questions
}

var at = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

func TestJoin_NothingNamesATraining(t *testing.T) {
	for _, environ := range [][]string{nil, {"A=b"}, {training.Variable + "="}} {
		if got, err := training.Join(t.Context(), environ); got != nil || err != nil {
			t.Errorf("Join(%q) = %v, %v, want nil", environ, got, err)
		}
	}
}

func TestJoin_ATrainingThatIsOverIsAnError(t *testing.T) {
	_, err := training.Join(t.Context(), []string{training.Variable + "=" + filepath.Join(t.TempDir(), "gone")})
	if err == nil || !strings.Contains(err.Error(), "WARDLIGHT_TRAINING: no training is at ") {
		t.Errorf("Join without a socket: error %v", err)
	}
}

func TestJoin_OnlyATrainingOnThisComputer(t *testing.T) {
	for hub, fine := range map[string]bool{
		"https://127.0.0.1:8443": true, "https://[::1]:8443": true,
		"https://hub.example": false, "https://10.0.0.1:8443": false, "https://localhost:8443": false, "": false,
		"https://127.0.0.1.example": false,
	} {
		environ, _ := serveAnswers(t, training.Response{Hub: hub}, training.Response{Time: at})
		got, err := training.Join(t.Context(), environ)
		if (err == nil) != fine {
			t.Errorf("Join with hub %q: error %v, want success = %v", hub, err, fine)
		}
		if got != nil {
			got.Close()
		}
	}

	environ, _ := serveAnswers(t, training.Response{
		Hub:     "https://127.0.0.1:1",
		Records: "https://records.example/fhir",
	}, training.Response{Time: at})
	if _, err := training.Join(t.Context(), environ); err == nil ||
		!strings.Contains(err.Error(), "is not on this computer") {
		t.Errorf("Join with a record system on another computer: error %v, want it refused", err)
	}
}

func TestTraining_ServesClockAndKeyring(t *testing.T) {
	later := at.Add(time.Hour)
	environ, asked := serveAnswers(t, training.Response{Hub: "https://127.0.0.1:1", Records: "http://127.0.0.1:2/fhir"},
		training.Response{Time: at},
		training.Response{Time: later}, training.Response{}, training.Response{Secret: "s"},
		training.Response{Missing: true}, training.Response{Missing: true})
	tr, err := training.Join(t.Context(), environ)
	if err != nil {
		t.Fatal(err)
	}

	if tr.Hub != "https://127.0.0.1:1" || tr.Records != "http://127.0.0.1:2/fhir" {
		t.Errorf("Hub = %q, Records = %q", tr.Hub, tr.Records)
	}

	if got := tr.Now(); !got.Equal(later) {
		t.Errorf("Now = %v, want %v", got, later)
	}

	if err := tr.Set("", "n", "s"); err != nil {
		t.Error(err)
	}

	if got, err := tr.Get("", "n"); got != "s" || err != nil {
		t.Errorf("Get = %q, %v, want s", got, err)
	}

	if _, err := tr.Get("", "other"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("Get of an unknown name: error %v, want ErrNotFound", err)
	}

	if err := tr.Delete("", "other"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("Delete of an unknown name: error %v, want ErrNotFound", err)
	}
	<-tr.Done()
	if got := tr.Now(); !got.Equal(later) {
		t.Errorf("Now after the end = %v, want the last time %v", got, later)
	}

	if err := tr.Set("", "n", "s"); !errors.Is(err, training.ErrOver) {
		t.Errorf("Set after the end: error %v, want ErrOver", err)
	}

	tr.Close()
	want := []string{"hello", "now", "now", "set n s", "get n", "get other", "delete other"}
	for _, w := range want {
		q := <-asked
		if got := strings.TrimSpace(strings.Join([]string{q.Do, q.Name, q.Secret}, " ")); got != w {
			t.Errorf("request = %q, want %q", got, w)
		}
	}
}
