package translog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// Parts of a cosignature (c2sp.org/tlog-cosignature): the byte of its algorithm, and the bytes of the time that precede
// the Ed25519 signature.
const (
	cosignatureAlgorithm = 0x04
	cosignatureTime      = 8
)

// cosigned returns what a witness signs at a time, in seconds since 1970: the text of a checkpoint with a header. It
// returns an error for another text, because a witness signs nothing else.
func cosigned(at uint64, text []byte) ([]byte, error) {
	if _, err := parseCheckpoint(string(text)); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text), nil
}

// WitnessSigner signs checkpoints as a witness. It implements note.Signer.
type WitnessSigner struct {
	WitnessVerifier
	private ed25519.PrivateKey
	clock   func() time.Time
}

// NewWitnessSigner returns a signer with the name of the witness. It returns an error for an invalid name.
func NewWitnessSigner(name string, private ed25519.PrivateKey, clock func() time.Time) (*WitnessSigner, error) {
	public, ok := private.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the key of a witness is not an Ed25519 key")
	}
	v, err := newWitnessVerifier(name, public)
	if err != nil {
		return nil, err
	}
	return &WitnessSigner{*v, private, clock}, nil
}

// Sign returns the time and the signature.
func (s *WitnessSigner) Sign(text []byte) ([]byte, error) {
	at := uint64(s.clock().Unix()) //nolint:gosec // the clock is after 1970
	msg, err := cosigned(at, text)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(s.private, msg)...), nil
}

// WitnessVerifier verifies the signatures of a witness. It implements note.Verifier.
type WitnessVerifier struct {
	name   string
	public ed25519.PublicKey
}

func newWitnessVerifier(name string, public ed25519.PublicKey) (*WitnessVerifier, error) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '+' }) {
		return nil, fmt.Errorf("the name of a witness has no spaces and no '+', got %q", name)
	}
	return &WitnessVerifier{name, public}, nil
}

// ParseWitness parses the public key of a witness: name, key id in hexadecimal and key in base64, separated by '+'.
func ParseWitness(key string) (*WitnessVerifier, error) {
	bad := errors.New("not the public key of a witness: expected one line, name+number+letters")
	parts := strings.SplitN(strings.TrimSpace(key), "+", 3)
	if len(parts) != 3 {
		return nil, bad
	}

	public, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(public) != 1+ed25519.PublicKeySize || public[0] != cosignatureAlgorithm {
		return nil, bad
	}

	v, err := newWitnessVerifier(parts[0], public[1:])
	if err != nil {
		return nil, err
	}
	if fmt.Sprintf("%08x", v.KeyHash()) != parts[1] {
		return nil, bad
	}

	return v, nil
}

// Name returns the name of the witness.
func (v *WitnessVerifier) Name() string { return v.name }

// SameKey reports whether two witnesses have the same key. Their names may differ.
func (v *WitnessVerifier) SameKey(other *WitnessVerifier) bool { return v.public.Equal(other.public) }

// KeyHash returns the id of the key.
func (v *WitnessVerifier) KeyHash() uint32 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", v.name, v.encoded()))
	return binary.BigEndian.Uint32(sum[:])
}

// encoded returns the key after the byte of its algorithm.
func (v *WitnessVerifier) encoded() []byte { return append([]byte{cosignatureAlgorithm}, v.public...) }

// String returns the public key as [ParseWitness] accepts it.
func (v *WitnessVerifier) String() string {
	return fmt.Sprintf("%s+%08x+%s", v.name, v.KeyHash(), base64.StdEncoding.EncodeToString(v.encoded()))
}

// Verify reports whether sig is the signature of the witness for the text of a checkpoint.
func (v *WitnessVerifier) Verify(text, sig []byte) bool {
	if len(sig) != cosignatureTime+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	msg, err := cosigned(at, text)
	return err == nil && at <= math.MaxInt64 && ed25519.Verify(v.public, msg, sig[cosignatureTime:])
}

var (
	_ note.Signer   = (*WitnessSigner)(nil)
	_ note.Verifier = (*WitnessVerifier)(nil)
)
