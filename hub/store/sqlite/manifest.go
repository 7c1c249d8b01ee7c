package sqlite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// File name, schema and maximum length in bytes of a backup's manifest.
const (
	manifestName     = "manifest.json"
	manifestSchema   = "wardlight.backup/1"
	maxManifestBytes = 64 << 10
)

// Manifest describes a backup.
type Manifest struct {
	Schema  string         `json:"schema"` // "wardlight.backup/1"
	Started time.Time      `json:"begun"`  // everything committed before this time is in the backup
	Ended   time.Time      `json:"ended"`
	Version string         `json:"version"` // the version of the program that made the backup
	Files   []ManifestFile `json:"files"`
	Audit   ManifestAudit  `json:"audit"`
}

// ManifestFile describes a file of a backup.
type ManifestFile struct {
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`    // lower-case hexadecimal
	Migration string `json:"migration"` // the last migration that was applied
}

// ManifestAudit describes the end of the audit in a backup.
type ManifestAudit struct {
	Records int64  `json:"records"`
	Hash    []byte `json:"hash"` // base64 in JSON; without records, the hash that precedes the first
}

// write writes the manifest to folder durably.
func (m Manifest) write(folder string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(folder, manifestName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// LastBackup returns when the newest backup in a folder was started, or the zero time if there is none. It ignores
// folders without a valid manifest.
func LastBackup(folder string) (time.Time, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return time.Time{}, err
	}
	var last time.Time
	for _, e := range entries {
		if m, err := readManifest(filepath.Join(folder, e.Name())); err == nil && m.Started.After(last) {
			last = m.Started
		}
	}
	return last, nil
}

func readManifest(folder string) (Manifest, error) {
	f, err := os.Open(filepath.Join(folder, manifestName))
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close() //nolint:errcheck // the file is only read
	text, err := io.ReadAll(io.LimitReader(f, maxManifestBytes))
	if err != nil {
		return Manifest{}, err
	}
	return parseManifest(text)
}

// parseManifest decodes a manifest. It must list exactly the two files.
func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("%s cannot be parsed: %w", manifestName, err)
	}
	if m.Schema != manifestSchema {
		return m, fmt.Errorf("%s has the format %q, not %s", manifestName, m.Schema, manifestSchema)
	}
	if len(m.Files) != 2 || m.Files[0].Name != ledgerName || m.Files[1].Name != peopleName {
		return m, fmt.Errorf("%s does not name %s and %s", manifestName, ledgerName, peopleName)
	}
	return m, nil
}
