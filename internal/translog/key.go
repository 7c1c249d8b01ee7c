package translog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// treeSuffix ends the name of the tree's log. It differs from the chain's name, so that a checkpoint of the chain is
// never accepted as one of the tree, although both have the same key.
const treeSuffix = "/tree"

// algorithm is the first byte of an encoded Ed25519 key.
const algorithm = 1

// SignerOf returns the signer of the tree's checkpoints, and its verifier, for the private key of the audit's
// checkpoints (wardlight-hub audit key).
func SignerOf(private string) (note.Signer, *LogVerifier, error) {
	bad := errors.New("not the private half of a checkpoint key: expected one line that begins with PRIVATE+KEY+")
	private = strings.TrimSpace(private)
	chain, err := note.NewSigner(private)
	if err != nil {
		return nil, nil, bad
	}

	parts := strings.SplitN(private, "+", 5) // PRIVATE, KEY, name, number, key
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize || seed[0] != algorithm {
		return nil, nil, bad
	}
	public, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, nil, bad
	}

	v, err := treeVerifier(chain.Name(), public)
	if err != nil {
		return nil, nil, err
	}
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", v.Name(), v.KeyHash(), parts[len(parts)-1]))
	return s, v, err
}

// VerifierOf returns the verifier of the tree's checkpoints for the public key of the audit's checkpoints.
func VerifierOf(public string) (*LogVerifier, error) {
	bad := errors.New("not the public half of a checkpoint key: expected one line, name+number+letters")
	public = strings.TrimSpace(public)
	chain, err := note.NewVerifier(public)
	if err != nil {
		return nil, bad
	}
	parts := strings.SplitN(public, "+", 3) // name, number, key
	key, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algorithm {
		return nil, bad
	}
	return treeVerifier(chain.Name(), key[1:])
}

// LogVerifier verifies the tree's checkpoints.
type LogVerifier struct {
	note.Verifier
	text string
}

// String returns the public key of the tree's checkpoints (c2sp.org/signed-note). Witnesses need it.
func (v *LogVerifier) String() string { return v.text }

func treeVerifier(chain string, public ed25519.PublicKey) (*LogVerifier, error) {
	text, err := note.NewEd25519VerifierKey(chain+treeSuffix, public)
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(text)
	return &LogVerifier{v, text}, err
}
