package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// open opens an alert: that of an opening without an answer with the same request ID, or another.
func (x *soakTerminal) open(ctx context.Context) error {
	o := x.pending
	if o == nil {
		child := x.s.protected[x.random.IntN(len(x.s.protected))]
		o = &soakOpening{number: child.number, plans: child.plans}
		if x.plan != unknownPlan && x.random.IntN(4) == 0 {
			o = &soakOpening{number: x.child, plans: int(x.plan)}
		}
	}
	return x.request(ctx, o)
}

// openAnswered repeats an opening that was answered.
func (x *soakTerminal) openAnswered(ctx context.Context) error {
	var all []*soakOpening
	for _, o := range x.openings {
		if o.answered {
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		return x.open(ctx)
	}
	slices.SortFunc(all, func(a, b *soakOpening) int { return strings.Compare(a.id, b.id) })
	o := all[x.random.IntN(len(all))]
	if o.number == x.child { // its plans may have changed
		return x.open(ctx)
	}
	return x.request(ctx, o)
}

// request makes the request of an opening, and compares the answer with the plans.
func (x *soakTerminal) request(ctx context.Context, o *soakOpening) error {
	opened, err := x.nurse.Open(ctx, o.number, o.id)
	var failed *client.Error
	switch {
	case err == nil:
		o.id, o.answered = opened.RequestID, true
	case errors.As(err, &failed):
		if o.id == "" {
			o.refused = !failed.OutcomeUnknown
		} else if failed.OutcomeUnknown {
			o.refused = false
		}
		o.id = failed.RequestID
	}

	x.openings[o.id] = o
	if err != nil {
		if !o.answered {
			x.pending = o
		}
		return err
	}

	if x.pending == o {
		x.pending = nil
	}
	x.checkOpened(o, opened)
	return nil
}

// checkOpened compares an answer with the plans of the child.
func (x *soakTerminal) checkOpened(o *soakOpening, opened client.Opened) {
	if opened.Number != o.number || len(opened.Plans) != o.plans || opened.Notifies != (o.plans > 0) {
		x.s.t.Errorf("opening %s of %s: got number %s, %d plans, notifies %v, want %d plans", o.id, o.number,
			opened.Number, len(opened.Plans), opened.Notifies, o.plans)
	}

	name := "Sample" + string(rune('a'+x.index))
	listed := slices.ContainsFunc(opened.Accesses, func(a client.Access) bool { return strings.Contains(a.Who, name) })
	if opened.ListErr == nil && listed != (o.plans > 0) {
		x.s.t.Errorf("opening %s of %s: got access by %s in the history: %v, want %v", o.id, o.number, name, listed,
			o.plans > 0)
	}
}

// openSilently opens an alert in a role of scheduled care, which is neither recorded as an access nor notified.
func (x *soakTerminal) openSilently(ctx context.Context) error {
	child := x.s.protected[x.random.IntN(len(x.s.protected))]
	opened, err := x.clinic.Open(ctx, child.number, "")
	if err == nil && (len(opened.Plans) != child.plans || opened.Notifies || opened.Number != child.number) {
		x.s.t.Errorf("opening of %s in scheduled care: got number %s, %d plans, notifies %v, want %d plans",
			child.number, opened.Number, len(opened.Plans), opened.Notifies, child.plans)
	}
	return err
}

func (x *soakTerminal) lampOn(ctx context.Context) error {
	return x.lamp(ctx, x.s.protected[x.random.IntN(len(x.s.protected))].number, client.Alert)
}

func (x *soakTerminal) lampOff(ctx context.Context) error {
	return x.lamp(ctx, x.s.plain[x.random.IntN(len(x.s.plain))], client.NoneRecorded)
}

func (x *soakTerminal) lampOfChild(ctx context.Context) error {
	want := client.NoneRecorded
	switch x.plan {
	case withPlan:
		want = client.Alert
	case unknownPlan:
		want = client.NotChecked
	}
	return x.lamp(ctx, x.child, want)
}

// lamp checks that an answered lamp is as wanted. NotChecked wants any answer.
func (x *soakTerminal) lamp(ctx context.Context, n nhs.Number, want client.State) error {
	lamp := x.nurse.Lamp(ctx, n)
	if lamp.Err != nil {
		if lamp.State != client.CouldNotCheck {
			x.s.t.Errorf("lamp of %s with error %v: got %s, want could not check", n, lamp.Err, lamp.State)
		}
		return lamp.Err
	}
	x.lamps[lamp.RequestID] = n
	if lamp.Number != n || !lamp.Answered() || want != client.NotChecked && lamp.State != want {
		x.s.t.Errorf("lamp of %s: got %s of %s, want %s", n, lamp.State, lamp.Number, want)
	}
	return nil
}

// lampAbsent asks about a number without a record. No answer may be "none recorded".
func (x *soakTerminal) lampAbsent(ctx context.Context) error {
	n := x.s.absent[x.random.IntN(len(x.s.absent))]
	lamp := x.nurse.Lamp(ctx, n)
	if lamp.State != client.CouldNotCheck {
		x.s.t.Errorf("lamp of %s, which has no record: got %s, want could not check", n, lamp.State)
	}
	if errors.Is(lamp.Err, client.ErrUnknownPatient) {
		return nil
	}
	return lamp.Err
}

// lampSignedOut asks in a session that has ended. The hub must not answer about the child.
func (x *soakTerminal) lampSignedOut(ctx context.Context) error {
	if x.ended == nil {
		return x.lampOn(ctx)
	}
	lamp := x.ended.Lamp(ctx, x.s.plain[0])
	if lamp.State != client.CouldNotCheck {
		x.s.t.Errorf("lamp in a session that has ended: got %s, want could not check", lamp.State)
	}
	if errors.Is(lamp.Err, client.ErrSessionEnded) {
		return nil
	}
	return lamp.Err
}

func (x *soakTerminal) search(ctx context.Context) error {
	n := x.s.plain[x.random.IntN(len(x.s.plain))]
	found, err := x.nurse.Search(ctx, client.Query{Family: familyOf(n), Born: soakBorn})
	if err == nil && (len(found.Rows) != 1 || found.Rows[0].Number != n) {
		x.s.t.Errorf("search for %s: got %+v, want one row", n, found)
	}
	return err
}

func (x *soakTerminal) retrieve(ctx context.Context) error {
	n := x.s.plain[x.random.IntN(len(x.s.plain))]
	p, err := x.nurse.Retrieve(ctx, n)
	if err == nil && p.Number != n {
		x.s.t.Errorf("record of %s: got that of %s", n, p.Number)
	}
	return err
}

func (x *soakTerminal) history(ctx context.Context) error {
	const maxAccesses = 25
	n := x.s.protected[x.random.IntN(len(x.s.protected))].number
	all, err := x.nurse.Accesses(ctx, n)
	if len(all) > maxAccesses {
		x.s.t.Errorf("access history of %s: got %d accesses, want at most %d", n, len(all), maxAccesses)
	}
	return err
}

// upload adds the plan of the terminal's child, or deletes it, or sends a file again that was not answered.
func (x *soakTerminal) upload(ctx context.Context) error {
	if x.resend == "" {
		if x.pending != nil && x.pending.number == x.child {
			return x.open(ctx) // first, so that the opening's plans are known
		}
		action := "add"
		if x.plan == withPlan {
			action = "delete"
		}
		x.files++
		x.resend = "Action;Kind;NHS number;Birth date;Family name;Given name;Start;End;Due date;Reference\r\n" +
			fmt.Sprintf("%s;CPP;%s;04/03/2018;%s;Tess;%s;;;R-1\r\n", action, x.child.Digits(), familyOf(x.child),
				time.Now().AddDate(0, -1, 0).Format("02/01/2006"))
	}

	deletes := strings.Contains(x.resend, "\ndelete")
	x.plan = unknownPlan
	if err := x.send(ctx, fmt.Sprint("soak-", x.files), x.resend); err != nil {
		return err
	}

	x.resend, x.plan = "", withPlan
	if deletes {
		x.plan = withoutPlan
	}
	return nil
}

// send uploads a file of the authority. The error is that there was no answer, or one of a hub that fails.
func (x *soakTerminal) send(ctx context.Context, file, table string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+x.s.address+"/la/uploads?file="+file, strings.NewReader(table))
	if err != nil {
		return err
	}

	req.SetBasicAuth(x.code, x.secret)
	req.Header.Set("Content-Type", "text/csv")
	req.GetBody = nil // net/http must not repeat the request by itself
	resp, err := x.http.Do(req)
	if err != nil {
		return &client.Error{Kind: client.Unreachable, Err: err}
	}
	defer resp.Body.Close()

	var answer struct {
		Code     string
		Accepted int `json:"taken"`
		Refused  int
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	switch {
	case resp.StatusCode >= http.StatusInternalServerError:
		return &client.Error{Kind: client.Failing, Err: errors.New(resp.Status)}
	case err != nil:
		return &client.Error{Kind: client.Malformed, Err: err}
	case resp.StatusCode != http.StatusOK || answer.Accepted != 1 || answer.Refused != 0:
		x.s.t.Errorf("upload %s of %s: got status %s, answer %+v, want one row accepted", file, x.code, resp.Status,
			answer)
	}

	return nil
}

// signIn signs in with the card. The previous session remains at the hub.
func (x *soakTerminal) signIn(ctx context.Context) error {
	challenge, err := x.hub.Challenge(ctx)
	if err != nil {
		return err
	}

	key, err := client.NewProofKey()
	if err != nil {
		return err
	}

	sign := func(message []byte, hash crypto.Hash) ([]byte, error) {
		h := hash.New()
		h.Write(message)
		return x.card.Key.Sign(rand.Reader, h.Sum(nil), hash)
	}
	assertion, err := challenge.Assert([]*x509.Certificate{x.card.Certificate}, key, time.Now(), uuid.NewString(), sign)
	if err != nil {
		return err
	}

	session, err := x.hub.SignIn(ctx, challenge, assertion)
	if err != nil {
		return err
	}

	x.session = session
	if x.nurse, err = session.As(x.nurseURID); err == nil {
		x.clinic, err = session.As(x.clinicURID)
	}
	return err
}

// signOut ends the session. Without an answer it may have ended: the terminal signs in again in any case.
func (x *soakTerminal) signOut(ctx context.Context) error {
	session, acting := x.session, x.nurse
	x.session, x.nurse, x.clinic = nil, nil, nil
	err := session.Revoke(ctx)
	if err == nil {
		x.ended = acting
	}
	return err
}
