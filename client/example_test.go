package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/rbac"
)

// From a card in the reader to the lamp. A program with a real reader has pcsc.New() in the place of the virtual one,
// time.Now as its clock, and the address and the CA of its hub.
func Example() {
	ctx := context.Background()
	clock := func() time.Time { return noon }
	hub, reader := exampleHub(clock), exampleReader(clock)
	defer hub.Stop()

	h, err := client.New(client.Config{
		BaseURL: hub.URL, HTTP: client.NewHTTP(hub.Roots), Clock: clock, NewID: uuid.NewString, Agent: "ward/1.0",
	})
	if err != nil {
		log.Fatal(err)
	}

	card, err := piv.Open(ctx, reader, reader.Name())
	if err != nil {
		log.Fatal(err)
	}

	// The nonce needs no passcode: ask for it while the passcode is typed.
	challenge, err := h.Challenge(ctx)
	if err != nil {
		log.Fatal(err)
	}

	var passcode cardreader.Passcode
	for _, digit := range []byte("246813") { // typed by the card's holder
		passcode.Append(digit)
	}

	key, err := client.NewProofKey()
	if err != nil {
		log.Fatal(err)
	}

	chain := client.ChainOf(card.Info().Certificate, card.Info().CAs)
	sign := cardreader.SignMessages(ctx, card, &passcode)
	signed, err := challenge.Assert(chain, key, clock(), uuid.NewString(), sign)
	if err != nil {
		log.Fatal(err)
	}

	session, err := h.SignIn(ctx, challenge, signed)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = session.Revoke(ctx) }() // the hub ends it by itself, too

	fmt.Println(session.Person().Name)

	for _, role := range session.Roles() {
		if !rbac.Usable(role) {
			continue
		}
		acting, err := session.As(role.URID)
		if err != nil {
			log.Fatal(err)
		}
		number, err := client.ParseNHSNumber("999 000 0018")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s at %s: %s\n", role.JobName, role.OrgName, acting.Lamp(ctx, number).State)
	}
	// Output:
	// SAMPLE, Ada (Ms)
	// Nurse Access Role at EXAMPLE GENERAL HOSPITAL: ALERT
}

// The four states, and what each leads to. A failure is never 'none recorded'.
func ExampleActing_Lamp() {
	ctx := context.Background()
	hub, nurse := exampleNurse()
	defer hub.Stop()

	show := func(l client.Lamp) {
		switch l.State {
		case client.Alert:
			fmt.Println("offer to open it: that is recorded, and notifies the local authority")
		case client.NoneRecorded:
			asOf := l.AsOf.Format(time.RFC3339)
			fmt.Printf("none recorded as of %s; this does not prove that there is no plan\n", asOf)
		case client.CouldNotCheck:
			fmt.Printf("not known (%s): use the local procedure\n", client.KindOf(l.Err))
		default:
			fmt.Println("nobody has asked")
		}
	}

	show(client.Lamp{})
	show(nurse.Lamp(ctx, hubtest.WithAlert))
	show(nurse.Lamp(ctx, hubtest.NoAlert))
	hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 503, "", "") })
	show(nurse.Lamp(ctx, hubtest.NoAlert))
	// Output:
	// nobody has asked
	// offer to open it: that is recorded, and notifies the local authority
	// none recorded as of 2026-11-22T12:00:00Z; this does not prove that there is no plan
	// not known (failing): use the local procedure
}

// An opening whose answer did not come may be recorded. Asked again with its request id, it is one opening, and the
// local authority is notified once.
func ExampleActing_Open() {
	ctx := context.Background()
	hub, nurse := exampleNurse()
	defer hub.Stop()

	hub.Answer(hubtest.CareTeam, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := nurse.Open(ctx, hubtest.WithAlert, "")
	var failed *client.Error
	if !errors.As(err, &failed) {
		log.Fatal(err)
	}

	fmt.Println(failed.Sentence(), failed.OutcomeUnknown)

	hub.Answer(hubtest.CareTeam, nil) // the line is back
	opened, err := nurse.Open(ctx, hubtest.WithAlert, failed.RequestID)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(opened.RequestID == failed.RequestID)
	for _, plan := range opened.Plans {
		fmt.Printf("%s since %s, %s\n", plan.Kind.Words(), plan.Start, plan.Authority)
		fmt.Println("ring", plan.OfficePhone, "or", plan.EmergencyPhone)
	}
	// Output:
	// The hub cannot be reached. true
	// true
	// Child Protection Plan since 03-Feb-2026, V999 - EXAMPLESHIRE COUNCIL
	// ring 01632960101 or 01632960102
}

// What a program does about an error, without knowing every kind.
func ExampleError() {
	ctx := context.Background()
	hub, nurse := exampleNurse()
	defer hub.Stop()

	_, err := nurse.Retrieve(ctx, "9990000042")
	switch {
	case errors.Is(err, client.ErrUnknownPatient):
		fmt.Println("search by name and birth date")
	case errors.Is(err, client.ErrSessionEnded):
		fmt.Println("sign in again")
	case errors.Is(err, client.ErrNotPermitted):
		fmt.Println("choose another role")
	case errors.Is(err, client.ErrNoAnswer):
		fmt.Println("try again, or use the local procedure")
	}

	var failed *client.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Sentence(), failed.Advice())
		fmt.Println("for support:", failed.Code())
	}
	// Output:
	// search by name and birth date
	// No patient has this NHS number. Check the number, or search by name and birth date.
	// for support: H21-404-RESOURCE_NOT_FOUND
}

// exampleHub starts a hub of the tests on this computer.
func exampleHub(clock func() time.Time) *hubtest.Hub {
	hub, err := hubtest.Start(clock)
	if err != nil {
		log.Fatal(err)
	}
	return hub
}

// exampleHolder makes a key with a certificate, as a card has them.
func exampleHolder(clock func() time.Time) hubtest.Holder {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	holder, err := hubtest.NewHolder(key, clock().AddDate(-1, 0, 0), clock().AddDate(1, 0, 0))
	if err != nil {
		log.Fatal(err)
	}
	return holder
}

// exampleReader returns a reader with a virtual card in it.
func exampleReader(clock func() time.Time) *virtual.Reader {
	holder := exampleHolder(clock)
	card, err := virtual.New(virtual.Config{
		Key: holder.Key, Certificate: holder.Certificate.Raw, Passcode: []byte("246813"),
	})
	if err != nil {
		log.Fatal(err)
	}
	reader := virtual.NewReader("Virtual reader")
	reader.Insert(card)
	return reader
}

// exampleNurse returns a hub and somebody who has signed in to it.
func exampleNurse() (*hubtest.Hub, *client.Acting) {
	ctx, clock := context.Background(), at(noon)
	hub, holder := exampleHub(clock), exampleHolder(clock)
	h, err := client.New(client.Config{
		BaseURL: hub.URL, HTTP: client.NewHTTP(hub.Roots), Clock: clock, NewID: uuid.NewString,
	})
	if err != nil {
		log.Fatal(err)
	}

	challenge, err := h.Challenge(ctx)
	if err != nil {
		log.Fatal(err)
	}

	key, err := client.NewProofKey()
	if err != nil {
		log.Fatal(err)
	}

	signed, err := challenge.Assert(holder.Chain(), key, noon, uuid.NewString(), holder.Sign)
	if err != nil {
		log.Fatal(err)
	}

	session, err := h.SignIn(ctx, challenge, signed)
	if err != nil {
		log.Fatal(err)
	}

	acting, err := session.As(session.Roles()[0].URID)
	if err != nil {
		log.Fatal(err)
	}

	return hub, acting
}
