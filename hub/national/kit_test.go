package national_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/national"
	"wardlight/internal/lab/nationaltest"
)

// clock is a clock that only Add advances. After advances it at once.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.Add(d)
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

// caller is the person of the tests.
var caller = national.Caller{
	UUID: "999000000001", URID: "999000000101", OrgODS: "RX1", RequestID: "11111111-1111-4111-8111-111111111111",
}

// fixture is a client with a stand-in of the platform.
type fixture struct {
	*nationaltest.Platform
	clock  *clock
	tokens *national.Tokens
	client *national.Client
}

// counts records the results of requests.
type counts struct {
	mu  sync.Mutex
	all []string
}

func (c *counts) AskedNational(_, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, result)
}

func newFixture(t *testing.T, change ...func(*national.TokensConfig, *national.Config)) *fixture {
	t.Helper()
	f := &fixture{clock: &clock{now: time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)}}
	f.Platform = nationaltest.New(t, f.clock.Now)
	f.PutPatient(nationaltest.Example("9990000018"))
	tokens := national.TokensConfig{
		URL: f.TokenURL(), APIKey: nationaltest.APIKey, KeyID: nationaltest.KeyID, Key: f.Key(),
		HTTP: national.NewHTTP(f.Roots()), Clock: f.clock.Now, NewID: uuid.NewString,
	}
	config := national.Config{
		Service: national.PDS, BaseURL: f.PDSURL(), HTTP: national.NewHTTP(f.Roots()), Clock: f.clock.Now,
		After: f.clock.After, NewID: uuid.NewString,
	}
	for _, c := range change {
		c(&tokens, &config)
	}

	var err error
	if f.tokens, err = national.NewTokens(tokens); err != nil {
		t.Fatal(err)
	}
	config.Tokens = f.tokens
	f.client = national.New(config)
	return f
}

// ask requests the patient for the caller.
func (f *fixture) ask(ctx context.Context) (national.Answer, error) {
	return f.client.Do(national.WithCaller(ctx, caller), national.Request{Path: "/Patient/9990000018"})
}

// failure requests the patient and returns the failure.
func (f *fixture) failure(t *testing.T) *national.Failure {
	t.Helper()
	_, err := f.ask(t.Context())
	var failed *national.Failure
	if !errors.As(err, &failed) {
		t.Fatalf("request: got error %v, want a failure", err)
	}
	return failed
}

// answered requests the patient, and fails the test unless there is an answer.
func (f *fixture) answered(t *testing.T) national.Answer {
	t.Helper()
	a, err := f.ask(t.Context())
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("request: got status %d, error %v; want 200", a.Status, err)
	}
	return a
}
