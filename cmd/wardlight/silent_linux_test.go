package main

import (
	"strings"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/internal/lab/record"
	"wardlight/internal/secretstore/secretstoretest"
)

// TestKeyring_NoAnswer runs real programs with a keyring that never answers. Without
// the keyring's timeout each of these commands took one or several minutes.
func TestKeyring_NoAnswer(t *testing.T) {
	silent := secretstoretest.Unresponsive(t)
	records := record.New(recordToken)
	url, stop, err := records.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(stop)
	const goesOn = "wardlight: This computer's keyring does not answer: it may be waiting for you to unlock it. " +
		"Going on without it.\n"
	for name, c := range map[string]struct {
		args []string
		want int
		says []string
	}{
		"alert":      {[]string{"alert", hubtest.NoAlert}, exitDone, []string{goesOn}},
		"an opening": {[]string{"alert", hubtest.WithAlert, "--open"}, exitDone, []string{goesOn}},
		"worklist": {
			[]string{"worklist", "list.csv"},
			exitDone,
			[]string{goesOn, "the list is only in memory: This computer's keyring does not answer"},
		},
		"flag retry": {[]string{"flag", "retry"}, exitDone, nil}, // no flags are pending, so the keyring is not read
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the keyring's timeout
			p := newProcesses(t)
			p.env = append([]string{keyringEnv + "=1", "WARDLIGHT_RECORD_URL=" + url}, silent.Env...)
			p.write("list.csv", []byte(hubtest.WithAlert+"\n"+hubtest.NoAlert+"\n"))
			command := p.command(c.args...)
			var out, errs strings.Builder
			command.Dir, command.Stdout, command.Stderr = p.folder, &out, &errs
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}

			ended(t, command)
			if got := command.ProcessState.ExitCode(); got != c.want {
				t.Errorf("got %s, want exit code %d\n%s%s", command.ProcessState, c.want, out.String(), errs.String())
			}

			for _, want := range c.says {
				if strings.Count(errs.String(), want) != 1 {
					t.Errorf("standard error: got %q, want %q once", errs.String(), want)
				}
			}

			if n := p.hub.LiveSessions(); n != 0 {
				t.Errorf("live sessions at the hub: got %d, want 0", n)
			}
		})
	}
}
