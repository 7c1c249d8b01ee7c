package hub_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// many is the number of patients in a benchmark's store.
const many = 20_000

// BenchmarkExactSearch measures a search inside the handler: checking the proof, session and role, searching, and
// committing the audit record durably. Concurrent clients share the commits.
func BenchmarkExactSearch(b *testing.B) {
	x := newFixture(b)
	var all []store.Patient
	for i := 0; len(all) < many; i++ {
		nine := fmt.Sprintf("%09d", 400_000_000+i)
		digit, ok := nhs.CheckDigit(nine)
		if !ok {
			continue
		}
		born := day(1930, 1, 1).AddDays(i % 30_000).FHIR()
		all = append(all, record(b, patient(nhs.Number(nine+string(digit)), fmt.Sprint("Family", i%5000), "Given", born,
			"female", "U", "LS1 4AP")))
	}

	must(b, x.sqlite.PutPatients(b.Context(), all))
	h := x.hub.Handler()
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprint(clients, " clients"), func(b *testing.B) {
			requests := make([]*http.Request, b.N)
			session := x.signIn()
			for i := range requests {
				n := i % many
				requests[i] = session.request(nurse, patients, url.Values{
					"family": {fmt.Sprint("family", n%5000)}, "birthdate": {day(1930, 1, 1).AddDays(n % 30_000).FHIR()},
				})
			}

			var next atomic.Int64
			b.SetParallelism(clients)
			b.ResetTimer()

			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, requests[next.Add(1)-1])
					if w.Code != http.StatusOK {
						b.Fatalf("exact search: got status %d, body %s; want 200", w.Code, w.Body)
					}
				}
			})
		})
	}
}
