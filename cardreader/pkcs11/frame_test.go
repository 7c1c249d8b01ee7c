package pkcs11

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestFrame_RoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	sent := request{Op: opSign, Slot: 7, Sign: &signing{ID: []byte{0xA1}, Data: []byte("digest"), RSA: true}}
	for range 2 {
		if err := writeFrame(&pipe, sent, []byte("Pass-4711")); err != nil {
			t.Fatal(err)
		}
	}

	if n := strings.Count(pipe.String(), "4711"); n != 2 {
		t.Errorf("occurrences of the passcode in the frames: got %d, want 2", n)
	}

	for range 2 {
		var got request
		var secret cardreader.Passcode
		if err := readFrame(&pipe, &got, &secret); err != nil {
			t.Fatal(err)
		}
		if got.Op != opSign || got.Slot != 7 || string(got.Sign.Data) != "digest" ||
			string(secret.Bytes()) != "Pass-4711" {
			t.Errorf("readFrame: got %+v with a secret of %d bytes", got, secret.Len())
		}
	}

	if err := readFrame(&pipe, new(request), nil); !errors.Is(err, io.EOF) {
		t.Errorf("readFrame after the last frame: got error %v, want io.EOF", err)
	}
}

func TestReadFrame_Malformed(t *testing.T) {
	header := func(document uint32, secret byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, document), secret)
	}

	for name, c := range map[string]struct {
		sent   []byte
		secret bool
	}{
		"too long":             {header(maxDocument+1, 0), true},
		"secret too long":      {header(2, cardreader.MaxPasscode+1), true},
		"secret to nobody":     {append(header(2, 1), "x{}"...), false},
		"cut off in header":    {[]byte{0, 0}, true},
		"cut off in secret":    {append(header(2, 6), "246"...), true},
		"cut off in document":  {append(header(9, 0), "{}"...), true},
		"a document of no use": {append(header(2, 0), "[]"...), true},
		"a vendor's greeting":  {[]byte("hello from the vendor"), true},
	} {
		var secret *cardreader.Passcode
		if c.secret {
			secret = new(cardreader.Passcode)
		}
		if err := readFrame(bytes.NewReader(c.sent), new(request), secret); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("readFrame, %s: got error %v, want one other than io.EOF", name, err)
		}
	}

	if err := writeFrame(io.Discard, request{}, make([]byte, cardreader.MaxPasscode+1)); err == nil {
		t.Error("writeFrame with a secret that is too long succeeded, want an error")
	}
}

// FuzzFrame reads arbitrary bytes, as a module may have written them to the pipe. A valid frame must stay the same
// when written and read again.
func FuzzFrame(f *testing.F) {
	var good bytes.Buffer
	_ = writeFrame(&good, request{Op: opSign, Sign: &signing{ID: []byte{1}}}, []byte("246813"))
	f.Add(good.Bytes())
	good.Reset()
	_ = writeFrame(&good, reply{
		Slots:        []Slot{{Token: &Token{Label: "x", Min: 4, Max: 8}}},
		Certificates: []certificate{{DER: []byte{0x30}}},
	}, nil)

	f.Add(good.Bytes())
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF})

	f.Fuzz(func(t *testing.T, sent []byte) {
		var asked request
		var secret cardreader.Passcode
		if err := readFrame(bytes.NewReader(sent), &asked, &secret); err == nil {
			var again bytes.Buffer
			if err := writeFrame(&again, asked, secret.Bytes()); err != nil {
				t.Fatal(err)
			}
			var back request
			var copied cardreader.Passcode
			if err := readFrame(&again, &back, &copied); err != nil || !bytes.Equal(secret.Bytes(), copied.Bytes()) ||
				back.Op != asked.Op {
				t.Errorf("writeFrame(%+v) and readFrame = %+v, %v", asked, back, err)
			}
		}
		var told reply
		if err := readFrame(bytes.NewReader(sent), &told, nil); err == nil {
			use(t, told)
		}
	})
}

// use processes a reply as the driver does.
func use(t *testing.T, r reply) {
	err := failure(r)
	e, ours := err.(*cardreader.Error) //nolint:errorlint // the documentation promises exactly this type
	if err != nil && (!ours || e.Sentence() == "" || e.Advice() == "" || e.Code() == "") {
		t.Errorf("failure: got error %T, %v, want a complete *cardreader.Error", err, err)
	}
	canRetry(r)
	for _, s := range slotsOf(r.Slots, "Reader") {
		if s.Token == nil {
			t.Error("slotsFor: got a slot without a token")
			continue
		}
		form := s.Token.Form()
		if form.MinLen() < 1 || form.MaxLen() > cardreader.MaxPasscode || form.MinLen() > form.MaxLen() {
			t.Errorf("Form() = %s, want lengths from 1 to %d", form, cardreader.MaxPasscode)
		}
	}
	if c, err := choose(r.Certificates, "", chosenAt); err == nil && (c.parsed == nil || len(c.ID) == 0) {
		t.Error("choose: got a certificate that is malformed or has no id")
	}
}
