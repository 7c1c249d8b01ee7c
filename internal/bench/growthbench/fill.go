package growthbench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// The mix of each hundred requests, as in an emergency department that looks up a patient's record and lamp and opens
// what it finds. The last two requests are an access list and the end of a session. One in a thousand is an upload.
const (
	signIns, searches, records, lamps, openings = 2, 20, 36, 36, 4

	uploadEvery = 1000
	uploadRows  = 20
	found       = 8  // patients listed by a search
	group       = 64 // entries in one commit
	code        = "V999"
)

// startTime is the time of the first request.
var startTime = time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)

// filler creates entries as the hub does.
type filler struct {
	n       int
	at      time.Time
	session store.Session
	viewer  store.Viewer
	plan    store.PlanWithAuthority
}

// fill commits the entries of the requests, day by day. At the end of each day it delivers the notifications and
// deletes expired entries, as a hub does. It returns the time of the last request.
func fill(ctx context.Context, s store.Store, o Options) (time.Time, error) {
	council := store.Authority{
		Code: code, Name: "EXAMPLESHIRE COUNCIL", OfficePhone: "01632960101", DutyPhone: "01632960102",
		Endpoint: "https://la.example/cpis",
	}

	if err := s.PutAuthority(ctx, council); err != nil {
		return time.Time{}, err
	}

	f := &filler{
		viewer: store.Viewer{
			UUID: "999000000111", URID: "999000000222", Name: "Ms Ada Sample", JobRole: "S8000:G8000:R8001",
			JobName: "Nurse Access Role", OrgODS: "RX1", OrgName: "EXAMPLE GENERAL HOSPITAL",
		},
		plan: store.PlanWithAuthority{
			Plan: store.Plan{ID: idOf(1), Kind: store.ChildProtection, Authority: code, Reference: "CP-1001"},
			By:   council,
		},
	}

	step := 24 * time.Hour / time.Duration(o.PerDay)
	for f.n < o.Requests {
		var entries []*store.Entry
		for range min(group, o.Requests-f.n) {
			f.at = startTime.Add(time.Duration(f.n) * step)
			e, err := f.entry()
			if err != nil {
				return f.at, err
			}
			entries = append(entries, e)
		}

		refused, err := s.Commit(ctx, entries)
		if err := errors.Join(append(refused, err)...); err != nil {
			return f.at, err
		}

		if f.n/o.PerDay != (f.n-len(entries))/o.PerDay || f.n == o.Requests {
			if err := f.endDay(ctx, s); err != nil {
				return f.at, err
			}
		}
	}

	return f.at, nil
}

// endDay delivers the waiting notifications and deletes expired entries.
func (f *filler) endDay(ctx context.Context, s store.Store) error {
	waiting, err := s.Notifications(ctx, store.NotificationQuery{State: store.Waiting})
	if err != nil {
		return err
	}
	for _, n := range waiting {
		if err := s.Delivered(ctx, n.ID, "", f.at); err != nil {
			return err
		}
	}
	return s.Prune(ctx, f.at, store.Retention{Sessions: 24 * time.Hour})
}

// idOf returns an ID as long as those of the hub.
func idOf(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n) }

// number returns a patient's number. Its check digit may be invalid.
func (f *filler) number(i int) nhs.Number {
	return nhs.Number(fmt.Sprintf("999%07d", (f.n*found+i)%10_000_000))
}

// entry returns the entry of the next request.
func (f *filler) entry() (*store.Entry, error) {
	kind := f.n % 100
	f.n++
	hash := sha256.Sum256([]byte(idOf(f.n)))
	e := &store.Entry{
		Proof: &store.Once{Hash: hash[:], Expires: f.at.Add(5 * time.Minute)},
		Audit: store.AuditRecord{
			At: f.at, RequestID: idOf(f.n), Session: f.session.ID, Person: f.viewer.UUID, URID: f.viewer.URID,
			OrgODS: f.viewer.OrgODS, Outcome: audit.Granted, Source: "203.0.113.5", Patients: []nhs.Number{f.number(0)},
		},
		Touch: f.session.ID,
	}

	is := func(share int) bool {
		kind -= share
		return kind < 0
	}

	switch {
	case f.n%uploadEvery == 0:
		f.upload(e)
	case is(signIns):
		f.session = store.Session{
			ID: idOf(f.n), TokenHash: hash[:], Person: f.viewer.UUID, KeyThumb: strings.Repeat("k", 43),
			Started: f.at, Seen: f.at, Expires: f.at.Add(8 * time.Hour),
			Certificate: store.Certificate{
				Fingerprint: strings.Repeat("f", 64), Issuer: "CN=Sub CA,O=NHS,C=GB", Serial: "1a2b3c4d5e6f",
			},
		}
		begins := f.session
		e.Begin, e.Touch, e.Audit.Session, e.Audit.Action = &begins, "", f.session.ID, audit.SignIn
		e.Audit.Patients, e.Audit.URID, e.Audit.OrgODS = nil, "", ""
		other := sha256.Sum256(hash[:])
		e.Assertion = &store.Once{Hash: other[:], Expires: f.at.Add(5 * time.Minute)}
	case is(searches):
		e.Audit.Action = audit.Search
		for i := 1; i < found; i++ {
			e.Audit.Patients = append(e.Audit.Patients, f.number(i))
		}
	case is(records):
		e.Audit.Action = audit.Retrieve
	case is(lamps):
		e.Audit.Action = rbac.SeeLamp.String()
	case is(openings):
		return e, f.open(e)
	default:
		e.Audit.Action = rbac.ReadAccessList.String()
		if f.n%100 == 0 { // last of each hundred requests
			e.Audit.Action, e.Audit.Patients, e.Touch, e.End = audit.SignOut, nil, "", f.session.ID
		}
	}

	return e, nil
}

// open adds the parts of an opening: access, notification, and the answer to a repeated request.
func (f *filler) open(e *store.Entry) error {
	e.Audit.Action = rbac.OpenAlert.String()
	access := store.Access{
		ID: idOf(f.n), Number: e.Audit.Patients[0], At: f.at, Who: f.viewer, Session: f.session.ID,
		RequestID: e.Audit.RequestID,
	}

	f.plan.Number = access.Number
	body, err := notify.Compose("https://hub.example")(access.ID, access, f.plan.By, []store.PlanWithAuthority{f.plan})
	if err != nil {
		return err
	}

	e.Opening = &store.Opening{
		Person: f.viewer.UUID, RequestID: e.Audit.RequestID, Digest: strings.Repeat("d", 64),
		Answer:  make([]byte, 1500),
		Expires: f.session.Expires, Access: &access,
		Notifications: []store.Notification{{
			ID: access.ID, Authority: code, Body: body, Created: f.at,
			NextAttempt: f.at,
		}},
	}

	return nil
}

// upload turns the entry into that of a file of plans, whose answer has a line for each row.
func (f *filler) upload(e *store.Entry) {
	e.Audit.Action, e.Audit.OrgODS, e.Audit.Reason = audit.UploadPlans, code, "CPF02"
	e.Audit.Session, e.Audit.Person, e.Audit.URID = "", "", ""
	e.Proof, e.Touch = nil, ""
	u := &store.Upload{
		ID: idOf(f.n), Authority: code, File: fmt.Sprint("2026-", f.n), Digest: strings.Repeat("d", 64),
		Made: f.at.UnixMicro(), At: f.at,
	}

	answer := `{"upload":"` + u.ID + `","code":"CPF02","rows":[`
	e.Audit.Patients = nil
	for i := range uploadRows {
		n := f.number(i)
		e.Audit.Patients = append(e.Audit.Patients, n)
		u.Plans = append(u.Plans, store.Plan{
			ID: idOf(f.n*uploadRows + i), Number: n, Kind: store.ChildProtection, Start: nhs.Date{
				Year: 2026, Month: 1,
				Day: 1,
			},
			Authority: code, Reference: fmt.Sprint("CP-", f.n), Made: u.Made,
		})
		const sentence = "Added. The hub ends this plan on 4 March 2034, the 18th birthday."
		answer += fmt.Sprintf(`{"row":%d,"code":"CPR06","sentence":%q},`, i+2, sentence)
	}

	u.Answer = []byte(answer + "]}")
	e.Upload = u
}
