package row_test

import (
	"errors"
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// The trail has a gap and ends just before, at and just after the end of a page.
func TestATrailIsReadInPagesToItsEnd(t *testing.T) {
	for _, records := range []int{0, 1, 4095, 4096, 4097, 3 * 4096} {
		var trail []store.AuditRecord
		for i := range records {
			trail = append(trail, store.AuditRecord{Seq: int64(i + 1 + i/5000)})
		}

		longest := 0
		read := func(from int64, limit int) (page []store.AuditRecord, _ error) {
			for _, r := range trail {
				if r.Seq >= from && len(page) < limit {
					page = append(page, r)
				}
			}
			longest = max(longest, len(page))
			return page, nil
		}

		n := 0
		if err := row.AuditTrail(1, read, func(r store.AuditRecord) error {
			if r.Seq != trail[n].Seq {
				t.Fatalf("%d records: record %d is %d, want %d", records, n, r.Seq, trail[n].Seq)
			}
			n++
			return nil
		}); err != nil || n != records || longest > 4096 {
			t.Errorf("AuditTrail visited %d of %d records, %d at once, error %v", n, records, longest, err)
		}
	}
}

func TestATrailEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	visit := func(store.AuditRecord) error { return broken }
	one := func(int64, int) ([]store.AuditRecord, error) { return make([]store.AuditRecord, 2), nil }
	if err := row.AuditTrail(1, one, visit); !errors.Is(err, broken) {
		t.Errorf("AuditTrail with a failing visit: got error %v", err)
	}
	none := func(int64, int) ([]store.AuditRecord, error) { return nil, broken }
	if err := row.AuditTrail(1, none, visit); !errors.Is(err, broken) {
		t.Errorf("AuditTrail with a failing read: got error %v", err)
	}
}
