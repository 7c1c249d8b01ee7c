package audit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says how far the log had come at an instant. Signed, and kept where whoever can write the log can't, it
// shows later that nothing up to there was cut off or written anew.
//
// Its text is a signed note (c2sp.org/signed-note) in the form of a transparency log's checkpoint
// (c2sp.org/tlog-checkpoint): the name of the log, which is the key's; the count; the hash in base64; the time. The
// hash is the chain's, not a Merkle tree's.
type Checkpoint struct {
	Origin  string
	Records int64
	Hash    []byte // of the last of them
	At      time.Time
}

// The bounds of a note that is read, and what its lines begin with.
const (
	mostNoteBytes   = 4 << 10
	signatureMark   = "— "
	checkpointTime  = "time "
	checkpointLines = 4
)

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// NewCheckpointKey makes a pair of keys (Ed25519) for the log of that name, each a line of text: the first signs and
// is secret, the second checks. The name is like a host name, without spaces and '+'.
func NewCheckpointKey(rand io.Reader, name string) (private, public string, err error) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '+' }) {
		return "", "", fmt.Errorf("the name of a log is letters, digits, dots and the like, without spaces and '+', not %q", name)
	}
	return note.GenerateKey(rand, name)
}

// Verifier reads the public half of a key.
func Verifier(public string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("not the public half of a checkpoint key: that is one line, name+number+letters")
	}
	return v, nil
}

// CheckSigner says what is wrong with the private half of a key; nil for a good one.
func CheckSigner(private string) error {
	_, _, err := keys(private)
	return err
}

// keys reads the private half of a key, which has the public one in it.
func keys(private string) (note.Signer, note.Verifier, error) {
	private = strings.TrimSpace(private)
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, nil, errors.New("not the private half of a checkpoint key: that is one line that begins with PRIVATE+KEY+")
	}
	// What NewSigner takes is PRIVATE+KEY+name+number+base64 of the algorithm's byte and the seed; a name has no '+'.
	parts := strings.SplitN(private, "+", 5)
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, nil, errors.New("the private half of a checkpoint key is not of Ed25519")
	}
	key, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, nil, errors.New("the private half of a checkpoint key is not of Ed25519")
	}
	public, err := note.NewEd25519VerifierKey(signer.Name(), key)
	if err != nil {
		return nil, nil, err
	}
	v, err := note.NewVerifier(public)
	return signer, v, err
}

// sign returns the checkpoint as it is kept.
func (c Checkpoint) sign(s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Records, base64.StdEncoding.EncodeToString(c.Hash), checkpointTime, stamp(c.At))
	return note.Sign(&note.Note{Text: text}, s)
}

// openCheckpoint checks the signature of one note and reads it.
func openCheckpoint(msg []byte, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("no good signature of %s", v.Name())
	}
	bad := errors.New("signed, and not a checkpoint")
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	if len(lines) != checkpointLines || lines[0] != v.Name() {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Origin: lines[0]}
	if c.Records, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Records < 1 || strconv.FormatInt(c.Records, 10) != lines[1] {
		return Checkpoint{}, bad
	}
	if c.Hash, err = base64.StdEncoding.Strict().DecodeString(lines[2]); err != nil || len(c.Hash) != sha256.Size {
		return Checkpoint{}, bad
	}
	at, ok := strings.CutPrefix(lines[3], checkpointTime)
	if c.At, err = time.Parse(time.RFC3339, at); !ok || err != nil {
		return Checkpoint{}, bad
	}
	return c, nil
}

// CheckpointsError says what is wrong in a file of checkpoints, and in which line.
type CheckpointsError struct {
	Line int // the first of the checkpoint, from 1
	What string
}

// Error names the line.
func (e *CheckpointsError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// ReadCheckpoints reads checkpoints that stand one after another with empty lines between them, one at least. Each
// must be signed by the key and count more records than the one before it. It gives *CheckpointsError, or the
// reader's own error.
func ReadCheckpoints(r io.Reader, v note.Verifier) ([]Checkpoint, error) {
	var (
		all    []Checkpoint
		msg    bytes.Buffer
		begin  int  // line of the note that is being read
		signed bool // its signature has begun
	)
	end := func() error {
		c, err := openCheckpoint(msg.Bytes(), v)
		if err != nil {
			return &CheckpointsError{begin, err.Error()}
		}
		if n := len(all); n > 0 && c.Records <= all[n-1].Records {
			return &CheckpointsError{begin, fmt.Sprintf("counts %d records, after a checkpoint that counts %d: checkpoints are out of order", c.Records, all[n-1].Records)}
		}
		all = append(all, c)
		msg.Reset()
		signed = false
		return nil
	}
	lines := bufio.NewScanner(r)
	number := 0
	for lines.Scan() {
		number++
		line := lines.Text()
		switch {
		case line == "" && signed:
			if err := end(); err != nil {
				return nil, err
			}
			continue
		case line == "" && msg.Len() == 0:
			continue
		case msg.Len() == 0:
			begin = number
		}
		signed = signed || strings.HasPrefix(line, signatureMark)
		msg.WriteString(line + "\n")
		if msg.Len() > mostNoteBytes {
			return nil, &CheckpointsError{begin, "too long for a checkpoint"}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, &CheckpointsError{number + 1, "too long for a checkpoint"}
	} else if err != nil {
		return nil, err
	}
	if msg.Len() > 0 {
		if err := end(); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, &CheckpointsError{1, "no checkpoint"}
	}
	return all, nil
}
