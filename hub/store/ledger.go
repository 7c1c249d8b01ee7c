package store

import (
	"time"

	"wardlight/hub/patientflag"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// PlanKind is a kind of CP-IS plan.
type PlanKind string

// Kinds of plans.
const (
	ChildProtection PlanKind = "CPP"
	LookedAfter     PlanKind = "LAC"
	UnbornChild     PlanKind = "UCPP" // stored under the mother's NHS number
)

// Authority is a local authority.
type Authority struct {
	Code        string // "V999"
	Name        string // "EXAMPLESHIRE COUNCIL"
	OfficePhone string // for office hours; may be ""
	DutyPhone   string // emergency duty team
	Endpoint    string // the URL to which notifications are sent; may be ""
}

// Credential authenticates an authority's system.
type Credential struct {
	Authority string // the authority's code
	Hash      []byte // SHA-256 of the secret; the secret isn't stored
	Label     string // the owner's name for it
	Created   time.Time
	Ended     time.Time // zero while it is valid
}

// Upload is an authority's file, with the changes in it and its answer. Repeating the file returns the same answer and
// changes nothing.
type Upload struct {
	ID        string
	Authority string // the authority's code
	File      string // the authority's ID of the file
	Digest    string // hash of the file's contents
	Made      int64  // when the authority made the file; see Plan.Made
	Version   int64  // the PlansVersion on which the changes are based; 0 for none; not returned by reads
	At        time.Time
	Answer    []byte   // nil after it has been deleted (Retention)
	Plans     []Plan   // plans to add or to replace by ID; not returned by reads
	Deleted   []string // IDs of plans to delete, whether they exist or not; not returned by reads
	Withheld  []Withheld
	SentAgain []nhs.Number  // patients of whom the authority has no Withheld plan any more
	Removed   []Plan        // the keys of plans that were deleted, with Made; not returned by reads
	Checks    []NumberCheck // of the patients in the file; not returned by reads
}

// NumberCheck is the result of a check whether a number has been superseded: Current is the number itself, or the one
// that superseded it.
type NumberCheck struct {
	Number, Current nhs.Number
	At              time.Time
}

// Plan is a plan of an authority.
type Plan struct {
	ID        string
	Number    nhs.Number // the child's; for an unborn child the mother's
	Kind      PlanKind
	Start     nhs.Date
	End       nhs.Date // zero if the plan has no end
	Due       nhs.Date // of an unborn child, if known
	Authority string   // the authority's code
	Reference string   // the authority's reference
	// Made is when the authority made the file with the last change: in microseconds since 1970, or a smaller sequence
	// number that the authority gave the file. It is 0 if the file had neither.
	Made int64
}

// Withheld is a patient of whom an authority sent a plan that was refused because the record was restricted. Until the
// authority sends it again, the stored plans don't show whether there is an alert.
type Withheld struct {
	Authority string // the authority's code
	Number    nhs.Number
	File      string // the authority's ID of the last file that was refused
	Row       int    // the number of the row in that file, as the sender counts
}

// Resend is an authority that has to send its plans since a time again, because a backup of that time was restored and
// later plans are missing. The authority "" stands for every authority that isn't stored.
type Resend struct {
	Authority string // the authority's code
	Since     time.Time
}

// MissingPlans reports why plans of a patient may be missing, so that the answer "none" would be wrong.
type MissingPlans struct {
	Withheld bool // an authority has to resend a refused plan of the patient
	Resend   bool // some authority has to resend plans after a restore
}

// ResendChange marks authorities as having to resend their plans, or removes the mark.
type ResendChange struct {
	Authorities []string // codes, as in Resend
	// Since is the time since which they have to resend. If an authority has an earlier time, that remains. The zero
	// time removes the mark.
	Since time.Time
}

// PlanChange is an operator's change of a plan: it sets only its end, or deletes it.
type PlanChange struct {
	ID     string
	End    nhs.Date // the last day; ignored if Remove is set
	Remove bool
}

// Change is a change by an operator's command, an import, or a person's request about summaries. Unset fields change
// nothing.
type Change struct {
	Plan    *PlanChange       // refused with ErrNoPlan if the plan doesn't exist
	Put     *Plan             // added, or replaces the plan with its ID
	Flag    *patientflag.Flag // added, or replaces the patient's flag of its kind
	Summary *summary.Document // added, or replaces the patient's summary; see [summary.Document]
	Alert   *summary.Alert    // added
	// refused with ErrNotFound if the alert doesn't exist, and with ErrAlertClosed if it is closed
	Closing   *summary.Closing
	Authority *Authority // added, or replaces the authority with its code
	// added; with Ended set, ends the credential with its hash, or is refused with ErrNotFound
	Credential *Credential
	Resend     *ResendChange
	Seal       *AuditSeal        // refused with ErrNotSealed if it doesn't match the audit
	Revoked    *Revocation       // added to the revocations; ends the certificate's sessions
	Distrusted string            // the name of a CA whose certificates' sessions are ended
	Lifted     *Certificate      // removed from the revocations; refused with ErrNotFound if none matches
	Person     *Person           // added with roles, or replaces both; may be refused with ErrRoleTaken
	Theirs     []CertificateName // names of certificates that are assigned to Person
	Enrolled   *Enrolment
	Released   *CertificateName // unassigned; ends its holder's sessions; ErrNotFound; excludes other fields
}

// Enrolment assigns the certificates with a name to a person, who must exist. It is refused with ErrCertificateTaken
// if they belong to somebody else.
type Enrolment struct {
	Name   CertificateName
	Person string // UUID
}

// PlanWithAuthority is a plan with its authority.
type PlanWithAuthority struct {
	Plan
	By Authority
}

// Person is someone who can sign in.
type Person struct {
	UUID    string // 12 digits: the common name of the person's certificate
	Title   string // "Ms"
	Given   string
	Family  string
	Roles   []Role
	Version int64 // changes each time the person is stored, and is never 0; ignored by writes
}

// Role is a role profile with additional CIS2 claims.
type Role struct {
	rbac.RoleProfile
	OrgID    string // person_orgid
	RoleName string // the full role_name: "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\""; JobName if ""
}

// Certificate identifies a certificate in the three ways that a revocation list may use.
type Certificate struct {
	Fingerprint string // SHA-256 of the DER, lower-case hex
	Issuer      string // RFC 2253 name of the issuer
	Serial      string // lower-case hex without leading zeros
}

// CertificateName identifies certificates that are assigned to a person: one by its SHA-256, or all that an issuer
// issues for a name. Package hub/holder documents the kinds.
type CertificateName struct {
	Kind   string // "sha256"; "upn", "uri", "subject"
	CA     string // name of the configured CA that the issuer belongs to; "" for "sha256"
	Issuer string // name of the issuer; "" for "sha256"
	Name   string // the SHA-256 in lower-case hexadecimal, or the name
}

// BySHA256 returns the name of the certificate with that fingerprint.
func BySHA256(fingerprint string) CertificateName {
	return CertificateName{Kind: "sha256", Name: fingerprint}
}

// Revocation revokes a certificate by fingerprint, or by serial number and issuer. An empty Issuer matches any.
type Revocation struct {
	Certificate
	At     time.Time
	Reason string
}

// Session is the session of a sign-in.
type Session struct {
	ID          string
	TokenHash   []byte      // SHA-256 of the access token; the token isn't stored
	Person      string      // UUID
	KeyThumb    string      // RFC 7638 thumbprint of the key that signs proofs
	Certificate Certificate // zero for a sign-in by an OpenID provider
	Provided    *Provided   // nil for a sign-in by card
	Started     time.Time
	Seen        time.Time // time of the last request
	Expires     time.Time // the end of the session even if it is used
	Ended       time.Time // zero while the session is active
}

// Provided is what an OpenID provider stated about the person of a session. The session has the roles of that
// sign-in, whatever roles the store has for the person.
type Provided struct {
	Subject string // the person's identifier at the provider
	SID     string // the provider's session; "" if it named none
	Person  Person // with the roles; Version is 0
}

// Access is an opening of a patient's plans in unscheduled care.
type Access struct {
	ID        string
	Number    nhs.Number
	At        time.Time
	Who       Viewer
	Session   string
	RequestID string
}

// Viewer is a person in a role at an organisation, as displayed in the access history.
type Viewer struct {
	UUID    string
	URID    string
	Name    string // "Ms Ada Sample"
	JobRole string // "R8001"
	JobName string // "Nurse Access Role"
	OrgODS  string
	OrgName string
}

// Notification is a message to an authority about an access.
type Notification struct {
	ID          string // the message's ID, by which the receiver recognises a repetition
	Authority   string
	Endpoint    string // the authority's current endpoint; ignored by writes
	Body        []byte // nil after it has been deleted (Retention)
	Created     time.Time
	Attempts    int
	NextAttempt time.Time
	Delivered   time.Time // when the receiver accepted it; zero before
	Receipt     string    // the receiver's ID of the accepted message; may be ""
	Undelivered time.Time // when the receiver reported that it could not deliver the accepted message; otherwise zero
	Buried      time.Time // when it was given up; otherwise zero
	LastError   string
	Ordinal     int64 // its sequence number; ignored by writes
}

// NotificationState is the state of a notification.
type NotificationState string

// States of a notification.
const (
	Waiting     NotificationState = "waiting"
	Delivered   NotificationState = "delivered"   // the receiver accepted it
	Undelivered NotificationState = "undelivered" // accepted, and later reported as undeliverable
	Buried      NotificationState = "buried"      // it was given up
)

// State returns the state of the notification.
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

// NotificationQuery selects notifications. Zero fields don't restrict the result.
type NotificationQuery struct {
	Authority string
	State     NotificationState
	Receipt   string
	From, To  time.Time // range of Created: From inclusive, To exclusive
	After     int64     // only those with a greater Ordinal
	Limit     int
}

// Backlog summarises the notifications that haven't been delivered.
type Backlog struct {
	Waiting, Buried int
	Undelivered     int       // accepted by the receiver, which could not deliver them
	Oldest          time.Time // when the oldest waiting one was created; zero if none waits
}

// Once is something that may be used only once: a DPoP proof, or the nonce of an assertion. Both fields identify it,
// so the same proof must always have the same Expires.
type Once struct {
	Hash    []byte    // of its issuer and its jti
	Expires time.Time // when it would be refused anyway
}

// Opening is an opening with its answer, which is stored so that a repetition of the request returns the same answer
// and records nothing.
type Opening struct {
	Person        string // the caller, in any session
	RequestID     string
	Digest        string // hash of the patient and the role
	Answer        []byte
	Expires       time.Time
	Access        *Access        // nil if there were no plans
	Notifications []Notification // none for an opening in scheduled care
}

// Entry is what one request writes to the ledger. Only Audit is required.
type Entry struct {
	Audit     AuditRecord
	Proof     *Once
	Assertion *Once
	Begin     *Session // the session that starts
	Touch     string   // ID of the session that was used
	Version   int64    // the version of the session's person on which the request is based; 0 for none
	End       string   // ID of the session to end; may have ended already
	// Credential is the hash of the credential with which the request was authenticated, or nil. If it has ended, the
	// entry is refused with ErrCredentialEnded.
	Credential []byte
	Opening    *Opening
	Upload     *Upload
	Change     *Change

	Stored AuditPosition // of the record; Commit sets it when the entry is stored
}

// AuditPosition is the number and the hash of an audit record.
type AuditPosition struct {
	Seq  int64
	Hash []byte
}

// AuditRecord is a record of the audit. The store sets Seq, Prev and Hash (see hub/audit).
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
	Source    string // the source of the request, as limit.Sources counts it; "" if there was no network request
	Prev      []byte
	Hash      []byte
}

// AuditQuery selects audit records of requests by persons in a role of one organisation.
type AuditQuery struct {
	OrgODS   string       // required
	From     time.Time    // inclusive
	Until    time.Time    // exclusive
	Person   string       // UUID; "" for any person
	Patients []nhs.Number // numbers of one patient, one of which the records have; empty for any patient, and none
	Limit    int
}

// AuditSeal records that audit records have been exported to a file, so that they may be deleted. The chain continues
// after the last of them.
type AuditSeal struct {
	First, Last int64  // numbers of the records in the file
	Hash        []byte // hash of the last record
	File        string // the file's name without its folder
	Digest      []byte // SHA-256 of the file
	At          time.Time
}

// AuditTree is the end of the Merkle tree over the audit (internal/translog), which has a leaf for each record.
type AuditTree struct {
	Size int64 // number of leaves
	// Seq is the number of the last leaf's record. It is greater than Size if records were sealed and deleted before
	// the ledger had a tree.
	Seq int64
}
