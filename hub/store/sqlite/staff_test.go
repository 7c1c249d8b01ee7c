package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlledger"
)

func TestWhatLapsedIsFoundByItsTime(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written
	for _, q := range sqlledger.DeleteExpired {
		plan := planOf(t, s.ledger.write, q, 0)
		if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH ") || !strings.HasSuffix(plan[0], "(expires<?)") {
			t.Errorf("query plan of %s: got\n%s\nwant a search of an index on expires", q, strings.Join(plan, "\n"))
		}
	}
}

// TestWhatIsEndedOrDeletedIsFoundByIndexes checks the statements that end or delete sessions by other columns than the
// ID, and those that delete old data. None may read rows that it doesn't change.
func TestWhatIsEndedOrDeletedIsFoundByIndexes(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written
	for query, want := range map[string]string{
		sqlledger.EndByFingerprint: "SEARCH session USING INDEX session_fingerprint (cert_fingerprint=?)",
		sqlledger.EndBySerial:      "SEARCH session USING INDEX session_certificate (cert_serial=?)",
		sqlledger.EndByIssuer:      "SEARCH session USING INDEX session_issuer (cert_issuer=?)",
		sqlledger.OldSessions:      "SEARCH session USING COVERING INDEX session_expires (expires<?)",
		sqlledger.OldBodies:        "SEARCH notification USING INDEX notification_body (delivered<?)",
		sqlledger.OldAnswers:       "SEARCH upload USING INDEX upload_answer (at<?)",
	} {
		all := strings.Join(planOf(t, s.ledger.write, query, 0, 0, 0), "\n")
		if !strings.Contains(all, want) || strings.Contains(all, "SCAN ") {
			t.Errorf("query plan of %s: got\n%s\nwant %s", query, all, want)
		}
	}
}

// TestRevokeCertificates_AListThatIsThere passes the same list twice, as each start of a hub does. The second time
// must write nothing.
func TestRevokeCertificates_AListThatIsThere(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	var list []store.Revocation
	for i := range 700 {
		list = append(list,
			store.Revocation{
				Certificate: store.Certificate{Issuer: "CN=CA", Serial: fmt.Sprintf("%x", i)},
				At:          time.Unix(1, 0),
			})
	}

	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	written := func() (rows int) {
		t.Helper()
		conn, err := s.ledger.write.Conn(t.Context())
		must(err)
		defer conn.Close() //nolint:errcheck // returns the connection to the pool
		must(conn.QueryRowContext(t.Context(), `SELECT total_changes()`).Scan(&rows))
		return rows
	}

	before := written()
	must(s.RevokeCertificates(t.Context(), list))
	first := written()
	must(s.RevokeCertificates(t.Context(), list))
	if again := written(); first-before != len(list) || again != first {
		t.Errorf("rows written: got %d at first, %d again; want %d and 0", first-before, again-first, len(list))
	}

	must(s.RevokeCertificates(t.Context(),
		append(list, store.Revocation{Certificate: store.Certificate{Fingerprint: "new"}})))
	if again := written(); again-first != 1 {
		t.Errorf("one new entry: got %d rows written, want 1", again-first)
	}
}
