package pkcs11

// operation is what a helper is asked to do.
type operation string

// The operations.
const (
	opInspect operation = "inspect" // the library, its slots and their tokens
	opRead    operation = "read"    // the certificates in one slot
	opSign    operation = "sign"    // log in, sign, log out; the passcode, unless it is typed on the reader, is the frame's secret
)

// request is one exchange's first half.
type request struct {
	Op   operation `json:"op"`
	Slot uint      `json:"slot,omitempty"`
	Sign *signing  `json:"sign,omitempty"` // of opSign
}

// signing is what to sign, and with what.
type signing struct {
	ID          []byte `json:"id"`                // CKA_ID of certificate and key
	Certificate []byte `json:"certificate"`       // DER; another one in the slot means another card
	RSA         bool   `json:"rsa"`               // else ECDSA
	Data        []byte `json:"data"`              // RSA: a DigestInfo (RFC 8017, section 9.2); ECDSA: the digest
	Message     []byte `json:"message,omitempty"` // for a module that insists on hashing by itself
	Hash        uint   `json:"hash"`              // a crypto.Hash, of Message

	OnReader bool `json:"on_reader,omitempty"` // the passcode is typed on the reader
}

// reply is the other half. CKR 0 is success.
type reply struct {
	CKR  uint32 `json:"ckr,omitempty"`
	Step step   `json:"step,omitempty"` // where it failed
	Note string `json:"note,omitempty"` // for support

	Library      *Library      `json:"library,omitempty"`
	Slots        []Slot        `json:"slots,omitempty"`
	Certificates []certificate `json:"certificates,omitempty"`
	Signature    []byte        `json:"signature,omitempty"`    // RSA: PKCS #1 v1.5; ECDSA: r and s side by side
	Flags        uint          `json:"flags,omitempty"`        // of the token, after a failed login
	AnotherCard  bool          `json:"another_card,omitempty"` // the certificate in the slot is another one
}

// step is how far a helper came.
type step string

// The steps. Before stepLogin no passcode has left the helper; after it the passcode was right.
const (
	stepLoad    step = "load"
	stepList    step = "list"
	stepSession step = "session"
	stepRead    step = "read"
	stepLogin   step = "login"
	stepKey     step = "key"
	stepSign    step = "sign"
)

// certificate is one that a token holds.
type certificate struct {
	Slot  uint   `json:"slot"`
	ID    []byte `json:"id"`
	Label string `json:"label"`
	DER   []byte `json:"der"`

	Private bool `json:"private,omitempty"` // the module shows its private key without a passcode
	Public  bool `json:"public,omitempty"`  // and its public key
}

// Library is what a module says of itself.
type Library struct {
	Description  string `json:"description"`
	Manufacturer string `json:"manufacturer"`
	Version      string `json:"version"`  // of the library: "0.23"
	Cryptoki     string `json:"cryptoki"` // of the standard that it keeps: "2.40"
}

// Slot is where a module sees a card, or could.
type Slot struct {
	ID          uint   `json:"id"`
	Description string `json:"description"` // for most modules the reader's name
	Token       *Token `json:"token,omitempty"`
}

// Token is a card as a module sees it. Its text comes from the card and is not cleaned.
type Token struct {
	Label        string `json:"label"`
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	Serial       string `json:"serial"`
	Flags        uint   `json:"flags"` // CKF_ values (PKCS #11 v2.40, section 3.2)
	Min          uint   `json:"min"`   // length of the passcode in bytes
	Max          uint   `json:"max"`
}
