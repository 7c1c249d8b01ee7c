package sortedbook

import (
	"database/sql"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/nhs"
)

// people returns n patients.
func people(n int) []store.Patient {
	var all []store.Patient
	for i := range n {
		number := row.Digits(int64(9990000018 + (i*7)%n))
		all = append(all, store.Patient{
			Number: number, Body: []byte(`{"id":"` + number.Digits() + `"}`), Confidential: i%3 == 0,
			Related: [][]byte{[]byte(`{"id":"R1"}`)},
			Keys: store.Keys{
				Gender: "female", Born: nhs.Date{Year: 2016, Month: 3, Day: 1 + i%20},
				Names: []store.NameKey{{
					Family: "example", Given: []string{"tess"}, Spelt: "example tess",
					Sounds: []store.Sound{
						{Family: "a251", Given: "t200"}, {Family: "a251", Given: "m600"},
					},
				}},
				Near: []store.NearKey{{Key: "a251", Ends: 1 << 53}, {Key: "^ex", Ends: 3}},
				Marks: []store.Mark{
					{Kind: store.Postcode, Value: "ls14ap", Ends: nhs.Date{Year: 2020, Month: 1, Day: 1}},
					{Kind: store.Postcode, Value: "ls14ap"},
				},
			},
		})
	}

	all[n-1].SupersededBy = all[0].Number
	return all
}

func given(all []store.Patient, last error) iter.Seq2[store.Patient, error] {
	return func(yield func(store.Patient, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
		if last != nil {
			yield(store.Patient{}, last)
		}
	}
}

// query returns the rows of a query, each as text.
func query(t *testing.T, db *sql.DB, text string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// database opens people.db in a folder.
func database(t *testing.T, folder string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func open(t *testing.T, folder string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// dump returns every row of a folder's store of patients, table by table.
func dump(t *testing.T, folder string) []string {
	t.Helper()
	db := database(t, folder)
	var all []string
	for _, table := range query(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		columns := query(t, db, `SELECT 'quote(' || name || ')' FROM pragma_table_info(?)`, table)
		rows := query(t, db, "SELECT concat_ws(' ', "+strings.Join(columns, ", ")+") FROM "+table+" ORDER BY 1")
		if len(rows) == 0 {
			t.Fatalf("table %s has no rows", table)
		}
		all = append(append(all, table), rows...)
	}
	return append(all,
		query(t, db, `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1`)...)
}

func TestAFilledBookIsTheOneThatWasPut(t *testing.T) {
	all := people(50) // some tables get more rows than one statement inserts, others fewer
	folder := t.TempDir()
	if err := Fill(t.Context(), folder, given(all, nil)); err != nil {
		t.Fatal(err)
	}

	other := t.TempDir()
	filled, put := open(t, folder), open(t, other)
	if err := put.PutPatients(t.Context(), all); err != nil {
		t.Fatal(err)
	}

	if f, p := dump(t, folder), dump(t, other); !slices.Equal(f, p) {
		t.Errorf("store made by Fill:\n%q\nby PutPatients:\n%q", f, p)
	}

	if found := query(t, database(t, folder), "PRAGMA integrity_check"); !slices.Equal(found, []string{"ok"}) {
		t.Errorf("integrity_check = %q, want ok", found)
	}

	for _, left := range []string{"people.db-new", "people.db-aside"} {
		if _, err := os.Stat(filepath.Join(folder, left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat of %s after Fill = %v, want fs.ErrNotExist", left, err)
		}
	}

	if err := filled.PutPatients(t.Context(), all[:10]); err != nil {
		t.Errorf("PutPatients in the filled store: %v", err)
	}
}

func TestABookThatCannotBeFilledIsNotThere(t *testing.T) {
	broken := errors.New("the source broke")
	twice := people(5)
	twice[4].Number = twice[0].Number
	for name, c := range map[string]struct {
		all  []store.Patient
		last error
	}{
		"the source fails":       {people(5), broken},
		"a number occurs twice":  {twice, nil},
		"a number is of no kind": {append(people(5), store.Patient{Number: "12"}), nil},
	} {
		folder := t.TempDir()
		if err := Fill(t.Context(), folder, given(c.all, c.last)); err == nil || c.last != nil &&
			!errors.Is(err, c.last) {
			t.Errorf("%s: Fill error = %v, want an error", name, err)
		}
		if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
			t.Errorf("%s: files after a failed Fill = %v, %v, want none", name, files, err)
		}
	}
}

func TestABookIsNotFilledTwice(t *testing.T) {
	folder := t.TempDir()
	if err := Fill(t.Context(), folder, given(people(5), nil)); err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), folder, given(people(5), nil)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Fill error = %v, want fs.ErrExist", err)
	}
}

func TestWhatIsLeftOfAFillingThatWasCutShortIsNotUsed(t *testing.T) {
	folder := t.TempDir()
	left := filepath.Join(folder, "people.db-aside")
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "people.db-new"), []byte("half a book"), 0o600),
		os.Mkdir(left, 0o700), os.WriteFile(filepath.Join(left, "0"), []byte("half a run"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), folder, given(people(5), nil)); err != nil {
		t.Fatal(err)
	}
	s := open(t, folder)
	if _, err := s.Patient(t.Context(), people(5)[1].Number); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of %s after Fill = %v, want fs.ErrNotExist", left, err)
	}
}
