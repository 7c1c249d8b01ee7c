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

// long is a timeout that no test waits for, brief one that a test of what never comes waits for.
const long, brief = time.Minute, 20 * time.Millisecond

// answersOf sends bytes to the screens' side and returns the lines that it answers, and what it hands on.
func answersOf(t *testing.T, timeout time.Duration, sent string, reply *Error) (answers []string, handed []nhs.Number) {
	t.Helper()
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() {
		defer there.Close()
		done <- serve(t.Context(), timeout, there, func(_ context.Context, r Request) error {
			handed = append(handed, r.Number)
			r.Reply(reply)
			r.Reply(&Error{Kind: Failed}) // a second reply is dropped
			return nil
		})
	}()
	lines := bufio.NewScanner(here)
	if lines.Scan() {
		answers = append(answers, lines.Text())
	}
	go func() { _, _ = here.Write([]byte(sent)) }() // a line that is too long is not read to its end
	for lines.Scan() {
		answers = append(answers, lines.Text())
	}
	<-done
	here.Close()
	return answers, handed
}

func TestServe_Shown(t *testing.T) {
	answers, handed := answersOf(t, long, "wardlight-show/1 9990000018\n", nil)
	if got := strings.Join(answers, ","); got != "wardlight-show/1 ready,wardlight-show/1 shown" || len(handed) != 1 || handed[0] != tess {
		t.Errorf("answered %q, handed on %v", got, handed)
	}
}

func TestServe_Refused(t *testing.T) {
	answers, _ := answersOf(t, long, "wardlight-show/1 9990000018\n", &Error{Kind: Typed})
	if got := answers[len(answers)-1]; got != "wardlight-show/1 show_typed" {
		t.Errorf("answered %q", got)
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
				t.Errorf("handed on %v", handed)
			}
			last := strings.TrimPrefix(answers[len(answers)-1], version+" ")
			if want := c.want; last != want && (want != "" || last != ready) {
				t.Errorf("answered %q, want %q", last, want)
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
		t.Errorf("sent %v, error %v", began, err)
	}
	if r := <-taken; !r.Gone() {
		t.Error("the screens would still show a patient for whom nobody waits")
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
				t.Errorf("sent %v, error %v, want kind %v", began, err, c.want)
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
		t.Errorf("error %v", err)
	}
}

func TestErrors_SayNothingOfThePatient(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range Kinds() {
		e := &Error{Kind: k, Err: errors.New("cause")}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || seen[e.Code()] || seen[e.Name()] {
			t.Errorf("%d: %q, %q, code %q, name %q", k, e.Sentence(), e.Advice(), e.Code(), e.Name())
		}
		seen[e.Code()], seen[e.Name()] = true, true
		if kindOf(e.Name()) != k {
			t.Errorf("%q is read as %v", e.Name(), kindOf(e.Name()))
		}
		if len(version+" "+e.Name()) >= maxLine {
			t.Errorf("%q does not fit into a line", e.Name())
		}
	}
}

func FuzzWordOf(f *testing.F) {
	for _, line := range []string{"wardlight-show/1 9990000018", "wardlight-show/2 ready", "wardlight-show/1", "\xff ", ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		word, err := wordOf(line)
		if err == nil && line != version+" "+word {
			t.Errorf("%q was read as %q", line, word)
		}
	})
}
