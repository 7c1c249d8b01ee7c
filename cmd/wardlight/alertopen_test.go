package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"wardlight/client/hubtest"
)

// dropConnection handles an opening by closing the connection without an answer.
func dropConnection(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// openingIDs returns the request ids of the openings that the hub received.
func (b *fixture) openingIDs() []string {
	var ids []string
	for _, r := range b.hub.Requests(hubtest.CareTeam) {
		ids = append(ids, r.Header.Get("X-Request-ID"))
	}
	return ids
}

func TestAnOpeningWithoutAnAnswerIsOneWithTheNextTry(t *testing.T) {
	b := setUp(t)
	b.hub.Answer(hubtest.CareTeam, dropConnection)
	d := b.json(t, exitHub, "alert", hubtest.WithAlert, "--open")
	id := b.openingIDs()[0]
	checkMembers(t, d, map[string]any{
		"state": "alert", "opened": nil, "error.kind": "unreachable",
		"error.unsettled": true, "error.request_id": id,
	})

	out := b.run(t, exitHub, "alert", hubtest.WithAlert, "--open")
	checkContains(t, out, "It could not be opened. The opening may have been recorded, and the local authority "+
		"notified. Its request id is "+id+".")
	checkContains(t, b.err.String(), "Open it again: that notifies nobody a second time.")

	b.hub.Answer(hubtest.CareTeam, nil)
	checkMembers(t, b.json(t, exitDone, "alert", hubtest.WithAlert, "--open"),
		map[string]any{"error": nil, "opened.request_id": id})
	b.json(t, exitDone, "alert", hubtest.WithAlert, "--open")
	ids := b.openingIDs()
	if ids[1] != id || ids[2] != id || ids[3] == id {
		t.Errorf("request ids of the openings: got %v, want the first three equal and the last different", ids)
	}
}

func TestWithoutAKeyringTheRequestIDIsGivenByHand(t *testing.T) {
	b := setUp(t)
	b.memory.Fail(keyring.ErrUnsupportedPlatform)
	b.hub.Answer(hubtest.CareTeam, dropConnection)
	b.run(t, exitHub, "alert", hubtest.WithAlert, "--open")
	id := b.openingIDs()[0]
	checkContains(t, b.err.String(), "this computer could not keep its request id: There is no keyring on this "+
		"computer that opens, so nothing is kept on its disk. Open it again with --request-id "+id+
		": that notifies nobody a second time.")
	b.hub.Answer(hubtest.CareTeam, nil)
	b.run(t, exitDone, "alert", hubtest.WithAlert, "--open", "--request-id", strings.ToUpper(id))
	if ids := b.openingIDs(); ids[1] != id {
		t.Errorf("request ids of the openings: got %v, want the second equal to the first, %s", ids, id)
	}
}

func TestARequestIDThatOpensNothingIsRefused(t *testing.T) {
	b := setUp(t)
	for args, want := range map[string]string{
		"--open --request-id 42":                            "--request-id is no UUID",
		"--open --request-id=":                              "--request-id is no UUID",
		"--request-id 5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11": "nothing is opened",
	} {
		b.run(t, exitUsage, append([]string{"alert", hubtest.WithAlert}, strings.Fields(args)...)...)
		checkContains(t, b.err.String(), want)
	}
	if n := len(b.hub.Requests("")); n != 0 {
		t.Errorf("requests to the hub: got %d, want 0", n)
	}
}

func TestAnOpeningThatIsInterruptedSaysThatItMayCount(t *testing.T) {
	b := setUp(t)
	ctx, interrupt := context.WithCancel(t.Context())
	b.hub.Answer(hubtest.CareTeam, func(_ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
	})
	if got := run(ctx, []string{"alert", hubtest.WithAlert, "--open", "--passcode-fd", "3"},
		b.world); got != exitInterrupted {
		t.Errorf("exit code: got %d, want %d", got, exitInterrupted)
	}
	id := b.openingIDs()[0]
	checkContains(t, b.err.String(), "Interrupted. The opening may have been recorded, and the local authority "+
		"notified. Its request id is "+id+".",
		"Open it again: that notifies nobody a second time.")
	b.hub.Answer(hubtest.CareTeam, nil)
	b.run(t, exitDone, "alert", hubtest.WithAlert, "--open")
	if ids := b.openingIDs(); ids[1] != id {
		t.Errorf("request ids of the openings: got %v, want the second equal to the first, %s", ids, id)
	}
}

// closedPipe is a writer that always fails, as a pipe without a reader does.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAnOpeningWhoseAnswerNobodyReadIsOneWithTheNextTry(t *testing.T) {
	b := setUp(t)
	unread := b.world
	unread.out = closedPipe{}
	if got := run(t.Context(), []string{"alert", hubtest.WithAlert, "--open", "--passcode-fd", "3"},
		unread); got == exitDone {
		t.Errorf("exit code with unreadable output: got %d, want an error", got)
	}
	b.run(t, exitDone, "alert", hubtest.WithAlert, "--open")
	b.run(t, exitDone, "alert", hubtest.WithAlert, "--open")
	if ids := b.openingIDs(); ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("request ids of the openings: got %v, want the first two equal and the third different", ids)
	}
}

// The request id of the first attempt is used again even if the session ends between the two attempts.
func TestARefusalOfTheNextTryDoesNotForgetTheFirst(t *testing.T) {
	b := signedIn(t)
	b.hub.Answer(hubtest.CareTeam, dropConnection)
	b.ask(t, exitHub, "alert", hubtest.WithAlert, "--open")
	b.hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
	})
	_, d := b.ask(t, exitSignIn, "alert", hubtest.WithAlert, "--open")
	checkMembers(t, d, map[string]any{"error.kind": "signed_out", "error.unsettled": true})
	b.hub.Answer(hubtest.CareTeam, nil)
	b.ask(t, exitDone, "alert", hubtest.WithAlert, "--open")
	if ids := b.openingIDs(); ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("request ids of the openings: got %v, want all equal", ids)
	}
}
