// Package store defines the hub's data, and the interface of the engines that store them.
//
// There are two databases. People contains patients and their search keys; it can be imported again from its source.
// The ledger contains everything else: plans, authorities, staff, sessions, accesses, the outbox and the audit. Each
// request writes one [Entry] to the ledger, completely or not at all.
//
// Package sqlite stores them in two files, and package postgres in a database. Another engine must pass storetest.Run.
package store

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/patientflag"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
)

// Refusals of a store. All other errors are failures of the store itself.
var (
	ErrNotFound         = errors.New("not found")
	ErrProofUsed        = errors.New("proof used before")
	ErrAssertionUsed    = errors.New("assertion used before")
	ErrSessionEnded     = errors.New("session has ended")
	ErrPersonChanged    = errors.New("person or roles have changed")
	ErrCredentialEnded  = errors.New("credential has ended")
	ErrOpenedBefore     = errors.New("opening with this request id is on record")
	ErrUploadedBefore   = errors.New("upload of this file is on record")
	ErrPlansChanged     = errors.New("plans of the authority have changed")
	ErrCertificateTaken = errors.New("certificate is enrolled for another person")
	ErrRoleTaken        = errors.New("role is somebody else's")
	ErrNotSealed        = errors.New("the audit does not match the seal")
	ErrNoPlan           = errors.New("no plan with this id is on file")
	ErrAlertClosed      = errors.New("the alert is closed")
	ErrTooLong          = errors.New("the search takes too long")
)

// ErrOlder means that an older hub created the database, and that it must not be migrated now, because older hubs may
// be using it.
var ErrOlder = errors.New("the databases are from an older version of the hub")

// Store is the complete interface. All methods are safe for concurrent use.
type Store interface {
	People
	Authorities
	Plans
	NumberChecks
	PatientFlags
	Summaries
	PrivacyAlerts
	Staff
	Sessions
	Ledger
	Outbox

	// Readable returns an error unless both databases can be read. It writes nothing.
	Readable(ctx context.Context) error
	// Ready returns an error unless both databases can be read and the ledger can be written.
	Ready(ctx context.Context) error
	Close() error
}

// People stores patients.
type People interface {
	// PutPatients adds patients, or replaces those with the same number. It stores all of them or none.
	PutPatients(ctx context.Context, patients []Patient) error
	// Patient returns the record with that number, which may be invalidated or superseded. It returns ErrNotFound if
	// there is none.
	Patient(ctx context.Context, number nhs.Number) (Patient, error)
	// Patients returns the records with these numbers, by number, without those that don't exist.
	Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]Patient, error)
	// FindPatients returns the patients that match, in ascending order of number, or any q.Limit of them if there are
	// more. It returns superseded records, but not invalidated ones, and no confidential ones if q has a Mark that
	// locates. The number of concurrent searches is limited, so that they don't delay look-ups by number. It returns
	// ErrTooLong if the search takes more than a second.
	FindPatients(ctx context.Context, q PatientQuery) ([]Patient, error)
	// Candidates returns the people that one of the blocks selects, without duplicates, with all their names, in
	// ascending order of number, or any limit of them if there are more. It returns superseded records, but not
	// invalidated ones. It returns ErrTooLong like FindPatients.
	Candidates(ctx context.Context, blocks []Block, limit int) ([]Candidate, error)
	// Marks returns the current and former marks of these kinds of the patients.
	Marks(ctx context.Context, numbers []nhs.Number, kinds []MarkKind) (map[nhs.Number][]Mark, error)
	// RelatedPersons returns the patient's related persons in order, or none for an unknown number.
	RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error)
	// Superseded returns the numbers of the records that this one has directly superseded.
	Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error)
}

// Authorities stores the local authorities, their credentials and their uploads.
type Authorities interface {
	// PutAuthority adds an authority, or replaces the one with the same code.
	PutAuthority(ctx context.Context, a Authority) error
	// Authority returns the authority with that code, or ErrNotFound.
	Authority(ctx context.Context, code string) (Authority, error)
	// Authorities returns all authorities, ordered by code.
	Authorities(ctx context.Context) ([]Authority, error)
	// PutCredential adds a credential to its authority, which must exist.
	PutCredential(ctx context.Context, c Credential) error
	// Credentials returns an authority's credentials, including ended ones, oldest first.
	Credentials(ctx context.Context, authority string) ([]Credential, error)
	// AuthorityByCredential returns the authority with that credential, or ErrNotFound if there is none or it has
	// ended.
	AuthorityByCredential(ctx context.Context, hash []byte) (Authority, error)
	// Upload returns an authority's upload with its answer, without its changes, or ErrNotFound.
	Upload(ctx context.Context, authority, id string) (Upload, error)
	// UploadOfFile returns the upload with the authority's ID of the file, like Upload.
	UploadOfFile(ctx context.Context, authority, file string) (Upload, error)
}

// Plans stores plans and accesses.
type Plans interface {
	// PutPlan adds a plan, or replaces the one with the same ID. If p has no Made, that of the replaced plan remains.
	// The authority must exist.
	PutPlan(ctx context.Context, p Plan) error
	// Filled reports whether the ledger contains a plan or an upload.
	Filled(ctx context.Context) (bool, error)
	// Plan returns the plan with that ID and its authority, or ErrNotFound.
	Plan(ctx context.Context, id string) (PlanWithAuthority, error)
	// Plans returns the plans under any of the numbers with their authorities, visible or not, in no particular order.
	Plans(ctx context.Context, numbers []nhs.Number) ([]PlanWithAuthority, error)
	// PlansOf returns all plans of the authority with that code, in no particular order.
	PlansOf(ctx context.Context, authority string) ([]PlanWithAuthority, error)
	// PlansVersion returns a number that differs after each change of a plan of the authority, and is never 0. It
	// returns ErrNotFound for an unknown authority.
	PlansVersion(ctx context.Context, authority string) (int64, error)
	// RemovedPlans returns the authority's plans under any of the numbers that uploads have deleted.
	RemovedPlans(ctx context.Context, authority string, numbers []nhs.Number) ([]Plan, error)
	// Lacks returns why plans of a patient with any of the numbers may be missing.
	Lacks(ctx context.Context, numbers []nhs.Number) (MissingPlans, error)
	// WithheldOf returns the patients of whom the authority has to resend a refused plan, ordered by number.
	WithheldOf(ctx context.Context, authority string) ([]Withheld, error)
	// Resends returns the authorities that have to resend their plans, ordered by code.
	Resends(ctx context.Context) ([]Resend, error)
	// Accesses returns the accesses under any of the numbers, newest first, at most limit.
	Accesses(ctx context.Context, numbers []nhs.Number, limit int) ([]Access, error)
	// EachAccess calls visit for every access, in the order of their IDs, and stops at the first error.
	EachAccess(ctx context.Context, visit func(Access) error) error
	// FirstAccesses returns the accesses under any of the numbers without repetitions, newest first, at most limit. Of
	// each person's accesses, under any of the numbers and in any role, it returns the first, and then each that is at
	// least repeat after the last returned one.
	FirstAccesses(ctx context.Context, numbers []nhs.Number, repeat time.Duration, limit int) ([]Access, error)
}

// PatientFlags stores the flags of patients besides child protection.
type PatientFlags interface {
	// PutFlag adds a patient's flag, or replaces the one of the same kind.
	PutFlag(ctx context.Context, f patientflag.Flag) error
	// PatientFlags returns the flags of these kinds under any of the numbers, including inactive ones.
	PatientFlags(ctx context.Context, numbers []nhs.Number, kinds []patientflag.Kind) ([]patientflag.Flag, error)
	// HoldsFlags reports whether a flag of the kind, active or not, is stored of any patient.
	HoldsFlags(ctx context.Context, kind patientflag.Kind) (bool, error)
}

// Summaries stores Summary Care Records.
type Summaries interface {
	// PutSummary adds a patient's summary, or replaces it. See [summary.Document].
	PutSummary(ctx context.Context, d summary.Document) error
	// Summaries returns the summaries and permissions under any of the numbers.
	Summaries(ctx context.Context, numbers []nhs.Number) ([]summary.Document, error)
	// HoldsSummaries reports whether a summary of any patient is stored.
	HoldsSummaries(ctx context.Context) (bool, error)
}

// PrivacyAlerts stores the alerts for privacy officers. Alerts are added and closed by commits; see [Change].
type PrivacyAlerts interface {
	// PrivacyAlert returns the alert with that ID, or ErrNotFound.
	PrivacyAlert(ctx context.Context, id string) (summary.Alert, error)
	// PrivacyAlerts returns the selected alerts, newest first.
	PrivacyAlerts(ctx context.Context, q summary.AlertQuery) ([]summary.Alert, error)
	// ClaimAlerts returns up to limit alerts that are due to be sent, counts an attempt of each, and makes them due
	// again at until, so that no other hub claims them meanwhile.
	ClaimAlerts(ctx context.Context, now, until time.Time, limit int) ([]summary.Alert, error)
	// AlertSent marks a waiting alert as accepted by the national service.
	AlertSent(ctx context.Context, id string, at time.Time) error
	// AlertFailed makes a waiting alert due at next.
	AlertFailed(ctx context.Context, id string, next time.Time, why string) error
	// AbandonAlert gives up a waiting alert.
	AbandonAlert(ctx context.Context, id string, at time.Time, why string) error
	// ReleaseAlert makes a claimed alert due at next, and doesn't count the attempt, because this hub can't make it.
	ReleaseAlert(ctx context.Context, id string, next time.Time) error
	// AlertBacklog returns the summary of the alerts that wait to be sent, and of those that were given up and that no
	// privacy officer has closed.
	AlertBacklog(ctx context.Context) (Backlog, error)
}

// NumberChecks stores whether the numbers under which plans are stored have been superseded, where people come from a
// national service, which doesn't return the numbers that a record has superseded.
type NumberChecks interface {
	// PutNumberChecks stores the results of checks. Each replaces the earlier result of the number.
	PutNumberChecks(ctx context.Context, checks []NumberCheck) error
	// SupersededBy returns the other numbers whose check returned one of these numbers, in order.
	SupersededBy(ctx context.Context, current []nhs.Number) ([]nhs.Number, error)
	// UncheckedNumbers returns the numbers under which plans are stored that have not been checked since before, in
	// order, at most limit.
	UncheckedNumbers(ctx context.Context, before time.Time, limit int) ([]nhs.Number, error)
}

// Staff stores who may sign in, and with which certificates.
type Staff interface {
	// PutPerson adds a person with roles, or replaces both. It returns ErrRoleTaken if somebody else has one of the
	// roles.
	PutPerson(ctx context.Context, p Person) error
	// Person returns the person with the roles in their stored order, or ErrNotFound.
	Person(ctx context.Context, uuid string) (Person, error)
	// Persons returns the persons with a greater UUID than after, ordered by UUID, with their roles, at most limit.
	Persons(ctx context.Context, after string, limit int) ([]Person, error)
	// PutCertificate assigns the certificates with a name to a person, who must exist.
	PutCertificate(ctx context.Context, name CertificateName, uuid string) error
	// PersonOfCertificate returns the UUID of the person to whom the name is assigned, or ErrNotFound.
	PersonOfCertificate(ctx context.Context, name CertificateName) (uuid string, err error)
	// CertificatesOf returns the names of the certificates of a person, in a fixed order.
	CertificatesOf(ctx context.Context, uuid string) ([]CertificateName, error)
	// RevokeCertificates adds certificates to the revocations and ends the sessions that were started with them: all
	// of them or none. It ignores certificates that are already revoked.
	RevokeCertificates(ctx context.Context, all []Revocation) error
	// CertificateRevoked reports whether the certificate is revoked.
	CertificateRevoked(ctx context.Context, c Certificate) (bool, error)
	// RevocationsOf returns the revocations with a serial number, ordered by issuer.
	RevocationsOf(ctx context.Context, serial string) ([]Revocation, error)
}

// Sessions stores sessions and the key of nonces.
type Sessions interface {
	// NonceKey returns the key of the nonces that all hubs of this store issue. If there is none yet, it stores fresh.
	NonceKey(ctx context.Context, fresh []byte) ([]byte, error)
	// SessionByToken returns the session of the token with that SHA-256, which may have ended, or ErrNotFound.
	SessionByToken(ctx context.Context, hash []byte) (Session, error)
	// SessionsOfProvider returns the active sessions of an OpenID provider's session or, if sid is "", of its subject.
	SessionsOfProvider(ctx context.Context, subject, sid string) ([]Session, error)
	// EndSessions ends the sessions started with certificates of that issuer, and returns their number.
	EndSessions(ctx context.Context, issuer string, at time.Time) (int, error)
	// EndSessionsSeenAfter ends the sessions that were last used after seen, and returns their number.
	EndSessionsSeenAfter(ctx context.Context, seen, at time.Time) (int, error)
	// CountSessions returns the number of sessions that have neither ended nor expired at now.
	CountSessions(ctx context.Context, now time.Time) (int, error)
	// Prune deletes used proofs and answers of openings that expired before now, and what r specifies.
	Prune(ctx context.Context, now time.Time, r Retention) error
}

// Retention is how long a store keeps old data. Zero means for ever.
type Retention struct {
	Sessions time.Duration // after they have expired, whether they ended before or not
	Bodies   time.Duration // of notifications, after their delivery; the notification without its Body remains
	Answers  time.Duration // to uploads, after they arrived; the upload without its Answer remains
}

// Ledger stores the entries of requests.
type Ledger interface {
	// Commit stores the entries in one transaction. The slice has one error for each entry: nil, or why this entry was
	// refused and not stored (ErrProofUsed, ErrAssertionUsed, ErrSessionEnded, ErrPersonChanged, ErrCredentialEnded,
	// ErrOpenedBefore, ErrUploadedBefore, ErrPlansChanged, and the refusals of a Change). If the second result isn't
	// nil, nothing is stored. It sets Stored of the entries that it has stored.
	Commit(ctx context.Context, entries []*Entry) ([]error, error)
	// Opening returns the stored opening with that request ID of the person, or ErrNotFound.
	Opening(ctx context.Context, person, requestID string) (Opening, error)
	// AuditSeals returns the seals of the audit in order. The sealed records may still be in the ledger.
	AuditSeals(ctx context.Context) ([]AuditSeal, error)
	// DeleteSealed deletes the sealed audit records.
	DeleteSealed(ctx context.Context) error
	// AuditTrail calls visit for every audit record from that number on, in order, and stops at the first error.
	AuditTrail(ctx context.Context, from int64, visit func(AuditRecord) error) error
	// AuditHead returns the last audit record, or ErrNotFound if there is none.
	AuditHead(ctx context.Context) (AuditRecord, error)
	// AuditTree returns the end of the Merkle tree over the audit. A commit stores its records in the tree, too.
	AuditTree(ctx context.Context) (AuditTree, error)
	// TreeHashes returns the tree's hashes with these indexes, which are those of tlog.StoredHashIndex, in the same
	// order. It returns ErrNotFound if the tree lacks one of them.
	TreeHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error)
	// AuditRecords returns the selected audit records, newest first, at most q.Limit. Sealed records that were deleted
	// are missing. One call reads at a time, so that look-ups and commits have connections. It returns ErrTooLong if
	// reading takes more than 4 seconds.
	AuditRecords(ctx context.Context, q AuditQuery) ([]AuditRecord, error)
	// AuditRequest returns the audit records of the person's checks and openings with that request ID, in order, at
	// most 100.
	AuditRequest(ctx context.Context, person, requestID string) ([]AuditRecord, error)
}

// MaxWait is the maximum time until a notification's next attempt. If the next attempt is later than that, its time
// was set by a clock that was ahead, so the notification is due. The same applies to a claim that lasts more than two
// leases.
const MaxWait = 2 * time.Hour

// Outbox stores the notifications to authorities.
type Outbox interface {
	// ClaimNotifications returns the oldest waiting notification of each authority, if it is due and not claimed, and
	// claims it until now+lease. It returns at most limit.
	ClaimNotifications(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Notification, error)
	// Delivered marks a notification as accepted by its receiver, with the receiver's ID of it. It may return
	// ErrNotFound.
	Delivered(ctx context.Context, id, receipt string, at time.Time) error
	// Undelivered marks a notification in state Delivered as one that the receiver could not deliver. It isn't retried
	// and doesn't delay later ones. It returns ErrNotFound if no notification with this ID and this receipt is in that
	// state.
	Undelivered(ctx context.Context, id, receipt string, at time.Time, why string) error
	// Failed releases a claimed notification for another attempt at next, which must be at most MaxWait away.
	Failed(ctx context.Context, id string, next time.Time, why string) error
	// Bury gives up a waiting notification. It isn't retried and doesn't delay later ones. It may return ErrNotFound.
	Bury(ctx context.Context, id string, at time.Time, why string) error
	// Revive makes a buried or undelivered notification wait again at its old position, due at once and without
	// earlier attempts. It returns ErrNotFound also if the body has been deleted.
	Revive(ctx context.Context, id string, at time.Time) error
	// NextDue returns when the first waiting notification is due, or false if none is waiting.
	NextDue(ctx context.Context) (time.Time, bool, error)
	// Notification returns the notification with that ID, or ErrNotFound.
	Notification(ctx context.Context, id string) (Notification, error)
	// Notifications returns the selected notifications in the order of their creation.
	Notifications(ctx context.Context, q NotificationQuery) ([]Notification, error)
	// Backlog returns the summary of undelivered notifications.
	Backlog(ctx context.Context) (Backlog, error)
}
