package sqlite

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"wardlight/hub/store"
)

func theDocuments(t *testing.T) documents {
	t.Helper()
	d, err := newDocuments()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADocumentComesBackAsItWasPut(t *testing.T) {
	d := theDocuments(t)
	for name, document := range map[string][]byte{
		"nothing": nil,
		"a patient": []byte(
			`{"resourceType":"Patient","id":"9990000026","gender":"male","birthDate":"2016-03-01"}`,
		),
		"the usual text": dictionary,
		"no JSON":        {0, 1, 2, 0xff, 0xfe},
		"a frame":        d.pack([]byte("a document that looks like one that was packed")),
		"a long one":     bytes.Repeat([]byte("0123456789abcdef"), 20_000),
	} {
		stored := d.pack(document)
		if got, err := d.open(stored); err != nil || !bytes.Equal(got, document) {
			t.Errorf("%s: open(pack) of %d bytes returned %d bytes, error %v; want them unchanged", name,
				len(document), len(got), err)
		}
	}
}

func TestTheBookHoldsAnEighthOfADocument(t *testing.T) {
	document := strings.NewReplacer("9990000018", "9990000026", "Tess", "Siobhan", "Example", "Featherstonehaugh",
		"2012-01-01", "2016-03-29",
		"ZZ99 3CZ", "YB6 4DL", "1 Example Street", "45 Pretend Avenue").
		Replace(string(dictionary[bytes.LastIndex(dictionary, []byte(`{"resourceType"`)):]))
	if stored := theDocuments(t).pack([]byte(document)); len(stored) > len(document)/8 {
		t.Errorf("pack returned %d bytes for %d, want at most an eighth", len(stored), len(document))
	}
}

func TestADamagedDocumentIsAnErrorAndNotAnotherDocument(t *testing.T) {
	d := theDocuments(t)
	document := []byte(`{"resourceType":"Patient","id":"9990000026","gender":"male","birthDate":"2016-03-01"}`)
	stored := d.pack(document)
	for i := range stored {
		for bit := range 8 {
			damaged := bytes.Clone(stored)
			damaged[i] ^= 1 << bit
			got, err := d.open(damaged)
			if i < len(frameBegins) {
				continue // not a frame: returned unchanged
			}
			if err == nil && !bytes.Equal(got, document) {
				t.Errorf("open with bit %d of byte %d changed = %q, want error", bit, i, got)
			}
		}
	}

	for length := len(frameBegins); length < len(stored); length++ {
		if got, err := d.open(stored[:length]); err == nil {
			t.Errorf("open of %d bytes of a frame = %q, want error", length, got)
		}
	}
}

// A database from elsewhere may use an unknown dictionary, or be made to exhaust the memory.
func TestAFrameOfAnotherKindIsRefused(t *testing.T) {
	d := theDocuments(t)
	another, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(dictionaryID+1, bytes.Repeat([]byte("another text "),
		8)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string][]byte{
		"another text":  another.EncodeAll([]byte("another text of another hub"), nil),
		"longer than a": plain.EncodeAll(make([]byte, maxDocumentBytes+1), nil),
	} {
		if got, err := d.open(stored); err == nil {
			t.Errorf("open of %s returned %d bytes, want error", name, len(got))
		}
	}
}

func TestDocumentsOfAnOlderHubAreStillRead(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}

	older := people(2)
	if err := s.PutPatients(t.Context(), older); err != nil {
		t.Fatal(err)
	}

	if err := s.people.writing(t.Context(), func(tx *sql.Tx) error {
		for _, statement := range []string{
			`UPDATE patient SET body = CAST('{"id":"as it was"}' AS BLOB)`,
			`UPDATE related SET body = CAST('{"id":"as it was, too"}' AS BLOB)`,
			`DROP INDEX mark_by_value`,
			`DELETE FROM migration WHERE ordinal >= 2`,
		} {
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read from here on
	p, err := s.Patient(t.Context(), older[0].Number)
	if err != nil || string(p.Body) != `{"id":"as it was"}` {
		t.Errorf("older record: got %s, %v; want it unchanged", p.Body, err)
	}

	related, err := s.RelatedPersons(t.Context(), older[0].Number)
	if err != nil || len(related) != 1 || string(related[0]) != `{"id":"as it was, too"}` {
		t.Errorf("older related persons: got %s, %v; want them unchanged", related, err)
	}
}

// A search must return an error for a damaged document, not its stored form.
func TestADamagedDocumentFailsTheSearchThatFindsIt(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "books"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read from here on
	one := people(1)
	if err := s.PutPatients(t.Context(), one); err != nil {
		t.Fatal(err)
	}

	if err := s.people.writing(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE patient SET body = substr(body, 1, length(body) - 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}

	born := one[0].Keys.Born
	found, err := s.FindPatients(t.Context(), store.PatientQuery{
		Family: "example", Born: store.Span{From: born, To: born}, History: true, Limit: 5,
	})
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("FindPatients: got %d patients, error %v; want error \"damaged\"", len(found), err)
	}

	if p, err := s.Patient(t.Context(), one[0].Number); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("Patient = %q, %v; want error \"damaged\"", p.Body, err)
	}
}
