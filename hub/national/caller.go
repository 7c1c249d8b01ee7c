// Package national has what the connections to the national services share. Its packages pds, flags and spine each
// implement the hub's interfaces to people and alerts (package api) with one service.
package national

import (
	"context"

	"wardlight/rbac"
)

// Caller is the person for whom the hub asks a national service, with the role of the request. The hub has
// authenticated the person and authorised the request.
type Caller struct {
	UUID      string // user ID
	Name      string // title, given and family name
	Title     string // "" if it is not known
	Given     string
	Family    string
	URID      string // role profile ID
	JobCode   string // job role code, such as "R8001"
	JobName   string
	OrgODS    string
	OrgName   string // "" if it is not known
	Session   string // the hub's session ID
	RequestID string // X-Request-ID of the person's request, a UUID in lower case

	// Action is the action of the request. It distinguishes an opening in unscheduled care (rbac.OpenAlert) from one in
	// scheduled care (rbac.OpenSilently) and from a lamp (rbac.SeeLamp).
	Action rbac.Action
}

type callerKey struct{}

// WithCaller returns a context with the person for whom the hub asks.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns the person for whom the hub asks, or false if the hub asks for itself: for an authority's upload or
// in a job of its own.
func CallerOf(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}
