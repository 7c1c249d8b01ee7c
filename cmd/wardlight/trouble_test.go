//go:build linux

package main

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/schematest"
)

// nobody is the uid of an account that owns no files.
const nobody = 65534

// PIV instructions at which a test intervenes (SP 800-73-4 part 2, section 3).
const (
	insVerify       = 0x20
	insAuthenticate = 0x87
	insSelect       = 0xA4
	insGetResponse  = 0xC0
)

// wantFailure is an expected failure: the beginnings of its sentence and code, and a part of its advice.
type wantFailure struct {
	exit                   int
	code, sentence, advice string
}

// commandResult is the result of one command.
type commandResult struct {
	wantFailure
	command  string
	document string
}

func (a commandResult) is(want wantFailure) bool {
	return a.exit == want.exit && a.codeIs(want.code) && strings.HasPrefix(a.sentence, want.sentence) &&
		strings.Contains(a.advice, want.advice)
}

// codeIs reports whether the code is want, or want followed by a hyphen and the card's or hub's own numbers.
func (a commandResult) codeIs(want string) bool {
	return a.code == want || want != "" && strings.HasPrefix(a.code, want+"-")
}

// commandLine is one command line of the program and its environment.
type commandLine struct {
	program, config, socket, passcode string
	user                              uint32 // uid; 0 is the test's own
	args                              []string
}

func (w *testSite) asks(args ...string) commandLine {
	return commandLine{
		program: w.program, config: w.hub.ConfigFile(), socket: w.service.Socket(),
		passcode: cards.Passcode, args: args,
	}
}

// answer runs the command and returns its result.
func (a commandLine) answer(t *testing.T) commandResult {
	t.Helper()
	return a.begin(t)()
}

// begin starts the command. The returned function waits for its result.
func (a commandLine) begin(t *testing.T) (end func() commandResult) {
	t.Helper()
	r, p, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := p.WriteString(a.passcode + "\n"); err != nil {
		t.Fatal(err)
	}

	_ = p.Close()
	args := append([]string{"--json", "--no-kept"}, a.args...)
	if a.args[0] == "alert" || a.args[len(a.args)-1] == "test" {
		args = append(args, "--passcode-fd", "3")
	}

	if a.config != "" {
		args = append(args, "--config", a.config)
	}

	var stdout, stderr strings.Builder
	c := exec.CommandContext(t.Context(), a.program, args...)

	// By default the race detector sleeps for a second at exit.
	c.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+a.socket, "GORACE=atexit_sleep_ms=0")
	c.Stdout, c.Stderr, c.ExtraFiles = &stdout, &stderr, []*os.File{r}
	if a.user != 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.user, Gid: a.user}}
		c.Env, c.Dir = append(c.Env, "HOME=/"), "/"
	}

	if err := c.Start(); err != nil {
		t.Fatal(err)
	}

	return func() commandResult {
		t.Helper()
		_ = c.Wait() // the exit code is checked below
		command := strings.Join(a.args, " ")
		var d struct {
			Error struct{ Sentence, Advice, Code string }
		}
		if err := json.Unmarshal([]byte(stdout.String()), &d); err != nil {
			t.Fatalf("%s: %v: %s%s", command, err, stdout.String(), stderr.String())
		}
		schematest.Output(t, []byte(stdout.String()))
		return commandResult{
			wantFailure{c.ProcessState.ExitCode(), d.Error.Code, d.Error.Sentence, d.Error.Advice},
			command, stdout.String(),
		}
	}
}

// expect runs the command and checks that its result is want.
func (a commandLine) expect(t *testing.T, want wantFailure) {
	t.Helper()
	a.answer(t).expect(t, want)
}

func (a commandResult) expect(t *testing.T, want wantFailure) {
	t.Helper()
	if !a.is(want) {
		t.Errorf("%s: got %+v, want %+v", a.command, a.wantFailure, want)
	}
}

// expectLine checks that one line of the doctor's result is want.
func (a commandResult) expectLine(t *testing.T, want wantFailure) {
	t.Helper()
	var d struct {
		Checks []struct{ Sentence, Advice, Code string }
	}
	if err := json.Unmarshal([]byte(a.document), &d); err != nil {
		t.Fatal(err)
	}
	for _, l := range d.Checks {
		if (commandResult{wantFailure: wantFailure{a.exit, l.Code, l.Sentence, l.Advice}}).is(want) {
			return
		}
	}
	t.Errorf("%s: no line %+v in %s", a.command, want, a.document)
}

// cardHook pulls a card, or stops it from answering, at a given command.
type cardHook struct {
	at       func(seen map[byte]int, ins byte) bool
	has      bool        // leave the card in, but don't answer
	verified func() bool // reports whether the card is verified; may be nil

	seen        map[byte]int
	pulled      bool
	wasVerified bool
	plugged     chan *pcscd.Plugged
	over        chan struct{}
	done        sync.Once
}

// newCardHook returns a tug that acts when at reports true.
func newCardHook(at func(seen map[byte]int, ins byte) bool) *cardHook {
	return &cardHook{at: at, seen: make(map[byte]int), plugged: make(chan *pcscd.Plugged, 1), over: make(chan struct{})}
}

// attach assigns the inserted card to h. The card is released at the end of the test, or earlier with end.
func (h *cardHook) attach(t *testing.T, p *pcscd.Plugged) {
	t.Helper()
	h.plugged <- p
	t.Cleanup(h.release)
}

// before implements the hook virtual.Config.Before. From the given command on, the card doesn't answer until end is
// called. If it answered, the answer and the pull would race.
func (h *cardHook) before(ins byte) {
	if h.pulled {
		return
	}
	h.seen[ins]++
	if !h.at(h.seen, ins) {
		return
	}
	h.pulled = true
	if h.verified != nil {
		h.wasVerified = h.verified()
	}
	if p := <-h.plugged; !h.has {
		go p.Pull()
	}
	<-h.over
}

// release lets the card answer again.
func (h *cardHook) release() { h.done.Do(func() { close(h.over) }) }

// firstMessageLength is the length in bytes of libpcsclite's first message: a header of size and command, then the
// protocol version and space for a result.
const firstMessageLength = 8 + 12

// closingService returns the socket of a service that reads heard bytes, writes answer, and closes the connection. The
// result in libpcsclite depends on how much was left unread, because it sends its first message in two parts.
func closingService(t *testing.T, heard int, answer []byte) string {
	t.Helper()
	socket := filepath.Join(labtest.Dir(t), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = listener.Close() })

	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := io.ReadFull(conn, make([]byte, heard)); err == nil {
				_, _ = conn.Write(answer)
			}
			_ = conn.Close()
		}
	}()

	return socket
}

// serviceWithoutReader returns the socket of a pcscd that has no reader, not even a virtual one.
func serviceWithoutReader(t *testing.T) string {
	t.Helper()
	dir := labtest.Dir(t)
	const setup = `set -e
[ -d /run/pcscd ] || { mount -t tmpfs wardlight /run; mkdir /run/pcscd; }
mount --bind "$1" /run/pcscd
mount -t tmpfs wardlight /etc/reader.conf.d
for driver in /usr/lib/pcsc/drivers/*.bundle; do
	[ -d "$driver" ] && mount -t tmpfs wardlight "$driver"
done
exec setpriv --pdeathsig KILL pcscd --foreground
`

	args := []string{"--mount", "--net", "--propagation", "private"}
	if os.Geteuid() != 0 {
		args = append(args, "--user", "--map-root-user")
	}

	cmd := exec.Command("unshare", append(args, "sh", "-c", setup, "sh", dir)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	socket := filepath.Join(dir, "pcscd.comm")
	labtest.Start(t, cmd).Until(t, "the socket of pcscd", func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})

	return socket
}
