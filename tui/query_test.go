package tui

import (
	"testing"
	"time"

	"wardlight/client"
	"wardlight/rbac"
)

// openingAsks makes the hub's source one that only an opening asks.
func (b *modelTest) openingAsks() {
	for n := range b.sessions.lamps {
		b.sessions.lamps[n] = client.Lamp{
			Number: n, State: client.NotChecked,
			Err: &client.Error{Kind: client.OpeningAsks, Status: 501, SpineCode: "UNSUPPORTED_SERVICE"},
		}
	}
}

const openingAsks = "Opening asks the national service, which tells the local authority."

func TestPatient_OpeningAsks(t *testing.T) {
	b := newFixture(t)
	b.openingAsks()
	b.toPatient(tess)
	b.expect("not checked", openingAsks, "asks, and shows the plan").expectNot("ALERT").expectNoCall("open")

	b.wait(time.Second).Press("o").deliver()
	b.expect("RING NOW").expectCalls("open "+tess.Digits(), 1)
	b.Press("esc")
	b.expect("ALERT", "shows it again")
	b.wait(time.Second).Press("o")
	b.expect("RING NOW").expectCalls("open "+tess.Digits(), 1)
}

func TestPatient_OpeningAsksAndThereIsNoPlan(t *testing.T) {
	b := newFixture(t)
	b.openingAsks()
	b.sessions.opened.Plans = nil
	b.toOpened()
	b.expect("none recorded", client.WordsNoneRecorded[:40], "asks again").expectNot("RING NOW", "not checked")
	b.wait(time.Second).Press("o").deliver()
	b.expectCalls("open "+tess.Digits(), 2)
}

func TestPatient_OpeningAsksAndFails(t *testing.T) {
	b := newFixture(t)
	b.openingAsks()
	b.sessions.openErr = &client.Error{Kind: client.NationalTimedOut, MayBeTold: true, OutcomeUnknown: true}
	b.toOpened()
	b.expect("could not check", "The local authority may have been told.", "H51", "asks again", "Tried once")
	b.Press("c")
	b.expect("could not check", "the local authority may have been told")
}

func TestPatient_OpeningAsksInScheduledCare(t *testing.T) {
	b := newFixture(t)
	b.openingAsks()
	roles(b, []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()}).toPatient(tess)
	b.expect("not checked", openingAsks, "In scheduled care it is not asked.")
	b.wait(time.Second).Press("o").deliver()
	b.expectNoCall("open")
}
