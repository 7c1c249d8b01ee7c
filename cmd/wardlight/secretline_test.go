package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// testMaxLength is the maximum length of a secret in these tests, in bytes.
const testMaxLength = 8

func TestWhatKeysMakeOfASecret(t *testing.T) {
	for name, c := range map[string]struct {
		keys, want string
		err        error
	}{
		"Enter":                             {"246813\r", "246813", nil},
		"a line feed":                       {"246813\n9", "246813", nil},
		"nothing":                           {"\r", "", nil},
		"Backspace":                         {"2469\x7f8\x0813\r", "24613", nil},
		"Backspace before the first":        {"\x7f\x0824\r", "24", nil},
		"Ctrl-U":                            {"999\x15246813\r", "246813", nil},
		"Ctrl-U before the first":           {"\x1524\r", "24", nil},
		"Ctrl-C":                            {"24\x03\r", "", errInterrupted},
		"Ctrl-D behind something":           {"24\x04\r", "", errInterrupted},
		"Ctrl-D at first":                   {"\x04", "", errInterrupted},
		"the terminal goes":                 {"24", "", errInterrupted},
		"the terminal goes at first":        {"", "", errInterrupted},
		"as long as may be":                 {"12345678\r", "12345678", nil},
		"too long":                          {"123456789\r", "", errTooLong},
		"too long and mended":               {"12345678\x7f9\r", "12345679", nil},
		"too long and begun anew":           {"12345678\x1512345678\r", "12345678", nil},
		"Tab, Ctrl-W, NUL: no part of it":   {"2\t4\x17\x006\r", "246", nil},
		"letters beyond ASCII":              {"ä1\r", "ä1", nil},
		"arrows":                            {"2\x1b[A4\x1b[1;5C6\x1bOA8\r", "2468", nil},
		"Delete and F1":                     {"\x1b[3~24\x1bOP68\r", "2468", nil},
		"a paste between its marks":         {"\x1b[200~2468\x1b[201~\r", "2468", nil},
		"Esc, and then a digit":             {"\x1b24\r", "24", nil},
		"F1 of the Linux console":           {"2\x1b[[A4\r", "24", nil},
		"a sequence that breaks off":        {"2\x1b[1\r", "2", nil},
		"a sequence in a sequence":          {"2\x1b[1\x1b[A4\r", "24", nil},
		"Ctrl-C in a sequence":              {"2\x1b[\x03", "", errInterrupted},
		"Backspace in a sequence":           {"24\x1b[\x7f6\r", "26", nil},
		"more than it takes, but no secret": {strings.Repeat("\x1b[A\t", 20) + "24\r", "24", nil},
	} {
		t.Run(name, func(t *testing.T) {
			avail := make([]byte, 0, testMaxLength)
			got, err := readSecret(strings.NewReader(c.keys), fromKeys, avail)
			if !errors.Is(err, c.err) || string(got) != c.want {
				t.Errorf("readSecret(%q) = %q, %v, want %q, %v", c.keys, got, err, c.want, c.err)
			}
			checkCleared(t, avail, got)
		})
	}
}

func TestTheFirstLineOfAFileIsTheSecret(t *testing.T) {
	gone := errors.New("gone")
	for name, c := range map[string]struct {
		from io.Reader
		want string
		err  error
	}{
		"a line":                        {strings.NewReader("246813\nanother\n"), "246813", nil},
		"a line of Windows":             {strings.NewReader("246813\r\nanother\r\n"), "246813", nil},
		"without an end":                {strings.NewReader("246813"), "246813", nil},
		"an empty line":                 {strings.NewReader("\n246813\n"), "", nil},
		"nothing":                       {strings.NewReader(""), "", nil},
		"with its end at once":          {iotest.DataErrReader(strings.NewReader("246813")), "246813", nil},
		"as long as may be":             {strings.NewReader("12345678"), "12345678", nil},
		"too long":                      {strings.NewReader("123456789"), "", errTooLong},
		"what would be keys, as it is":  {strings.NewReader("2\x7f\x15\x1b[A\n"), "2\x7f\x15\x1b[A", nil},
		"an interrupt, as it is":        {strings.NewReader("2\x03\x04\n"), "2\x03\x04", nil},
		"one that can't be read":        {iotest.ErrReader(gone), "", gone},
		"one that can't be read on":     {io.MultiReader(strings.NewReader("24"), iotest.ErrReader(gone)), "", gone},
		"one that gives nothing, first": {&idle{left: 3, Reader: strings.NewReader("24\n")}, "24", nil},
	} {
		t.Run(name, func(t *testing.T) {
			avail := make([]byte, 0, testMaxLength)
			got, err := readSecret(c.from, fromFile, avail)
			if !errors.Is(err, c.err) || string(got) != c.want {
				t.Errorf("readSecret = %q, %v, want %q, %v", got, err, c.want, c.err)
			}
			checkCleared(t, avail, got)
		})
	}
}

// idle is a reader that first returns 0 bytes several times, as io.Reader allows.
type idle struct {
	io.Reader
	left int
}

func (r *idle) Read(b []byte) (int, error) {
	if r.left--; r.left >= 0 {
		return 0, nil
	}
	return r.Reader.Read(b)
}

// checkCleared fails the test if the rest of the slice still contains bytes of the secret.
func checkCleared(t *testing.T, avail, secret []byte) {
	t.Helper()
	if rest := string(avail[len(secret):cap(avail)]); strings.Trim(rest, "\x00") != "" {
		t.Errorf("room after the secret: got %q, want zero bytes", rest)
	}
}

// blockingReader is a reader that blocks until answer is closed.
type blockingReader struct{ started, goOn chan struct{} }

func (s blockingReader) Read(b []byte) (int, error) {
	close(s.started)
	<-s.goOn
	return 0, io.EOF
}

func TestNobodyWaitsForASecretWhenTheCommandEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := blockingReader{started: make(chan struct{}), goOn: make(chan struct{})}
	defer close(s.goOn)
	go func() {
		<-s.started
		cancel()
	}()
	if secret, err := secretLine(ctx, s, fromKeys, testMaxLength); !errors.Is(err, errInterrupted) || secret != nil {
		t.Errorf("secretLine with a cancelled context = %q, %v, want %v", secret, err, errInterrupted)
	}
}
