// Package limit is how often somebody may ask. It decides by values that are passed in, the clock among them, and its
// memory is bounded whoever asks.
//
// What is limited is chosen so that nobody can lock out somebody else: a person's budget is spent only by what is
// proven to be theirs, and a source's only by what proves nothing. A source that has spent its budget can still bring
// a good card.
package limit

import "golang.org/x/time/rate"

// Rate is how many requests are taken, steadily and at once. The zero Rate takes all.
type Rate struct {
	PerSecond float64
	Burst     int
}

// leastBurst lets a person mistype a few times, however low the rate.
const leastBurst = 10

// PerMinute returns a rate of n requests a minute, of which those of four seconds, and at least ten, may come at
// once. 0 takes all.
func PerMinute(n int) Rate {
	if n <= 0 {
		return Rate{}
	}
	return Rate{PerSecond: float64(n) / 60, Burst: max(leastBurst, n/15)}
}

// Unlimited reports whether the rate takes all.
func (r Rate) Unlimited() bool { return r.PerSecond <= 0 || r.Burst <= 0 }

func (r Rate) bucket() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Config is the hub's limits.
type Config struct {
	TokenSource       Rate // sign-ins of a source that prove nothing
	TokenPerson       Rate // sign-ins of a person that succeed
	SearchSource      Rate // requests of a source without a token that the hub knows
	SearchPerson      Rate // searches of a person
	RequestPerson     Rate // requests of a person, searches among them, each by its cost
	RequestCredential Rate // requests with a credential of an authority, each by its cost
	PatientsPerson    int  // different patients of a person in an hour, past which it is an alarm; 0 for none
}

// The built-in limits, a minute. A whole hospital may be one source. The PDS FHIR API allows an application five
// requests a second; here a person has as many searches.
const (
	TokensOfSource       = 300
	TokensOfPerson       = 20
	SearchesOfSource     = 600
	SearchesOfPerson     = 300
	RequestsOfPerson     = 900  // a worklist at its built-in rate makes 480, and as many searches as there may be cost 600
	RequestsOfCredential = 1200 // 120 uploads
	PatientsOfPerson     = 500  // an hour
)

// Standard returns the built-in limits.
func Standard() Config {
	return Config{
		TokenSource: PerMinute(TokensOfSource), TokenPerson: PerMinute(TokensOfPerson),
		SearchSource: PerMinute(SearchesOfSource), SearchPerson: PerMinute(SearchesOfPerson),
		RequestPerson: PerMinute(RequestsOfPerson), RequestCredential: PerMinute(RequestsOfCredential), PatientsPerson: PatientsOfPerson,
	}
}
