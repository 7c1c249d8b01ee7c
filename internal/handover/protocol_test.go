package handover

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"wardlight/internal/nhs"
)

const tess = nhs.Number("9990000018")

// long is a timeout that never expires in a test. brief is one that a test waits for.
const long, brief = time.Minute, 20 * time.Millisecond

// answersOf sends bytes to the screens' side. It returns the lines of the answer, and the numbers that were passed to
// the screens.
func answersOf(t *testing.T, timeout time.Duration, sent string, reply *Error) (answers []string, handed []nhs.Number) {
	t.Helper()
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() {
		defer there.Close()
		done <- serve(t.Context(), timeout, there, func(_ context.Context, r Request) error {
			handed = append(handed, r.Number)
			r.Reply(reply)
			r.Reply(&Error{Kind: Failed}) // a second reply is ignored
			return nil
		})
	}()

	lines := bufio.NewScanner(here)
	if lines.Scan() {
		answers = append(answers, lines.Text())
	}

	// Concurrently, because a line that is too long is not read to its end.
	go func() { _, _ = here.Write([]byte(sent)) }()
	for lines.Scan() {
		answers = append(answers, lines.Text())
	}
	<-done
	here.Close()
	return answers, handed
}

func TestServe_Shown(t *testing.T) {
	answers, handed := answersOf(t, long, "wardlight-show/1 9990000018\n", nil)
	if got := strings.Join(answers, ","); got != "wardlight-show/1 ready,wardlight-show/1 shown" || len(handed) != 1 ||
		handed[0] != tess {
		t.Errorf("answers = %q, numbers %v, want ready, shown and %s", got, handed, tess)
	}
}

func TestServe_Refused(t *testing.T) {
	answers, _ := answersOf(t, long, "wardlight-show/1 9990000018\n", &Error{Kind: Typed})
	if got := answers[len(answers)-1]; got != "wardlight-show/1 show_typed" {
		t.Errorf("last answer = %q, want show_typed", got)
	}
}

func TestServe_NothingMalformedReachesTheScreens(t *testing.T) {
	for name, c := range map[string]struct{ sent, want string }{
		"another version":  {"wardlight-show/2 9990000018\n", "show_other_version"},
		"no number":        {"wardlight-show/1 \n", "show_failed"},
		"a wrong digit":    {"wardlight-show/1 9990000019\n", "show_failed"},
		"letters":          {"wardlight-show/1 drop\n", "show_failed"},
		"two words":        {"wardlight-show/1 999 0000018\n", "show_failed"},
		"another protocol": {"GET / HTTP/1.1\r\n", "show_failed"},
		"not UTF-8":        {"wardlight-show/1 \xff\xfe\n", "show_failed"},
		"a control code":   {"wardlight-show/1 999\x1b[2J0000018\n", "show_failed"},
		"nothing":          {"\n", "show_failed"},
		"a long line":      {"wardlight-show/1 " + strings.Repeat("9", 1<<20), "show_failed"},
		"half a message":   {"wardlight-show/1 99900", ""},
		"no message":       {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := long
			if c.want == "" {
				timeout = brief
			}
			answers, handed := answersOf(t, timeout, c.sent, nil)
			if len(handed) > 0 {
				t.Errorf("received numbers = %v, want none", handed)
			}
			last := strings.TrimPrefix(answers[len(answers)-1], version+" ")
			if want := c.want; last != want && (want != "" || last != ready) {
				t.Errorf("last answer = %q, want %q", last, want)
			}
		})
	}
}

func TestServe_ScreensThatDoNotReply(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	taken := make(chan Request, 1)
	go func() {
		defer there.Close()
		_ = serve(t.Context(), brief, there, func(_ context.Context, r Request) error { taken <- r; return nil })
	}()
	began, err := send(t.Context(), long, here, tess)
	if !began || err == nil || err.Kind != NoAnswer {
		t.Errorf("send = %v, %v, want the number sent and kind NoAnswer", began, err)
	}
	if r := <-taken; !r.Abandoned() {
		t.Error("Gone = false after the sender has stopped waiting, want true")
	}
}

func TestSend_ScreensThatAreNotReadyGetNoNumber(t *testing.T) {
	for name, c := range map[string]struct {
		says string
		want Kind
	}{
		"another version":  {"wardlight-show/2 ready\n", OtherVersion},
		"another protocol": {"220 mail ESMTP\n", Failed},
		"a refusal":        {"wardlight-show/1 show_failed\n", Failed},
		"an unknown word":  {"wardlight-show/1 show_something_new\n", Failed},
		"a stopped one":    {"", NoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			go func() { _, _ = there.Write([]byte(c.says)) }()
			timeout := long
			if c.says == "" {
				timeout = brief
			}
			began, err := send(t.Context(), timeout, here, tess)
			if began || err == nil || err.Kind != c.want {
				t.Errorf("send = %v, %v, want no number sent and kind %v", began, err, c.want)
			}
			here.Close()
		})
	}
}

func TestSend_EndsWithItsContext(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := send(ctx, long, here, tess); err == nil || err.Kind != NoAnswer {
		t.Errorf("send with a cancelled context: error = %v, want kind NoAnswer", err)
	}
}

func TestErrors_SayNothingOfThePatient(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range Kinds() {
		e := &Error{Kind: k, Err: errors.New("cause")}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || seen[e.Code()] || seen[e.Name()] {
			t.Errorf("kind %d: sentence %q, advice %q, code %q, name %q, want all set and unique",
				k, e.Sentence(), e.Advice(), e.Code(), e.Name())
		}
		seen[e.Code()], seen[e.Name()] = true, true
		if kindOf(e.Name()) != k {
			t.Errorf("kindOf(%q) = %v, want %v", e.Name(), kindOf(e.Name()), k)
		}
		if len(version+" "+e.Name()) >= maxLine {
			t.Errorf("name %q doesn't fit into a line", e.Name())
		}
	}
}

func FuzzWordOf(f *testing.F) {
	for _, line := range []string{
		"wardlight-show/1 9990000018", "wardlight-show/2 ready", "wardlight-show/1", "\xff ",
		"",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		word, err := wordOf(line)
		if err == nil && line != version+" "+word {
			t.Errorf("wordOf(%q) = %q, want an error", line, word)
		}
	})
}
