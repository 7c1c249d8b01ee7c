package storetest

import (
	"reflect"
	"testing"

	"wardlight/hub/store"
)

func auditRecordsOfARequest(t *testing.T, b *fixture) {
	const ada, ben = "999000000111", "999000000112"
	for _, r := range [][3]string{
		{"a", ada, "see whether there is an alert"},
		{"b", ada, "open an alert"},
		{"b", ben, "open an alert"},
		{"b", ada, "open an alert"}, // again
		{"c", ada, "open an alert in scheduled care"},
		{"c", ada, "see who has looked"},
		{"", ada, "see whether there is an alert"},
		{"d", ada, "search for patients"},
	} {
		x := record(r[2])
		x.RequestID, x.Person = r[0], r[1]
		must(t, b.commit(&store.Entry{Audit: x}))
	}

	trail := b.trail()
	for _, c := range []struct {
		person, request string
		want            []int64
	}{
		{ada, "a", []int64{1}},
		{ada, "b", []int64{2, 4}},
		{ben, "b", []int64{3}},
		{ada, "c", []int64{5}},
		{ben, "a", nil},
		{ada, "d", nil},
		{ada, "A", nil},
		{ada, "e", nil},
	} {
		got, err := b.AuditRequest(b.ctx, c.person, c.request)
		must(t, err)
		var numbers []int64
		for _, r := range got {
			numbers = append(numbers, r.Seq)
			if !reflect.DeepEqual(r, trail[r.Seq-1]) {
				t.Errorf("request %s of %s: got %+v, want it as in the trail: %+v", c.request, c.person, r,
					trail[r.Seq-1])
			}
		}
		if !reflect.DeepEqual(numbers, c.want) {
			t.Errorf("request %s of %s: got records %v, want %v", c.request, c.person, numbers, c.want)
		}
	}
}
