package demo_test

import (
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/lab/people"
)

// The client understands each of the hub's reports, and a report is an access of its own.
func TestReportsOfTheRealHub(t *testing.T) {
	d := start(t)
	nurse := signIn(t, d, "nurse")
	if _, err := nurse.Patient(bounded(t), people.OnPlan); err != nil {
		t.Fatal(err)
	}
	d.Eject()

	const ada = "999000000101"
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	today := client.DateOf(time.Now().In(uk))
	officer := signIn(t, d, "privacy")
	for i, q := range []client.ReportQuery{
		{Kind: client.PatientAccess, Number: people.OnPlan},
		{Kind: client.UserAccess, Person: ada},
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
