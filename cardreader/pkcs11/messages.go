package pkcs11

// operation is an operation of a helper.
type operation string

// Operations.
const (
	opInspect operation = "inspect" // return the library, its slots and their tokens
	opRead    operation = "read"    // return the certificates in one slot
	// log in, sign, log out; the secret is the passcode, unless it is typed on the reader
	opSign operation = "sign"
)

// request is a request to a helper.
type request struct {
	Op   operation `json:"op"`
	Slot uint      `json:"slot,omitempty"`
	Sign *signing  `json:"sign,omitempty"` // for opSign
}

// signing is the input of a signature.
type signing struct {
	ID          []byte `json:"id"`                // CKA_ID of the certificate and the key
	Certificate []byte `json:"certificate"`       // DER; another certificate in the slot means another card
	RSA         bool   `json:"rsa"`               // false for ECDSA
	Data        []byte `json:"data"`              // RSA: a DigestInfo (RFC 8017, section 9.2); ECDSA: the digest
	Message     []byte `json:"message,omitempty"` // for a module that must compute the hash itself
	Hash        uint   `json:"hash"`              // crypto.Hash of Message

	OnReader bool `json:"on_reader,omitempty"` // the passcode is typed on the reader
}

// reply is the answer to a request. CKR is 0 on success.
type reply struct {
	CKR  uint32 `json:"ckr,omitempty"`
	Step step   `json:"step,omitempty"` // the step that failed
	Note string `json:"note,omitempty"` // for support

	Library      *Library      `json:"library,omitempty"`
	Slots        []Slot        `json:"slots,omitempty"`
	Certificates []certificate `json:"certificates,omitempty"`
	Signature    []byte        `json:"signature,omitempty"`    // RSA: PKCS #1 v1.5; ECDSA: r and s side by side
	Flags        uint          `json:"flags,omitempty"`        // token flags after a failed login
	AnotherCard  bool          `json:"another_card,omitempty"` // the certificate in the slot is another one
}

// step is a step of an operation.
type step string

// Steps. Before stepLogin the passcode was not passed to the module. After it, the passcode was correct.
const (
	stepLoad    step = "load"
	stepList    step = "list"
	stepSession step = "session"
	stepRead    step = "read"
	stepLogin   step = "login"
	stepKey     step = "key"
	stepSign    step = "sign"
)

// certificate is a certificate on a token.
type certificate struct {
	Slot  uint   `json:"slot"`
	ID    []byte `json:"id"`
	Label string `json:"label"`
	DER   []byte `json:"der"`

	Private bool `json:"private,omitempty"` // its private key is visible without a passcode
	Public  bool `json:"public,omitempty"`  // its public key is visible
}

// Library is a module's description of itself.
type Library struct {
	Description  string `json:"description"`
	Manufacturer string `json:"manufacturer"`
	Version      string `json:"version"`  // of the library, such as "0.23"
	Cryptoki     string `json:"cryptoki"` // of the standard, such as "2.40"
}

// Slot is a slot of a module, with or without a card.
type Slot struct {
	ID          uint   `json:"id"`
	Description string `json:"description"` // in most modules the reader's name
	Token       *Token `json:"token,omitempty"`
}

// Token is a card as described by a module. Its texts come from the card and are not cleaned.
type Token struct {
	Label        string `json:"label"`
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	Serial       string `json:"serial"`
	Flags        uint   `json:"flags"` // CKF_ values (PKCS #11 v2.40, section 3.2)
	Min          uint   `json:"min"`   // minimum length of the passcode in bytes
	Max          uint   `json:"max"`
}
