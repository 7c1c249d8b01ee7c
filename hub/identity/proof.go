package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/store"
)

// Limits of a DPoP proof (RFC 9449 §4.3).
const (
	proofType   = "dpop+jwt"
	maxJWT      = 16 << 10
	maxJTI      = 128
	clockLeeway = 120 * time.Second // maximum clock skew (docs/api.md)
)

// Proof is a DPoP proof with valid signature, format, method and URL. The caller has to check its time and its key.
type Proof struct {
	Thumb  string // RFC 7638 thumbprint of its key in base64url
	Issued time.Time
	once   store.Once
	ath    string
}

// parseProof verifies a DPoP header for its request (RFC 9449 §4.3, 1 to 9).
func parseProof(compact, method string, target *url.URL) (*Proof, error) {
	if compact == "" || len(compact) > maxJWT {
		return nil, errors.New("the proof is missing or too long")
	}

	jws, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, errors.New("not a JWS signed with ES256")
	}

	header := jws.Signatures[0].Protected
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); typ != proofType {
		return nil, errors.New("typ is not " + proofType)
	}

	key := header.JSONWebKey
	if key == nil || !key.Valid() || !key.IsPublic() {
		return nil, errors.New("no public key in the header")
	}
	if public, ok := key.Key.(*ecdsa.PublicKey); !ok || public.Curve != elliptic.P256() {
		return nil, errors.New("the key is not a P-256 key")
	}

	payload, err := jws.Verify(key)
	if err != nil {
		return nil, errors.New("the signature does not verify")
	}

	var claims struct {
		JTI string  `json:"jti"`
		HTM string  `json:"htm"`
		HTU string  `json:"htu"`
		ATH string  `json:"ath"`
		IAT seconds `json:"iat"`
	}

	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, errors.New("the claims cannot be parsed")
	}
	if claims.HTM != method {
		return nil, errors.New("htm is not the request's method")
	}
	if !sameURL(claims.HTU, target) {
		return nil, errors.New("htu is not the request's URL")
	}
	if claims.JTI == "" || len(claims.JTI) > maxJTI {
		return nil, errors.New("jti is missing or too long")
	}

	thumb, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, errors.New("the key has no thumbprint")
	}

	p := &Proof{Thumb: base64.RawURLEncoding.EncodeToString(thumb), Issued: claims.IAT.time(), ath: claims.ATH}
	p.once = store.Once{Hash: onceHash(p.Issued, "proof", p.Thumb, claims.JTI), Expires: p.Issued.Add(2 * clockLeeway)}
	return p, nil
}

// sameURL reports whether scheme, host and path are equal. Query and fragment are ignored (RFC 9449 §4.3, 9).
func sameURL(htu string, target *url.URL) bool {
	u, err := url.Parse(htu)
	if err != nil {
		return false
	}
	host := func(u *url.URL) string {
		h := strings.ToLower(u.Host)
		switch strings.ToLower(u.Scheme) {
		case "https":
			h = strings.TrimSuffix(h, ":443")
		case "http":
			h = strings.TrimSuffix(h, ":80")
		}
		return h
	}
	return strings.EqualFold(u.Scheme, target.Scheme) && host(u) == host(target) && normalPath(u) == normalPath(target)
}

// normalPath returns the path in which only reserved characters are percent-encoded (RFC 3986 §6.2.2, to which RFC
// 9449 §4.3 refers): %39 becomes 9, and %2f becomes %2F.
func normalPath(u *url.URL) string {
	const digits = 2
	var b strings.Builder
	for p := u.EscapedPath(); p != ""; {
		if p[0] != '%' || len(p) <= digits {
			b.WriteByte(p[0])
			p = p[1:]
			continue
		}
		c, err := hex.DecodeString(p[1 : 1+digits])
		switch {
		case err == nil && unreserved(c[0]):
			b.WriteByte(c[0])
		default:
			b.WriteString(strings.ToUpper(p[:1+digits]))
		}
		p = p[1+digits:]
	}
	return b.String()
}

// unreserved reports whether a character need not be encoded (RFC 3986 §2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// fresh reports whether the proof was made within clockLeeway of now.
func (p *Proof) fresh(now time.Time) bool { return now.Sub(p.Issued).Abs() <= clockLeeway }

// covers reports whether the proof is for the token (RFC 9449 §4.3, 11).
func (p *Proof) covers(token string) bool {
	sum := sha256.Sum256([]byte(token))
	want := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(p.ath), []byte(want)) == 1
}

// onceHash returns the hash of something signed at a time. The time in seconds comes first. The ledger no longer sorts
// by hash, but the format must not change: a proof that was used before an update must have the same hash after it.
func onceHash(at time.Time, parts ...string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(at.Unix())),
		hash(parts...)...) //nolint:gosec // compared only
}

// hash returns a hash of parts. Each part is preceded by its length, so that different parts can't have the same
// encoding.
func hash(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		var length [4]byte
		for i := range length {
			length[i] = byte(len(p) >> (8 * i))
		}
		h.Write(length[:])
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
