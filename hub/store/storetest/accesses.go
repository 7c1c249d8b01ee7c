package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func accessesAreListed(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))

	for i := range 5 {
		o := opening(fmt.Sprint(i))
		o.Access.At = now.Add(time.Duration(i) * time.Second)
		if i == 3 {
			o.Access.Number = old
		}
		must(t, b.commit(&store.Entry{Audit: record("open"), Opening: o}))
	}

	for _, c := range []struct {
		numbers []nhs.Number
		limit   int
		want    []string
	}{
		{[]nhs.Number{tess}, 25, []string{"access-4", "access-2", "access-1", "access-0"}},
		{[]nhs.Number{tess, old}, 3, []string{"access-4", "access-3", "access-2"}},
		{[]nhs.Number{tom}, 25, nil},
		{nil, 25, nil},
	} {
		got, err := b.Accesses(b.ctx, c.numbers, c.limit)
		must(t, err)
		var ids []string
		for _, a := range got {
			ids = append(ids, a.ID)
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("Accesses of %v: got %v, want %v", c.numbers, ids, c.want)
		}
	}
}

func repeatedAccessesAreNotListed(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	const day = 24 * time.Hour
	look := func(id string, after time.Duration, number nhs.Number, who store.Viewer) {
		o := opening(id)
		o.Access.ID, o.Access.At, o.Access.Number, o.Access.Who = id, now.Add(after), number, who
		must(t, b.commit(&store.Entry{Audit: record("open"), Opening: o}))
	}

	ada, adaAtNight, ben := store.Viewer{UUID: "1", URID: "11"}, store.Viewer{UUID: "1", URID: "12", OrgODS: "RX2"},
		store.Viewer{UUID: "2", URID: "11"}
	for _, v := range []struct {
		id     string
		after  time.Duration
		number nhs.Number
		who    store.Viewer
	}{
		{"f", 2*day + time.Hour, tess, ada}, // stored before the previous ones, as after a clock was set back
		{"a", 0, tess, ada},
		{"b", time.Second, tess, ben},
		{"c", day - time.Microsecond, tess, ada},     // repeats a
		{"d", day, tess, ada},                        // a day after a
		{"e", 2*day - time.Microsecond, tess, ada},   // a day after c, which isn't listed; repeats d
		{"g", 2*day + 2*time.Hour, tess, adaAtNight}, // the same person in another role: repeats f
		{"h", 2*day + 3*time.Hour, old, ada},         // under another number of the same patient: repeats f
		{"i", 2*day + 3*time.Hour, tom, ada},         // another patient
		{"l", 4 * day, tess, ada},                    // at the same time as k
		{"k", 4 * day, tess, ada},
	} {
		look(v.id, v.after, v.number, v.who)
	}

	for _, c := range []struct {
		name    string
		numbers []nhs.Number
		limit   int
		want    string
	}{
		{"one number", []nhs.Number{tess}, 25, "k f d b a"},
		{"both numbers", []nhs.Number{tess, old}, 25, "k f d b a"},
		{"the other number alone", []nhs.Number{old}, 25, "h"},
		{"another patient", []nhs.Number{tom}, 25, "i"},
		{"the latest three", []nhs.Number{old, tess}, 3, "k f d"},
		{"a patient nobody looked at", []nhs.Number{older}, 25, ""},
		{"no number", nil, 25, ""},
	} {
		got, err := b.FirstAccesses(b.ctx, c.numbers, day, c.limit)
		must(t, err)
		var ids []string
		for _, a := range got {
			ids = append(ids, a.ID)
		}
		if strings.Join(ids, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, ids, c.want)
		}
	}

	got, err := b.FirstAccesses(b.ctx, []nhs.Number{tess}, day, 1)
	must(t, err)
	all, err := b.Accesses(b.ctx, []nhs.Number{tess}, 25)
	must(t, err)
	if len(all) != 9 || !reflect.DeepEqual(got[0], all[0]) {
		t.Errorf("got first access %+v, want %+v; got %d accesses, want 9", got[0], all[0], len(all))
	}

	_, err = b.FirstAccesses(b.ctx, []nhs.Number{"x"}, day, 1)
	if err == nil {
		t.Error("FirstAccesses with an invalid number succeeded, want error")
	}
}
