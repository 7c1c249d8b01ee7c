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

// Checkpoint contains the length and the last hash of the log at a time. If it is signed, and stored where writers of
// the log can't change it, it proves later that nothing up to there was cut off or rewritten.
//
// Its text is a signed note (c2sp.org/signed-note) in the format of a transparency log's checkpoint
// (c2sp.org/tlog-checkpoint): the name of the log, which is also the key's name; the number of records; the hash in
// base64; the time. The hash is the chain's, not a Merkle tree's.
type Checkpoint struct {
	Origin  string
	Records int64
	Hash    []byte // hash of the last of them
	At      time.Time
}

// Limits of a note, and prefixes of its lines.
const (
	maxNoteBytes    = 4 << 10
	signatureMark   = "— "
	checkpointTime  = "time "
	checkpointLines = 4
)

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// NewCheckpointKey returns an Ed25519 key pair for the log of that name, each key as a line of text. The private key
// signs, the public one verifies. The name should look like a host name; it must not contain spaces or '+'.
func NewCheckpointKey(rand io.Reader, name string) (private, public string, err error) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '+' }) {
		return "", "", fmt.Errorf("the name of a log is letters, digits, dots and the like, without spaces and "+
			"'+', not %q", name)
	}
	return note.GenerateKey(rand, name)
}

// Verifier parses a public key.
func Verifier(public string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("not the public half of a checkpoint key: expected one line, name+number+letters")
	}
	return v, nil
}

// CheckSigner returns an error if the private key is invalid.
func CheckSigner(private string) error {
	_, _, err := keys(private)
	return err
}

// keys parses a private key and derives the public one.
func keys(private string) (note.Signer, note.Verifier, error) {
	private = strings.TrimSpace(private)
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, nil, errors.New("not the private half of a checkpoint key: expected one line that begins with " +
			"PRIVATE+KEY+")
	}

	// The format for NewSigner is PRIVATE+KEY+name+number+base64 of the algorithm's byte and the seed. A name has no
	// '+'.
	parts := strings.SplitN(private, "+", 5)
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, nil, errors.New("the private half of a checkpoint key is not an Ed25519 key")
	}

	key, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, nil, errors.New("the private half of a checkpoint key is not an Ed25519 key")
	}

	public, err := note.NewEd25519VerifierKey(signer.Name(), key)
	if err != nil {
		return nil, nil, err
	}

	v, err := note.NewVerifier(public)
	return signer, v, err
}

// sign returns the checkpoint as a signed note.
func (c Checkpoint) sign(s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Records, base64.StdEncoding.EncodeToString(c.Hash),
		checkpointTime, stamp(c.At))
	return note.Sign(&note.Note{Text: text}, s)
}

// openCheckpoint verifies the signature of a note and parses it.
func openCheckpoint(msg []byte, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("no valid signature by %s", v.Name())
	}

	bad := errors.New("signed, but not a checkpoint")
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	if len(lines) != checkpointLines || lines[0] != v.Name() {
		return Checkpoint{}, bad
	}

	c := Checkpoint{Origin: lines[0]}
	if c.Records, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Records < 1 ||
		strconv.FormatInt(c.Records, 10) != lines[1] {
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

// CheckpointsError is an error in a file of checkpoints, with its line.
type CheckpointsError struct {
	Line int // the first line of the checkpoint, from 1
	What string
}

// Error returns the line and the error.
func (e *CheckpointsError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// ReadCheckpoints reads one or more checkpoints, separated by empty lines. Each must be signed by the key, and must
// have more records than the one before it. The error is a *[CheckpointsError], or the reader's.
func ReadCheckpoints(r io.Reader, v note.Verifier) ([]Checkpoint, error) {
	var (
		all    []Checkpoint
		msg    bytes.Buffer
		begin  int  // the first line of the current note
		signed bool // the note's signature has started
	)

	end := func() error {
		c, err := openCheckpoint(msg.Bytes(), v)
		if err != nil {
			return &CheckpointsError{begin, err.Error()}
		}
		if n := len(all); n > 0 && c.Records <= all[n-1].Records {
			return &CheckpointsError{begin, fmt.Sprintf("covers %d records, but an earlier checkpoint covers %d: "+
				"checkpoints are out of order", c.Records, all[n-1].Records)}
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
		if msg.Len() > maxNoteBytes {
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
