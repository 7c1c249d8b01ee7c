package doctor

import (
	"crypto/x509"
	"time"

	"wardlight/hub/store"
)

// Facts is the input of Judge.
type Facts struct {
	At       time.Time
	Settings error // the error in the settings; with it, all other facts are unknown

	Synchronised, ClockKnown bool // the system's clock is synchronised; the system reports whether it is

	Files        []File
	TLS          bool // the hub has a TLS certificate
	Certificates []Certificate

	Store  error // why the store can't be read; store.ErrOlder if its migrations are pending
	Unsafe error // why committed data may be lost

	Head    store.AuditRecord // the last audit record; its Seq is 0 if there is none
	HeadErr error
	Cut     error // the last record in the audit's tree is missing or different

	Checkpoint CheckpointFacts

	Authorities    []Authority
	AuthoritiesErr error
	Resends        []string // codes of authorities that have to resend their plans

	Backlog    store.Backlog
	Alerts     store.Backlog // privacy alerts that the national service does not have
	BacklogErr error         // of either

	Backup BackupFacts
}

// File is a file in the settings, or one of the databases.
type File struct {
	Name, Setting string
	Err           error // why it can't be read
	Open          bool  // a secret that others than its owner and group may read or write
	OfOthers      bool  // its owner differs from that of the data folder in which it is
}

// Certificate is a certificate in the settings.
type Certificate struct {
	Setting string
	*x509.Certificate
	Err error // why the file can't be used; then Certificate is nil
}

// CheckpointFacts describes the signed checkpoints of the audit.
type CheckpointFacts struct {
	Set     bool
	Err     error // why they can't be written or read
	Records int64 // records of the last one; 0 if there is none
	Differs bool  // the last record in it has changed or is missing
}

// Authority is an authority, and whether it can be notified.
type Authority struct {
	Code    string
	Unready error // why nothing can be delivered with these settings
	Away    error // why its system can't be reached
}

// BackupFacts describes the last backup.
type BackupFacts struct {
	Elsewhere bool // the data is in PostgreSQL
	Set       bool // the settings contain the folder of backups
	Err       error
	Last      time.Time // zero if there is none
	MaxAge    time.Duration
}
