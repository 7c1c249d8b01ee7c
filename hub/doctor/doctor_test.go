package doctor_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/hub/doctor"
	"wardlight/hub/store"
	"wardlight/internal/checklist"
)

var noon = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

// good returns facts of a hub without problems.
func good() doctor.Facts {
	return doctor.Facts{
		At: noon, Synchronised: true, ClockKnown: true, TLS: true,
		Certificates: []doctor.Certificate{certificate(-time.Hour, 365*24*time.Hour)},
		Head:         store.AuditRecord{Seq: 12, At: noon.Add(-time.Hour)},
		Checkpoint:   doctor.CheckpointFacts{Set: true, Records: 12},
		Authorities:  []doctor.Authority{{Code: "V999"}},
		Backup:       doctor.BackupFacts{Set: true, Last: noon.Add(-time.Hour), MaxAge: 48 * time.Hour},
	}
}

func certificate(begins, ends time.Duration) doctor.Certificate {
	return doctor.Certificate{Setting: "tls.certificate_file", Certificate: &x509.Certificate{
		Subject: pkix.Name{CommonName: "hub"}, NotBefore: noon.Add(begins), NotAfter: noon.Add(ends),
	}}
}

func TestJudge(t *testing.T) {
	broken := errors.New("it is broken")
	all := map[string]bool{}
	for code, change := range map[string]func(f *doctor.Facts){
		"B01": func(f *doctor.Facts) { f.Settings = broken },
		"B11": func(f *doctor.Facts) { f.Synchronised = false },
		"B12": func(f *doctor.Facts) { f.Head.At = noon.Add(6 * time.Minute) },
		"B13": func(f *doctor.Facts) { f.ClockKnown = false },
		"B21": func(f *doctor.Facts) {
			f.Files = []doctor.File{{Name: "hub.key", Setting: "tls.key_file", Err: broken}}
		},
		"B22": func(f *doctor.Facts) { f.Files = []doctor.File{{Name: "hub.key", Open: true}} },
		"B23": func(f *doctor.Facts) { f.Files = []doctor.File{{Name: "ledger.db", OfOthers: true}} },
		"B31": func(f *doctor.Facts) { f.Certificates[0] = certificate(-time.Hour, 29*24*time.Hour) },
		"B32": func(f *doctor.Facts) { f.Certificates[0] = certificate(-time.Hour, -time.Minute) },
		"B33": func(f *doctor.Facts) { f.TLS = false },
		"B41": func(f *doctor.Facts) { f.Store = store.ErrOlder },
		"B42": func(f *doctor.Facts) { f.Store = broken },
		"B43": func(f *doctor.Facts) { f.Unsafe = broken },
		"B51": func(f *doctor.Facts) { f.Checkpoint.Differs = true },
		"B52": func(f *doctor.Facts) { f.HeadErr = broken },
		"B53": func(f *doctor.Facts) { f.Cut = broken },
		"B61": func(f *doctor.Facts) { f.Checkpoint = doctor.CheckpointFacts{} },
		"B62": func(f *doctor.Facts) { f.Checkpoint.Err = broken },
		"B63": func(f *doctor.Facts) { f.Checkpoint.Records = 11 },
		"B71": func(f *doctor.Facts) { f.Authorities = nil },
		"B72": func(f *doctor.Facts) {
			f.Authorities = append(f.Authorities, doctor.Authority{Code: "V998", Unready: broken})
		},
		"B73": func(f *doctor.Facts) { f.Authorities[0].Away = broken },
		"B74": func(f *doctor.Facts) { f.Resends = []string{"V999"} },
		"B79": func(f *doctor.Facts) { f.AuthoritiesErr = broken },
		"B81": func(f *doctor.Facts) { f.Backlog = store.Backlog{Waiting: 1, Oldest: noon.Add(-2 * time.Hour)} },
		"B82": func(f *doctor.Facts) { f.Backlog = store.Backlog{Buried: 1} },
		"B83": func(f *doctor.Facts) { f.Alerts = store.Backlog{Waiting: 1, Oldest: noon.Add(-2 * time.Hour)} },
		"B84": func(f *doctor.Facts) { f.Alerts = store.Backlog{Buried: 1} },
		"B89": func(f *doctor.Facts) { f.BacklogErr = broken },
		"B91": func(f *doctor.Facts) { f.Backup = doctor.BackupFacts{} },
		"B92": func(f *doctor.Facts) { f.Backup.Last = noon.Add(-49 * time.Hour) },
		"B93": func(f *doctor.Facts) { f.Backup.Last = time.Time{} },
		"B94": func(f *doctor.Facts) { f.Backup.Elsewhere = true },
	} {
		f := good()
		change(&f)
		rows := doctor.Judge(f)
		found := false
		for _, r := range rows {
			all[r.Code] = true
			switch {
			case r.Code == code:
				found = true
			case r.State != checklist.Pass && !r.Blocked:
				t.Errorf("%s: got %s as %s (%s), want it passed", code, r.Title, r.State, r.Code)
			}
			if r.Name == "" || r.Sentence == "" || r.Advice == "" {
				t.Errorf("%s: got %+v, want name, sentence and advice", code, r)
			}
		}

		if !found {
			t.Errorf("no row has the code %s: %+v", code, rows)
		}
	}

	for _, w := range doctor.Words() {
		if !all[w.Code] {
			t.Errorf("no test case has code %s", w.Code)
		}
	}

	if rows := doctor.Judge(good()); checklist.Worst(rows) != checklist.Pass || checklist.Problem(rows) != "" {
		t.Errorf("Judge of a hub without problems: got %s", strings.Join(checklist.Text(rows), "\n"))
	}
}
