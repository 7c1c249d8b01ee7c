package pds_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/national"
	"wardlight/hub/national/pds"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
)

// smith is the NHS number of the patient in the examples of PDS's document.
const smith nhs.Number = "9000000009"

var today = nhs.Date{Year: 2026, Month: 7, Day: 15}

// prism is a transport to Prism. It asks for an example by name, and mirrors the ID of the request, which a mock that
// returns examples doesn't.
type prism struct {
	prefer string
	refuse func(why string) // called for a request that the document doesn't allow
}

func (p prism) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if p.prefer != "" {
		r.Header.Set("Prefer", p.prefer)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if why := resp.Header.Get("Sl-Violations"); why != "" {
		p.refuse(why)
	}
	resp.Header.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
	return resp, nil
}

// query returns the parsed parameters of a search.
func query(t *testing.T, pairs ...string) trace.Query {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	q, err := trace.ParseQuery(values, today)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestPDS_ContractOfTheNHS(t *testing.T) {
	mock := prismtest.Mock(t, "../../..")
	service := func(t *testing.T, prefer string) *pds.Service {
		return pds.New(national.New(national.Config{
			Service: national.PDS, BaseURL: mock, Clock: time.Now, After: time.After, NewID: uuid.NewString,
			Timeout: time.Minute,
			HTTP: &http.Client{Transport: prism{prefer, func(why string) {
				t.Errorf("not a request that the document allows: %s", why)
			}}},
		}), nil)
	}

	t.Run("retrieve", func(t *testing.T) {
		s := service(t, "")
		got, err := s.Retrieve(t.Context(), smith)
		if err != nil || got.Number != smith || got.Version == "" || !strings.Contains(string(got.Document), "Smith") {
			t.Errorf("Retrieve: got %s, %v; want the document's patient", got.Document, err)
		}
		// The mock returns the same example for every number, so any other number is superseded.
		on, err := s.RecordStatus(t.Context(), "9000000017")
		if err != nil || !on.Known || len(on.Numbers) != 2 || on.Numbers[1] != smith || on.Born.Year != 2010 {
			t.Errorf("RecordStatus: got %+v, %v; want it superseded", on, err)
		}
	})

	t.Run("search", func(t *testing.T) {
		for _, pairs := range [][]string{
			{"family", "Smith", "birthdate", "eq2010-10-22"},
			{
				"family", "Sm*", "given", "Jane", "given", "Marie", "gender", "female", "birthdate", "ge2010-10-22",
				"birthdate", "le2010-10-23", "address-postalcode", "LS1 6AE", "_history", "true",
			},
			{"family", "O’Smith-Núñez & Co", "given", "J", "birthdate", "2010-10-22", "_fuzzy-match", "true"},
			{
				"family", "Smith", "birthdate", "eq2010-10-22", "_exact-match", "true", "_max-results", "1", "phone",
				"01632960587", "email", "jane.smith@example.com", "general-practitioner", "Y12345",
			},
		} {
			rows, err := service(t, "").Search(t.Context(), query(t, pairs...))
			if err != nil || len(rows) != 1 || rows[0].Number != smith || rows[0].Score != 0.75 {
				t.Errorf("Search(%v): got %d rows, %v; want the document's patient", pairs, len(rows), err)
			}
		}
	})

	t.Run("related persons", func(t *testing.T) {
		got, err := service(t, "").RelatedPersons(t.Context(), smith)
		if err != nil || len(got.Persons) != 1 || got.Number != smith {
			t.Errorf("RelatedPersons: got %d, %v; want the document's", len(got.Persons), err)
		}
	})

	for prefer, kind := range map[string]national.Kind{
		"code=401": national.Refused, "code=403": national.Refused, "code=408": national.TimedOut,
		"code=409": national.Malformed, "code=429": national.Busy,
	} {
		t.Run(prefer, func(t *testing.T) {
			s := service(t, prefer)
			_, retrieved := s.Retrieve(t.Context(), smith)
			_, searched := s.Search(t.Context(), query(t, "family", "Smith", "birthdate", "eq2010-10-22"))
			_, status := s.RecordStatus(t.Context(), smith)
			for what, err := range map[string]error{"retrieve": retrieved, "search": searched, "status": status} {
				var failed *national.Failure
				if !errors.As(err, &failed) || failed.Kind != kind {
					t.Errorf("%s: got %v, want %v", what, err, kind)
				}
			}
		})
	}

	t.Run("a refused search", func(t *testing.T) {
		_, err := service(t, "code=400").Search(t.Context(), query(t, "family", "Smith", "birthdate", "eq2010-10-22"))
		var refused *trace.QueryError
		if !errors.As(err, &refused) || refused.Code == "" {
			t.Errorf("got %v, want the Spine code of PDS", err)
		}
	})
}

func TestFindPatients(t *testing.T) {
	if _, err := pds.New(nil, nil).FindPatients(t.Context(), store.PatientQuery{}); !errors.Is(err, trace.ErrTooMany) {
		t.Errorf("FindPatients: got %v, want %v", err, trace.ErrTooMany)
	}
}
