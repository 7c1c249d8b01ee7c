package hubtest

import (
	"net/http"
	"time"
)

// report answers a request for a privacy officer's report with one finding and one access of Ada Sample.
func (h *Hub) report(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), h.Clock().UTC().Format(time.RFC3339)
	ada := map[string]string{"uuid": "999000000111", "name": "SAMPLE, Ada"}
	patient := ""
	if q.Has("patient:identifier") {
		patient = WithAlert
	}
	ReplyJSON(w, r, http.StatusOK, map[string]any{
		"report": r.PathValue("report"), "organisation": "X99", "from": q.Get("from"), "to": q.Get("to"), "made": now,
		"patient": patient, "person": q.Get("person"),
		"unusual": []any{map[string]any{
			"kind": "same_family_name", "person": ada, "patient": WithAlert, "count": 1, "first": now,
			"last": now,
		}},
		"accesses": []any{map[string]any{
			"at": now, "person": ada, "urid": "999000000222", "action": "open an alert", "outcome": "granted",
			"reason": "", "patients": []string{WithAlert}, "listed": 1,
			"request_id": "6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10", "source": "203.0.113.5", "record": 7,
		}},
	})
}

// ReplyJSON writes a JSON response with the id of the request.
func ReplyJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	write(w, r, status, "application/json", body)
}
