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

// CheckpointList is the contents of a file of checkpoints.
type CheckpointList struct {
	Checkpoints []Checkpoint // in ascending order
	Incomplete  []int        // the lines where checkpoints begin that were not written completely
}

// ReadCheckpoints reads one or more checkpoints, separated by empty lines. Each must be signed by the key, and must
// have more records than the one before it, or be the same. A checkpoint of which only the beginning was written is
// listed and skipped, because a file to which text is only appended contains it forever. The error is a
// *[CheckpointsError], or the reader's.
func ReadCheckpoints(r io.Reader, v note.Verifier) (CheckpointList, error) {
	var (
		all   CheckpointList
		msg   noteReader
		lines = bufio.NewScanner(r)
	)

	number := 0
	for lines.Scan() {
		number++
		if msg.endsBefore(lines.Text()) {
			if err := all.add(&msg, v); err != nil {
				return CheckpointList{}, err
			}
		}
		if err := msg.add(number, lines.Text()); err != nil {
			return CheckpointList{}, err
		}
	}

	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return CheckpointList{}, &CheckpointsError{number + 1, "too long for a checkpoint"}
	} else if err != nil {
		return CheckpointList{}, err
	}

	if err := all.add(&msg, v); err != nil {
		return CheckpointList{}, err
	}
	if len(all.Checkpoints) == 0 {
		return CheckpointList{}, &CheckpointsError{1, "no checkpoint"}
	}

	return all, nil
}

// add adds the note that msg contains, if any, and empties msg.
func (l *CheckpointList) add(msg *noteReader, v note.Verifier) error {
	text, begin := msg.text.Bytes(), msg.begin
	defer msg.reset()
	if len(text) == 0 {
		return nil
	}
	if beginsCheckpoint(string(text), v.Name()) {
		l.Incomplete = append(l.Incomplete, begin)
		return nil
	}

	c, err := openCheckpoint(text, v)
	if err != nil {
		return &CheckpointsError{begin, err.Error()}
	}
	if n := len(l.Checkpoints); n > 0 {
		last := l.Checkpoints[n-1]
		if c.Records == last.Records && bytes.Equal(c.Hash, last.Hash) {
			return nil // written again, because it wasn't certain that the first one was durable
		}
		if c.Records <= last.Records {
			return &CheckpointsError{begin, fmt.Sprintf("covers %d records, but an earlier checkpoint covers %d: "+
				"checkpoints are out of order", c.Records, last.Records)}
		}
	}
	l.Checkpoints = append(l.Checkpoints, c)
	return nil
}

// noteReader collects the lines of one note.
type noteReader struct {
	text   bytes.Buffer
	begin  int  // the first line
	blank  bool // the text has ended
	signed bool // the signatures have started
}

func (m *noteReader) reset() { *m = noteReader{} }

// endsBefore reports whether the note ends before a line, complete or not.
func (m *noteReader) endsBefore(line string) bool {
	if line == "" {
		return m.signed || m.blank
	}
	return m.blank && !m.signed && !isSignature(line)
}

// add adds a line. It skips empty lines before the note.
func (m *noteReader) add(number int, line string) error {
	if line == "" && m.text.Len() == 0 {
		return nil
	}
	if m.text.Len() == 0 {
		m.begin = number
	}
	m.signed = m.signed || isSignature(line)
	m.blank = m.blank || line == ""
	m.text.WriteString(line + "\n")
	if m.text.Len() > maxNoteBytes {
		return &CheckpointsError{m.begin, "too long for a checkpoint"}
	}
	return nil
}

// isSignature reports whether a line is a signature, or the beginning of one.
func isSignature(line string) bool {
	return strings.HasPrefix(line, signatureMark) || line != "" && strings.HasPrefix(signatureMark, line)
}

// beginsCheckpoint reports whether a text is the beginning of a signed checkpoint of that log, but not a complete one.
func beginsCheckpoint(text, origin string) bool {
	const (
		digits  = "0123456789"
		letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + digits + "+/="
	)
	// A line is a constant text and then at most so many of the characters.
	form := []struct {
		constant, chars string
		max             int
	}{
		{origin, "", 0},
		{"", digits, len("9223372036854775807")},
		{"", letters, base64.StdEncoding.EncodedLen(sha256.Size)},
		{checkpointTime, digits + "-:TZ", len(time.RFC3339) - len("07:00")},
		{"", "", 0},
		{signatureMark + origin + " ", letters, base64.StdEncoding.EncodedLen(minSignatureBytes) - 1},
	}

	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > len(form) {
		return false
	}
	for i, line := range lines {
		f := form[i]
		rest, ok := strings.CutPrefix(line, f.constant)
		if !ok && !strings.HasPrefix(f.constant, line) {
			return false
		}
		if ok && (len(rest) > f.max || strings.Trim(rest, f.chars) != "") {
			return false
		}
	}
	return true
}
