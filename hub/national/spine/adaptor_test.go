package spine_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/national"
	"wardlight/hub/national/spine"
	"wardlight/hub/trace"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
	"wardlight/rbac"
)

// TestQuery_AdaptorsDocument sends a query through Prism, which validates the request and the answer of the stand-in
// by the adaptor's own OpenAPI document.
func TestQuery_AdaptorsDocument(t *testing.T) {
	mhs := nationaltest.NewMHS(func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		if q.Number == "9990000026" {
			return nationaltest.MHSReply{Body: q.NoRecords()}
		}
		return nationaltest.MHSReply{Body: q.Records([]nationaltest.CPISRecord{{
			Kind: "CPP", Start: "202602030000", Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Duty: "01632960102",
		}})}
	})
	server := httptest.NewServer(mhs)
	t.Cleanup(server.Close)
	s := spine.New(national.New(national.Config{
		Service: national.Spine, BaseURL: prismtest.MHSProxy(t, "../../..", server.URL), Timeout: time.Minute,
		Clock: time.Now, After: time.After, NewID: uuid.NewString,
	}), spine.Systems{From: "200000000205", To: "928942012545"}, time.Now)

	ctx := national.WithCaller(t.Context(), national.Caller{
		UUID: "999000000111", Title: "Ms", Given: "Ada", Family: "Sample", URID: "999000000222", JobCode: "R8001",
		JobName: "Nurse Access Role", OrgODS: "X99", OrgName: "EXAMPLE GENERAL HOSPITAL",
		RequestID: uuid.NewString(), Action: rbac.OpenAlert,
	})
	for number, plans := range map[nhs.Number]int{"9990000018": 1, "9990000026": 0} {
		found, queries, err := s.Query(ctx, trace.RecordStatus{Current: number, Known: true})
		var f *national.Failure
		if errors.As(err, &f) {
			t.Fatalf("%s: got %v, want an answer that Prism accepts", number.Digits(), f)
		}
		if err != nil || len(found.Visible) != plans || len(queries) != plans {
			t.Errorf("%s: got %+v, %+v, %v; want %d plans", number.Digits(), found, queries, err, plans)
		}
	}
}
