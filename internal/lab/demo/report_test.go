package demo_test

import (
	"path/filepath"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/people"
	"wardlight/rbac"
)

// The client understands each of the hub's reports, and a report is an access of its own.
func TestReportsOfTheRealHub(t *testing.T) {
	d := start(t)
	nurse := signIn(t, d, "nurse")
	if _, err := nurse.Patient(bounded(t), people.OnPlan); err != nil {
		t.Fatal(err)
	}
	d.Eject()

	const ada, ben = "999000000101", "999000000102"
	ledger, err := sqlite.Open(t.Context(), filepath.Join(d.Folder(), "hub"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.Person(t.Context(), ben)
	if err != nil {
		t.Fatal(err)
	}
	p.Roles[0].JobRole = "S8000:G8000:" + rbac.PrivacyOfficer
	if err := ledger.PutPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}

	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	today := client.DateOf(time.Now().In(uk))
	officer := signIn(t, d, "clerk")
	for i, q := range []client.ReportQuery{
		{Kind: client.PatientAccess, Number: people.OnPlan}, {Kind: client.UserAccess, Person: ada},
		{Kind: client.PatientEnquiries},
	} {
		q.From, q.To = today.AddDays(-1), today.AddDays(1) // around a midnight in the test
		got, err := officer.Report(bounded(t), q)
		if err != nil {
			t.Errorf("%s: %v", q.Kind, err)
			continue
		}

		last := got.Accesses[len(got.Accesses)-1]
		if last.Action != "retrieve a patient" || last.Person.UUID != ada || last.Outcome != "granted" ||
			len(last.Patients) != 1 || last.Patients[0] != people.OnPlan {
			t.Errorf("%s: got the first access %+v, want the retrieval by %s", q.Kind, last, ada)
		}

		want := 1 // of a person who made no report, and of a patient before there was one
		if q.Kind == client.PatientEnquiries {
			want += i
		}
		if len(got.Accesses) != want {
			t.Errorf("%s: got %d accesses, want %d", q.Kind, len(got.Accesses), want)
		}
	}
}
