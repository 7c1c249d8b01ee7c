package store

import (
	"time"

	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// PlanKind is a kind of plan on CP-IS.
type PlanKind string

// The kinds of plan.
const (
	ChildProtection PlanKind = "CPP"
	LookedAfter     PlanKind = "LAC"
	UnbornChild     PlanKind = "UCPP" // held under the mother's NHS number
)

// Authority is a local authority.
type Authority struct {
	Code        string // "V999"
	Name        string // "EXAMPLESHIRE COUNCIL"
	OfficePhone string // office hours; ""
	DutyPhone   string // emergency duty team
	Endpoint    string // where its notifications go, as a URL; "" when none is known yet
}

// Credential lets an authority's system in.
type Credential struct {
	Authority string // its code
	Hash      []byte // SHA-256 of the secret; the secret itself is never kept
	Label     string // what its owner calls it
	Created   time.Time
	Ended     time.Time // zero while it serves
}

// Upload is a file of an authority, what it changes, and the answer it got. The same file again gets the same answer
// and changes nothing.
type Upload struct {
	ID        string
	Authority string // its code
	File      string // the authority's own id of the file
	Digest    string // of what was sent
	Made      int64  // when the authority made the file, as in Plan
	Version   int64  // of the authority's plans (PlansVersion) when the file was worked out; 0 when it rests on none; not given back
	At        time.Time
	Answer    []byte   // nil once it is not kept any more (Retention)
	Plans     []Plan   // to be added, or to replace those with the same ID; not given back
	Deleted   []string // IDs of plans to be taken away, on file or not; not given back
	Withheld  []Withheld
	SentAgain []nhs.Number // of whom nothing of the authority is Withheld any more
	Removed   []Plan       // what is no plan any more, by what it was known by, with its Made; not given back
}

// Plan is one plan of one authority.
type Plan struct {
	ID        string
	Number    nhs.Number // the child's, or for an unborn child the mother's
	Kind      PlanKind
	Start     nhs.Date
	End       nhs.Date // zero while it runs
	Due       nhs.Date // of an unborn child, where it is known
	Authority string   // its code
	Reference string   // the authority's own
	// Made is when its authority made the file that said so last: in microseconds since 1970, or the number that the
	// authority gave the file, which is less; 0 where it gave neither.
	Made int64
}

// Withheld is a patient of whom an authority sent a plan that was refused because the record was restricted. Until the
// authority sends again, what is on file says nothing about the patient.
type Withheld struct {
	Authority string // its code
	Number    nhs.Number
	File      string // the authority's own id of the file in which it was refused last
	Row       int    // the row of that file, as its sender counts
}

// Resend is an authority that has to send again what it sent since a time: a backup of that time was restored, and what
// came after it is not in these books. The authority "" is every one that is not on file.
type Resend struct {
	Authority string // its code
	Since     time.Time
}

// Lacks is why plans of a patient may not be on file, so that "none" would be a false answer.
type Lacks struct {
	Withheld bool // an authority has to send again what was refused of the patient
	Resend   bool // some authority has to send again what came after the backup that was restored
}

// ResendChange says that authorities have to send again, or that they have.
type ResendChange struct {
	Authorities []string // codes, as in Resend
	// Since is since when they have to send again; where one had to already, the earlier time counts. Zero where they
	// have sent.
	Since time.Time
}

// PlanChange is what an operator does to one plan: its end is set to a day, and nothing else of it is changed; or it
// is taken away.
type PlanChange struct {
	ID     string
	End    nhs.Date // the last day; not looked at where Remove is set
	Remove bool
}

// Change is what a command of the operator, or an import, changes beside what requests leave. Only what is set is changed.
type Change struct {
	Plan       *PlanChange // ErrNoPlan refuses the entry where there is no such plan
	Put        *Plan       // is added, or replaces the plan with its ID
	Authority  *Authority  // is added, or replaces the one with its code
	Credential *Credential // is added; one that has ended ends the one with its hash: ErrNotFound where there is none
	Resend     *ResendChange
	Seal       *AuditSeal        // ErrNotSealed where it does not fit the audit
	Revoked    *Revocation       // is put on the list, and ends the sessions that its certificate began
	Distrusted string            // the name of a CA: what its certificates began ends
	Lifted     *Certificate      // is taken off the list. ErrNotFound where nothing there names it
	Person     *Person           // is added with their roles, or replaces both. ErrRoleTaken
	Theirs     []CertificateName // by what certificates are known that are Person's from now on
	Enrolled   *Enrolment
	Released   *CertificateName // is nobody's any more, and ends the sessions of whose it was. ErrNotFound. It goes with no other
}

// Enrolment says whose the certificates are that are known by a name. ErrCertificateTaken refuses it where they are somebody
// else's. The person must be on file.
type Enrolment struct {
	Name   CertificateName
	Person string // UUID
}

// HeldPlan is a plan with its authority.
type HeldPlan struct {
	Plan
	By Authority
}

// Person is someone who can sign in.
type Person struct {
	UUID    string // 12 digits: the common name of the certificate
	Title   string // "Ms"
	Given   string
	Family  string
	Roles   []Role
	Version int64 // another, and not 0, after each time the person is put; given, not put
}

// Role is a role profile with what CIS2 says of it besides.
type Role struct {
	rbac.RoleProfile
	OrgID    string // person_orgid
	RoleName string // role_name in full: "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\""; "" takes JobName
}

// Certificate names a certificate in the three ways a revocation list may.
type Certificate struct {
	Fingerprint string // SHA-256 of the DER, lower-case hex
	Issuer      string // RFC 2253 name of the issuer
	Serial      string // lower-case hex without leading zeros
}

// CertificateName is by what certificates are known that were enrolled for a person: one by its SHA-256, or all that an
// issuer gives to a name. What each Kind is, hub/holder says.
type CertificateName struct {
	Kind   string // "sha256"; "upn", "uri", "subject"
	CA     string // name of the CA of the settings that vouches for the issuer; "" for "sha256"
	Issuer string // name of the issuer; "" for "sha256"
	Name   string // the SHA-256 in lower-case hex, or the name
}

// BySHA256 returns the name of the one certificate with a fingerprint.
func BySHA256(fingerprint string) CertificateName {
	return CertificateName{Kind: "sha256", Name: fingerprint}
}

// Revocation puts a certificate on the list: by fingerprint, or by serial and issuer (an empty Issuer means any).
type Revocation struct {
	Certificate
	At     time.Time
	Reason string
}

// Session is a sign-in that lasts.
type Session struct {
	ID          string
	TokenHash   []byte // SHA-256 of the access token; the token itself is never kept
	Person      string // UUID
	KeyThumb    string // RFC 7638 thumbprint of the key that proofs are signed with
	Certificate Certificate
	Begun       time.Time
	Seen        time.Time // of the last request
	Expires     time.Time // whatever happens
	Ended       time.Time // zero while it lasts
}

// Access is one opening of a patient's plans in unscheduled care.
type Access struct {
	ID        string
	Number    nhs.Number
	At        time.Time
	Who       Viewer
	Session   string
	RequestID string
}

// Viewer is a person in a role at an organisation, as the access history shows them.
type Viewer struct {
	UUID    string
	URID    string
	Name    string // "Ms Ada Sample"
	JobRole string // "R8001"
	JobName string // "Nurse Access Role"
	OrgODS  string
	OrgName string
}

// Notification is one message to one authority about one access.
type Notification struct {
	ID          string // of the message; the receiver tells a repetition by it
	Authority   string
	Endpoint    string // the authority's, as it is now; given, not put
	Body        []byte // nil once it is not kept any more (Retention)
	Created     time.Time
	Attempts    int
	NextAttempt time.Time
	Delivered   time.Time // when the receiver accepted it; zero while it waits
	Receipt     string    // the receiver's own id of what it accepted; "" where it gave none
	Undelivered time.Time // when the receiver reported that it could not deliver what it had accepted; zero unless it did
	Buried      time.Time // zero unless it was given up
	LastError   string
	Ordinal     int64 // its place among all of them; given, not put
}

// NotificationState is what has become of a notification.
type NotificationState string

// The states of a notification.
const (
	Waiting     NotificationState = "waiting"
	Delivered   NotificationState = "delivered"   // the receiver accepted it
	Undelivered NotificationState = "undelivered" // the receiver accepted it, and reported later that it could not deliver it
	Buried      NotificationState = "buried"      // it was refused, or given up
)

// State returns what has become of it.
func (n Notification) State() NotificationState {
	switch {
	case !n.Undelivered.IsZero():
		return Undelivered
	case !n.Delivered.IsZero():
		return Delivered
	case !n.Buried.IsZero():
		return Buried
	default:
		return Waiting
	}
}

// NotificationQuery asks for notifications; what is zero is not asked for.
type NotificationQuery struct {
	Authority string
	State     NotificationState
	Receipt   string
	From, To  time.Time // when it was made: From included, To not
	After     int64     // those whose Ordinal is greater
	Limit     int
}

// Backlog is what has not been delivered.
type Backlog struct {
	Waiting, Buried int
	Undelivered     int       // what the receiver accepted and could not deliver
	Oldest          time.Time // when the oldest one that waits was made; zero when none waits
}

// Once is something that serves once: a DPoP proof, or the nonce of an assertion. It is named by both,
// so that the same thing always has the same Expires.
type Once struct {
	Hash    []byte    // of whoever made it and its jti
	Expires time.Time // when it would be refused anyway
}

// Opening is an opening with its answer, kept so that the same request again gets the same answer and leaves nothing
// more.
type Opening struct {
	Person        string // who asked, in whatever session
	RequestID     string
	Digest        string // of what was asked, and in which role
	Answer        []byte
	Expires       time.Time
	Access        *Access        // nil when nothing was on file
	Notifications []Notification // none when the opening is silent
}

// Entry is what one request leaves in the ledger. Only Audit is in every one.
type Entry struct {
	Audit     AuditRecord
	Proof     *Once
	Assertion *Once
	Begin     *Session // a session begins
	Touch     string   // id of the session that was used
	Version   int64    // of that session's person, as the request knew them; 0 when it rests on nothing of theirs
	End       string   // id of the session that ends; one that has ended already is no error
	// Credential is the hash of the credential that the request rests on; nil where it rests on none. Where it is not in
	// use any more, ErrCredentialOver refuses the entry.
	Credential []byte
	Opening    *Opening
	Upload     *Upload
	Change     *Change
}

// AuditRecord is one line of the audit. Seq, Prev and Hash are given by the store (hub/audit says how).
type AuditRecord struct {
	Seq       int64
	At        time.Time
	RequestID string
	Session   string
	Person    string // UUID
	URID      string
	OrgODS    string
	Action    string // "search", "open alert"
	Outcome   string // granted, refused, failed
	Reason    string // the code of a refusal
	Patients  []nhs.Number
	Source    string // where the request came from, as limit.Sources counts it; "" where nobody asked over a network
	Prev      []byte
	Hash      []byte
}

// AuditSeal says that records of the audit were exported to a file, so that they can be deleted. The chain goes on from
// the last of them.
type AuditSeal struct {
	First, Last int64  // the records in the file
	Hash        []byte // of the last of them
	File        string // its name, without its folder
	Digest      []byte // SHA-256 of the file
	At          time.Time
}
