package client_test

import (
	"net/http"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/translog"
)

const openingID = "6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10"

func TestReceipt(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	got, err := nurse(t, hub).Receipt(t.Context(), openingID)
	if err != nil {
		t.Fatal(err)
	}
	log, err := translog.VerifierOf(hubtest.ReceiptKey())
	if err != nil {
		t.Fatal(err)
	}
	r, err := translog.ParseReceipt(got.JSON)
	if err != nil {
		t.Fatal(err)
	}
	if c, _, err := r.Verify(log); err != nil || c.N != 1 || r.Record.RequestID != openingID {
		t.Errorf("got receipt %s, error %v; want a valid one of %s", got.JSON, err, openingID)
	}
	if got.RequestID != openingID || got.Record != 1 || got.Action != "open an alert" || got.Outcome != "granted" {
		t.Errorf("got %+v, want that of record 1, which is an opening", got)
	}

	requests := hub.Requests(hubtest.Receipt)
	if want := "/audit/receipts/" + openingID; len(requests) != 1 || requests[0].URL != want ||
		requests[0].Header.Get("IsUnscheduledAccessEvent") != "true" {
		t.Errorf("got requests %v, want one of %s in unscheduled care", requests, want)
	}
}

func TestReceipt_NotOfTheRequest(t *testing.T) {
	for name, body := range map[string]any{
		"nothing":         map[string]any{},
		"another request": map[string]any{"record": map[string]any{"request_id": "r"}, "proof": ""},
		"a member more":   map[string]any{"record": map[string]any{"request_id": openingID}, "proof": "", "x": 1},
		"a list":          []string{openingID},
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.Receipt, func(w http.ResponseWriter, r *http.Request) {
			hubtest.ReplyJSON(w, r, http.StatusOK, body)
		})
		if got, err := nurse(t, hub).Receipt(t.Context(), openingID); client.KindOf(err) != client.Malformed {
			t.Errorf("%s: got %+v, error %v; want a malformed answer", name, got, err)
		}
	}
}
