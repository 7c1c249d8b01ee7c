// Package limit limits rates of requests. All values, including the time, are passed in. Its memory is bounded
// whatever the requests.
//
// The limits are chosen so that nobody can lock out somebody else: only proven requests of a person use the person's
// budget, and only unproven ones use a source's budget. A source that has used up its budget can still sign in with a
// valid card.
package limit

import "golang.org/x/time/rate"

// Rate is a steady rate with a burst. The zero Rate means no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// minBurst is the minimum burst. It lets a person mistype a few times at any rate.
const minBurst = 10

// PerMinute returns a rate of n requests a minute with a burst of those of four seconds, but at least ten. 0 means no
// limit.
func PerMinute(n int) Rate {
	if n <= 0 {
		return Rate{}
	}
	return Rate{PerSecond: float64(n) / 60, Burst: max(minBurst, n/15)}
}

// Unlimited reports whether the rate has no limit.
func (r Rate) Unlimited() bool { return r.PerSecond <= 0 || r.Burst <= 0 }

func (r Rate) bucket() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Config contains the hub's limits.
type Config struct {
	TokenSource       Rate // unproven sign-ins of a source
	TokenPerson       Rate // successful sign-ins of a person
	SearchSource      Rate // unauthenticated requests of a source
	SearchPerson      Rate // searches of a person
	RequestPerson     Rate // requests of a person including searches, by their cost
	RequestCredential Rate // requests with an authority's credential, by their cost
	PatientsPerson    int  // different patients of a person in an hour before an alarm; 0 for no limit
}

// Default limits a minute. A whole hospital may be one source. The PDS FHIR API allows an application five requests a
// second; these limits allow a person as many searches.
const (
	TokensOfSource       = 300
	TokensOfPerson       = 20
	SearchesOfSource     = 600
	SearchesOfPerson     = 300
	RequestsOfPerson     = 900  // a worklist at the default rate needs 480; the maximum of searches costs 600
	RequestsOfCredential = 1200 // 120 uploads
	PatientsOfPerson     = 500  // in an hour
)

// Standard returns the default limits.
func Standard() Config {
	return Config{
		TokenSource: PerMinute(TokensOfSource), TokenPerson: PerMinute(TokensOfPerson),
		SearchSource: PerMinute(SearchesOfSource), SearchPerson: PerMinute(SearchesOfPerson),
		RequestPerson: PerMinute(RequestsOfPerson), RequestCredential: PerMinute(RequestsOfCredential),
		PatientsPerson: PatientsOfPerson,
	}
}
