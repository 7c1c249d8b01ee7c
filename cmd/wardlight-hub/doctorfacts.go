package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/doctor"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/config"
)

// Limits for requests to the authorities' systems.
const (
	reachTimeout = 5 * time.Second
	maxReaching  = 8 // concurrent requests
)

// examine collects the facts for the doctor's checks. A read error is recorded as a fact. Nothing is written.
func (s *settings) examine(ctx context.Context, f *doctor.Facts) {
	f.Synchronised, f.ClockKnown = clockSynchronised()
	f.Files = s.examineFiles()
	f.TLS = s.certificate != ""
	f.Certificates = s.examineCertificates()
	f.Backup = s.examineBackups()
	ledger, err := s.openUntouched(ctx)
	if err != nil {
		f.Store = plainOf(err)
		return
	}
	defer ledger.Close() //nolint:errcheck // it was only read
	if f.Store = plainOf(ledger.Current(ctx)); f.Store != nil {
		return
	}

	f.Unsafe = ledger.Durable(ctx)

	// The checkpoint is read before the end of the audit, because a running hub may sign another one in between.
	last, err := s.lastCheckpoint()
	if f.Head, f.HeadErr = ledger.AuditHead(ctx); errors.Is(f.HeadErr, store.ErrNotFound) {
		f.Head, f.HeadErr = store.AuditRecord{}, nil
	}

	var cut *audit.TailError
	if err := audit.CheckTail(ctx, ledger); errors.As(err, &cut) {
		f.Cut = err
	} else if f.HeadErr == nil {
		f.HeadErr = err
	}

	f.Checkpoint = doctor.CheckpointFacts{Set: s.checkpoint.folder != "", Err: plainOf(err), Records: last.Records}
	if last.Records > 0 {
		f.Checkpoint.Differs, err = differs(ctx, ledger, f.Head, last)
		f.Checkpoint.Err = errors.Join(f.Checkpoint.Err, err)
	}

	f.Backlog, f.BacklogErr = ledger.Backlog(ctx)
	alerts, err := ledger.AlertBacklog(ctx)
	f.Alerts, f.BacklogErr = alerts, errors.Join(f.BacklogErr, err)
	resends, err := ledger.Resends(ctx)
	for _, r := range resends {
		f.Resends = append(f.Resends, r.Authority)
	}

	var all []store.Authority
	if err == nil {
		all, err = ledger.Authorities(ctx)
	}

	f.AuthoritiesErr = err
	f.Authorities = s.examineAuthorities(ctx, all)
}

// plainOf returns the error without the name of the rejected setting, which the doctor's row already shows.
func plainOf(err error) error {
	var set *config.Error
	if errors.As(err, &set) {
		return errors.New(set.Problem)
	}
	return err
}

// ledgerReader is the part of the store that the doctor reads.
type ledgerReader interface {
	auditStore
	Authorities(ctx context.Context) ([]store.Authority, error)
	Resends(ctx context.Context) ([]store.Resend, error)
	Backlog(ctx context.Context) (store.Backlog, error)
	AlertBacklog(ctx context.Context) (store.Backlog, error)
	Current(ctx context.Context) error
	Durable(ctx context.Context) error
}

// openUntouched opens the ledger for reading. It creates no file, and changes nothing.
func (s *settings) openUntouched(ctx context.Context) (ledgerReader, error) {
	if err := s.checkLedgerExists(); err != nil {
		return nil, err
	}
	return openReader(ctx, s, sqlite.OpenUntouched)
}

// examineFiles examines the files that the settings name, and the ledger.
func (s *settings) examineFiles() []doctor.File {
	var all []doctor.File
	look := func(setting, name string, secret bool) {
		if name == "" {
			return
		}
		f := doctor.File{Name: name, Setting: setting}
		file, err := os.Open(name)
		if err == nil {
			var info os.FileInfo
			if info, err = file.Stat(); err == nil {
				f.Open = secret && openToOthers(info)
			}
			_ = file.Close()
		}
		if err != nil {
			f.Err = errors.New(config.Reason(err))
		}
		all = append(all, f)
	}

	look("tls.certificate_file", s.certificate, false)
	look("tls.key_file", s.key, true)
	look("tls.client_ca_file", s.clientCA, false)
	for _, b := range s.cardCAs {
		look(cardCAsKey, b.File, false)
	}

	for _, name := range s.cardLists {
		look(cardListsKey, name, false)
	}

	look("webhook.secrets_file", s.delivery.secrets, true)
	look("mesh.secrets_file", s.delivery.mesh.secrets, true)
	look("mesh.certificate_file", s.delivery.mesh.certificate, false)
	look("mesh.key_file", s.delivery.mesh.key, true)
	look("mesh.ca_file", s.delivery.mesh.ca, false)
	look(cis2ClientSecret, s.cis2.clientSecretFile, true)
	look(cis2CA, s.cis2.ca, false)
	for _, api := range s.sources.platformAPIs() {
		look(api.prefix+".api_key_file", api.apiKeyFile, true)
		look(api.prefix+".private_key_file", api.privateKeyFile, true)
		look(api.prefix+".ca_file", api.ca, false)
	}
	look("spine.ca_file", s.sources.spine.ca, false)
	look("store.dsn_file", s.dsnFile, true)
	look("audit.checkpoint_key_file", s.checkpoint.key, true)
	look(witnessesKey, s.checkpoint.witnesses, false)
	if _, err := os.Stat(s.signingKeyFile()); err == nil { // the hub creates a missing one
		look("hub.signing_key_file", s.signingKeyFile(), true)
	}

	if s.engine == "sqlite" {
		all = append(all, s.examineLedgerFiles()...)
	}

	return all
}

// examineLedgerFiles examines owner and permissions of the ledger's files.
func (s *settings) examineLedgerFiles() []doctor.File {
	folder, err := os.Stat(s.data)
	if err != nil {
		return nil // has its own row
	}
	owner, _, known := ownerOf(folder)
	all := []doctor.File{{Name: s.data, Setting: "hub.data_folder", Open: openToOthers(folder)}}
	for _, name := range sqlite.Files() {
		info, err := os.Stat(filepath.Join(s.data, name))
		if err != nil {
			continue
		}
		of, _, _ := ownerOf(info)
		all = append(all, doctor.File{
			Name: filepath.Join(s.data, name), Open: openToOthers(info), OfOthers: known && of != owner,
		})
	}
	return all
}

// examineCertificates reads the certificates that the settings name.
func (s *settings) examineCertificates() []doctor.Certificate {
	var all []doctor.Certificate
	read := func(setting, name string) {
		if name == "" {
			return
		}
		text, err := config.ReadFile(name)
		found := certificatesIn(text)
		switch {
		case err != nil:
			err = errors.New(config.Reason(err))
		case len(found) == 0:
			err = errors.New("there is no certificate in " + name)
		}
		if err != nil {
			all = append(all, doctor.Certificate{Setting: setting, Err: err})
		}
		for _, c := range found {
			all = append(all, doctor.Certificate{Setting: setting, Certificate: c})
		}
	}

	read("tls.certificate_file", s.certificate)
	if s.certificate != "" {
		if _, err := newCertificateFile(s.certificate, s.key, time.Now, slog.New(slog.DiscardHandler)); err != nil {
			all = append(all, doctor.Certificate{Setting: "tls.key_file", Err: errors.New(config.Reason(err))})
		}
	}

	read("tls.client_ca_file", s.clientCA)
	for _, b := range s.cardCAs {
		read(cardCAsKey, b.File)
	}

	read("mesh.certificate_file", s.delivery.mesh.certificate)
	read("mesh.ca_file", s.delivery.mesh.ca)
	read(cis2CA, s.cis2.ca)
	for _, api := range s.sources.platformAPIs() {
		read(api.prefix+".ca_file", api.ca)
	}
	read("spine.ca_file", s.sources.spine.ca)
	return all
}

// examineBackups returns the facts of the last backup.
func (s *settings) examineBackups() doctor.BackupFacts {
	b := doctor.BackupFacts{
		Elsewhere: s.engine != "sqlite", Set: s.backups.folder != "",
		MaxAge: time.Duration(s.backups.maxAge) * 24 * time.Hour,
	}
	if b.Set && !b.Elsewhere {
		b.Last, b.Err = sqlite.LastBackup(s.backups.folder)
	}
	return b
}

// lastCheckpoint returns the last signed checkpoint, or an empty one if there is none. The error is that checkpoints
// cannot be written or read.
func (s *settings) lastCheckpoint() (audit.Checkpoint, error) {
	last, err := lastSigned(s)
	if last == nil || errors.Is(err, errNoCheckpoint) {
		last = &audit.Checkpoint{}
	}
	if err != nil && !errors.Is(err, errNoCheckpoint) {
		return audit.Checkpoint{}, err
	}
	if s.checkpoint.folder == "" {
		return *last, nil
	}
	return *last, s.checkCheckpointFolder()
}

// differs reports whether the record of a checkpoint has changed since it was signed, or is missing. It reads only
// that record; 'audit verify' reads the whole audit.
func differs(ctx context.Context, ledger audit.Log, head store.AuditRecord, last audit.Checkpoint) (bool, error) {
	if last.Records > head.Seq {
		return true, nil
	}
	other := false
	err := ledger.AuditTrail(ctx, last.Records, func(r store.AuditRecord) error {
		other = r.Seq == last.Records && !bytes.Equal(r.Hash, last.Hash)
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return other, err
}

// examineAuthorities sends a request to the system of each authority that can be notified with the settings.
func (s *settings) examineAuthorities(ctx context.Context, all []store.Authority) []doctor.Authority {
	routes, _, err := s.transport(newMonitor(slog.New(slog.DiscardHandler)))
	found := make([]doctor.Authority, len(all))
	places := make(chan struct{}, maxReaching)
	var asked sync.WaitGroup
	for i, a := range all {
		found[i] = doctor.Authority{Code: a.Code, Unready: plainOf(err)}
		if err != nil {
			continue
		}
		if found[i].Unready = routes.Ready(a.Code, a.Endpoint); found[i].Unready != nil {
			continue
		}
		asked.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			found[i].Away = reach(ctx, routes, a.Endpoint)
		})
	}

	asked.Wait()
	return found
}

func reach(ctx context.Context, routes notify.Routes, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	return routes.Reach(ctx, endpoint)
}
