// Package store says what the hub keeps, and what it asks of whatever keeps it.
//
// There are two books. People holds patients and the keys they are found by; it can be filled again from its source.
// The ledger holds everything else: plans, authorities, staff, sessions, accesses, the outbox and the audit. What one
// request leaves in the ledger is one Entry, stored whole or not at all.
//
// The package holds the words and the one interface; sqlite keeps them in two files, postgres in a database. Another
// engine passes storetest.Run.
package store

import (
	"context"
	"errors"
	"time"

	"wardlight/internal/nhs"
)

// The refusals of a store. Anything else that it gives is a failure of the store itself.
var (
	ErrNotFound         = errors.New("not found")
	ErrProofUsed        = errors.New("proof used before")
	ErrAssertionUsed    = errors.New("assertion used before")
	ErrSessionOver      = errors.New("session is over")
	ErrPersonChanged    = errors.New("person or roles have changed")
	ErrCredentialOver   = errors.New("credential has ended")
	ErrOpenedBefore     = errors.New("opening with this request id is on record")
	ErrUploadedBefore   = errors.New("upload of this file is on record")
	ErrPlansChanged     = errors.New("plans of the authority have changed")
	ErrCertificateTaken = errors.New("certificate is enrolled for somebody else")
	ErrRoleTaken        = errors.New("role is somebody else's")
	ErrNotSealed        = errors.New("the audit is not as the seal says")
	ErrNoPlan           = errors.New("no plan with this id is on file")
	ErrTooLong          = errors.New("the search takes too long")
)

// ErrOlder is the refusal of books that an older hub made, where they may not be changed for a newer one: older hubs may
// be running on them.
var ErrOlder = errors.New("the books are those of an older hub")

// Store is the whole of it. Every method is safe for concurrent use.
type Store interface {
	People
	Authorities
	Plans
	Staff
	Sessions
	Ledger
	Outbox

	// Readable reports whether both books can be read. It writes nothing.
	Readable(ctx context.Context) error
	// Ready reports whether both books can be read and the ledger written.
	Ready(ctx context.Context) error
	Close() error
}

// People is the book of patients.
type People interface {
	// PutPatients adds patients, or replaces those with the same number: all of them or none.
	PutPatients(ctx context.Context, patients []Patient) error
	// Patient is the record with that number, as it stands: it may be invalidated or superseded. ErrNotFound.
	Patient(ctx context.Context, number nhs.Number) (Patient, error)
	// Patients returns the records with these numbers, as Patient does, by number. Those that are not on file are not
	// among them.
	Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]Patient, error)
	// FindPatients gives those that match, by number ascending; of more than q.Limit any q.Limit. Superseded records are
	// among them as they stand; invalidated ones never are, nor confidential ones where q asks for a Mark that locates.
	// Only so many searches run at a time that look-ups by number are not held up. ErrTooLong for one that takes more
	// than a second.
	FindPatients(ctx context.Context, q PatientQuery) ([]Patient, error)
	// Candidates gives everybody whom one of the blocks takes in, once, with all their names, by number ascending; of
	// more than limit any limit. Superseded records are among them as they stand; invalidated ones never are.
	// ErrTooLong as in FindPatients.
	Candidates(ctx context.Context, blocks []Block, limit int) ([]Candidate, error)
	// Marks returns what marks of these kinds the patients have or had.
	Marks(ctx context.Context, numbers []nhs.Number, kinds []MarkKind) (map[nhs.Number][]Mark, error)
	// RelatedPersons gives the documents put with the patient, in order; none for a number not on file.
	RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error)
	// Superseded lists the numbers that were superseded by this one, directly.
	Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error)
}

// Authorities is the local authorities, what lets them in, and the files that they sent.
type Authorities interface {
	// PutAuthority adds an authority, or replaces the one with the same code.
	PutAuthority(ctx context.Context, a Authority) error
	// Authority is the authority with that code. ErrNotFound.
	Authority(ctx context.Context, code string) (Authority, error)
	// Authorities lists all of them by code.
	Authorities(ctx context.Context) ([]Authority, error)
	// PutCredential adds a credential to those of its authority, which must be known.
	PutCredential(ctx context.Context, c Credential) error
	// Credentials lists an authority's credentials, ended or not, oldest first.
	Credentials(ctx context.Context, authority string) ([]Credential, error)
	// AuthorityByCredential is the authority that a credential in use belongs to. ErrNotFound.
	AuthorityByCredential(ctx context.Context, hash []byte) (Authority, error)
	// Upload is an authority's upload with its answer, without what it changed. ErrNotFound.
	Upload(ctx context.Context, authority, id string) (Upload, error)
	// UploadOfFile is the same, by the authority's own id of the file. ErrNotFound.
	UploadOfFile(ctx context.Context, authority, file string) (Upload, error)
}

// Plans is what the local authorities told.
type Plans interface {
	// PutPlan adds a plan, or replaces the one with the same ID, whose Made stays where p has none. The authority must
	// be known.
	PutPlan(ctx context.Context, p Plan) error
	// Filled reports whether a local authority ever filled the ledger: a plan is on file, or an upload.
	Filled(ctx context.Context) (bool, error)
	// Plan is the plan with that ID, with its authority. ErrNotFound.
	Plan(ctx context.Context, id string) (HeldPlan, error)
	// Plans lists the plans held under any of the numbers, visible or not, each with its authority, in no fixed order.
	Plans(ctx context.Context, numbers []nhs.Number) ([]HeldPlan, error)
	// PlansOf lists all plans of the authority with the code, each with it, in no fixed order.
	PlansOf(ctx context.Context, authority string) ([]HeldPlan, error)
	// PlansVersion is another, and not 0, after each change of a plan of the authority. ErrNotFound for one that is not
	// known.
	PlansVersion(ctx context.Context, authority string) (int64, error)
	// RemovedPlans lists what is no plan of the authority under any of the numbers any more, as uploads put it.
	RemovedPlans(ctx context.Context, authority string, numbers []nhs.Number) ([]Plan, error)
	// Lacks returns why plans of a patient with any of the numbers may not be on file.
	Lacks(ctx context.Context, numbers []nhs.Number) (Lacks, error)
	// WithheldOf lists all whom the authority with the code has to send again, by number.
	WithheldOf(ctx context.Context, authority string) ([]Withheld, error)
	// Resends lists which authorities have to send again, by code.
	Resends(ctx context.Context) ([]Resend, error)
	// Accesses lists the accesses under any of the numbers, newest first, limit at most.
	Accesses(ctx context.Context, numbers []nhs.Number, limit int) ([]Access, error)
	// FirstAccesses lists the accesses under any of the numbers that do not repeat an earlier one, newest first, limit
	// at most. Of each person's accesses, under whichever of the numbers and in whatever role, it lists the first, and
	// then each that comes at least repeat after the last one that it lists.
	FirstAccesses(ctx context.Context, numbers []nhs.Number, repeat time.Duration, limit int) ([]Access, error)
}

// Staff is who may sign in, and with what.
type Staff interface {
	// PutPerson adds a person with their roles, or replaces both. ErrRoleTaken where somebody else has one of them.
	PutPerson(ctx context.Context, p Person) error
	// Person is the person with their roles in the order they were put. ErrNotFound.
	Person(ctx context.Context, uuid string) (Person, error)
	// Persons lists those whose UUID comes after the one given, by UUID, with their roles; limit at most.
	Persons(ctx context.Context, after string, limit int) ([]Person, error)
	// PutCertificate says whose the certificates are that are known by a name. The person must be known.
	PutCertificate(ctx context.Context, name CertificateName, uuid string) error
	// PersonOfCertificate is the UUID that was put with the name. ErrNotFound.
	PersonOfCertificate(ctx context.Context, name CertificateName) (uuid string, err error)
	// CertificatesOf lists by what the certificates are known that are a person's, in a fixed order.
	CertificatesOf(ctx context.Context, uuid string) ([]CertificateName, error)
	// RevokeCertificates puts certificates on the list and ends the sessions that they began: all of them or none. One
	// that is on the list already stays as it is, and ends nothing.
	RevokeCertificates(ctx context.Context, all []Revocation) error
	// CertificateRevoked reports whether the certificate is on the list.
	CertificateRevoked(ctx context.Context, c Certificate) (bool, error)
	// RevocationsOf lists what is on the list with a serial, of whatever issuer, by issuer.
	RevocationsOf(ctx context.Context, serial string) ([]Revocation, error)
}

// Sessions is what a sign-in needs before it has a session.
type Sessions interface {
	// NonceKey returns the key of the nonces that hubs of these books give: fresh, where there was none yet.
	NonceKey(ctx context.Context, fresh []byte) ([]byte, error)
	// SessionByToken is the session of the token with that SHA-256, ended or not. ErrNotFound.
	SessionByToken(ctx context.Context, hash []byte) (Session, error)
	// EndSessions ends the sessions that certificates of that issuer began, and says how many they were.
	EndSessions(ctx context.Context, issuer string, at time.Time) (int, error)
	// EndSessionsSeenAfter ends the sessions that were last used after seen, and says how many they were.
	EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error)
	// CountSessions is how many sessions have begun and neither ended nor expired at now.
	CountSessions(ctx context.Context, now time.Time) (int, error)
	// Prune deletes used proofs and openings' answers that lapsed before now, and what r says.
	Prune(ctx context.Context, now time.Time, r Retention) error
}

// Retention is how long a store keeps what has served its purpose. What is zero is kept for ever.
type Retention struct {
	Sessions time.Duration // after they expired, whether they had ended before or not
	Bodies   time.Duration // of notifications, after they were delivered; the notification without its Body stays
	Answers  time.Duration // to uploads, after they came; the upload without its Answer stays
}

// Ledger is the one way to write what a request leaves behind.
type Ledger interface {
	// Commit stores the entries in one transaction. The slice has one error for each entry: nil, or why that entry alone
	// was refused (ErrProofUsed, ErrAssertionUsed, ErrSessionOver, ErrPersonChanged, ErrCredentialOver,
	// ErrOpenedBefore, ErrUploadedBefore, ErrPlansChanged, and what a Change is refused with), in which case nothing of
	// it is stored. The second result is a failure: then nothing of any entry is stored.
	Commit(ctx context.Context, entries []*Entry) ([]error, error)
	// Opening is an opening's answer on record. ErrNotFound.
	Opening(ctx context.Context, person, requestID string) (Opening, error)
	// AuditSeals lists how far the audit was sealed, in order. What is sealed may still be in the ledger.
	AuditSeals(ctx context.Context) ([]AuditSeal, error)
	// DeleteSealed deletes the audit records that are sealed.
	DeleteSealed(ctx context.Context) error
	// AuditTrail gives every audit record from seq on, in order, to visit, and stops at its first error.
	AuditTrail(ctx context.Context, from int64, visit func(AuditRecord) error) error
	// AuditHead is the last audit record. ErrNotFound where there is none yet.
	AuditHead(ctx context.Context) (AuditRecord, error)
}

// MostWait is how long a notification waits for its next attempt at most. One that would have to wait for longer got
// its time from a clock that was ahead, and is due; and so is one that is held for more than two leases.
const MostWait = 2 * time.Hour

// Outbox is what waits to be delivered to authorities.
type Outbox interface {
	// ClaimNotifications takes, of each authority, the oldest one that waits, when it is due and nobody else holds it, and
	// holds it until now+lease; limit at most.
	ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Notification, error)
	// Delivered marks a notification as accepted by its receiver, who calls it receipt. ErrNotFound.
	Delivered(ctx context.Context, id, receipt string, at time.Time) error
	// Undelivered marks a notification that is Delivered as one that the receiver could not deliver: it is not tried
	// again and holds up none behind it. ErrNotFound where none is Delivered with this id and this receipt.
	Undelivered(ctx context.Context, id, receipt string, at time.Time, why string) error
	// Failed gives a notification back, to be tried again at next, which is no more than MostWait away.
	Failed(ctx context.Context, id string, next time.Time, why string) error
	// Bury gives up a notification that waits: it is not tried again and holds up none behind it. ErrNotFound.
	Bury(ctx context.Context, id string, at time.Time, why string) error
	// Revive lets a buried or undelivered notification wait again, in its old place, due at once and as if never tried.
	// ErrNotFound, also for one whose body is not kept any more.
	Revive(ctx context.Context, id string, at time.Time) error
	// NextDue is when the first notification is due that waits; false when none waits.
	NextDue(ctx context.Context) (time.Time, bool, error)
	// Notification is the notification with that id. ErrNotFound.
	Notification(ctx context.Context, id string) (Notification, error)
	// Notifications lists those asked for in the order in which they were made.
	Notifications(ctx context.Context, q NotificationQuery) ([]Notification, error)
	// Backlog is what has not been delivered.
	Backlog(ctx context.Context) (Backlog, error)
}
