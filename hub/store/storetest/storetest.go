// Package storetest contains the tests that every store must pass. An engine's own tests call [Run]. Only tests import
// it.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Place creates a new, empty database and returns a function that opens it. The function may be called repeatedly, as
// by a hub that restarts. Its caller closes the store.
type Place func(t *testing.T) (open func() store.Store)

// Run runs the tests of the store interface.
func Run(t *testing.T, place Place) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"patients are put and replaced":                   patientsArePut,
		"patients are found":                              patientsAreFound,
		"partial dates fit every day in them":             partialDatesFitEveryDayInThem,
		"a bad number stores none of the patients":        patientsAreAllOrNone,
		"a limit is of people":                            patientsAreCountedOnce,
		"superseded numbers are listed":                   supersededAreListed,
		"candidates are taken in":                         candidatesAreTakenIn,
		"related persons are kept":                        relatedPersonsAreStored,
		"plans come with their authority":                 plansComeWithTheirAuthority,
		"alerts follow the record":                        alertsFollowTheRecord,
		"a ring of records is left out":                   aCycleOfRecordsIsLeftOut,
		"flags are put and replaced":                      flagsArePut,
		"summaries are put and replaced":                  summariesArePut,
		"privacy alerts are stored, sent and closed":      privacyAlertsAreStored,
		"numbers are checked":                             numbersAreChecked,
		"people come with their roles":                    peopleComeWithTheirRoles,
		"certificates are revoked":                        certificatesAreRevoked,
		"certificates belong to people":                   certificatesBelongToPeople,
		"people are listed by UUID":                       peopleAreListed,
		"a revocation is lifted":                          aRevocationIsLifted,
		"a CA's sessions end":                             sessionsOfACAEnd,
		"sessions of an OpenID provider are found":        sessionsOfAProvider,
		"sessions are counted":                            sessionsAreCounted,
		"authorities are listed":                          authoritiesAreListed,
		"credentials let authorities in":                  credentialsLetIn,
		"a credential is looked at again":                 credentialsAreLookedAtInTheCommit,
		"uploads are kept once":                           uploadsAreStoredOnce,
		"books are filled by plans and uploads":           storeIsFilled,
		"plans of an authority are listed":                plansOfAnAuthorityAreListed,
		"an operator changes a plan":                      anOperatorChangesAPlan,
		"a change is on record or not made":               aChangeIsOnRecordOrNotMade,
		"a reference is used again":                       aReferenceIsUsedAgain,
		"older files change nothing":                      olderFilesChangeNothing,
		"what was refused is sent again":                  whatWasRefusedIsSentAgain,
		"files rest on the plans as they are":             filesRestOnThePlansAsTheyAre,
		"a failing upload changes no plan":                aFailingUploadChangesNoPlan,
		"what is buried holds up nobody":                  buriedDelaysNobody,
		"notifications are listed":                        notificationsAreListed,
		"what could not be delivered is kept":             undeliveredStays,
		"the key of nonces is one":                        theKeyOfNoncesIsOne,
		"proofs and assertions serve once":                proofsServeOnce,
		"a session lives and ends":                        sessionLivesAndEnds,
		"a changed person is asked for again":             aChangedPersonIsNotAnsweredAsBefore,
		"an entry is stored whole or not at all":          entryIsWhole,
		"a refused entry spoils no other":                 refusedEntrySpoilsNoOther,
		"a failing entry spoils the group":                failingEntrySpoilsTheGroup,
		"an opening is kept once":                         openingIsStoredOnce,
		"accesses are listed newest first":                accessesAreListed,
		"repeated accesses are not first ones":            repeatedAccessesAreNotListed,
		"the audit is a chain over restarts":              auditIsAChain,
		"audit records of an organisation are selected":   auditRecordsAreSelected,
		"audit records of a request are found":            auditRecordsOfARequest,
		"the audit chains under many writers":             auditUnderManyWriters,
		"the outbox keeps each authority's order":         outboxIsInOrder,
		"a claimed notification is nobody else's":         outboxIsClaimed,
		"a clock that was ahead holds up nothing":         aClockThatWasAheadDelaysNothing,
		"what is delivered is delivered":                  outboxForgetsNothing,
		"what has lapsed is forgotten":                    expiredIsDeleted,
		"sessions are deleted after their time":           oldSessionsAreDeleted,
		"the audit is sealed":                             auditIsSealed,
		"a seal fits the audit":                           sealsFitTheAudit,
		"sealing is cut short anywhere":                   sealingIsCutShort,
		"everything survives a restart":                   everythingSurvives,
		"authorities send again after a restore":          authoritiesSendAgain,
		"bodies and answers are deleted after their time": oldBodiesAndAnswersAreDeleted,
		"the last of the rows alike counts":               lastOfTheRowsAlikeCounts,
		"the audit has a tree":                            auditHasATree,
		"a refused entry has no leaf":                     refusedEntryHasNoLeaf,
		"records are proven":                              recordsAreProven,
	} {
		t.Run(name, func(t *testing.T) {
			b := &fixture{t: t, ctx: t.Context(), reopen: place(t)}
			b.Store = b.reopen()
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			})
			must(t, b.Ready(b.ctx))
			test(t, b)
		})
	}
}

// fixture is a store under test.
type fixture struct {
	store.Store
	t      *testing.T
	ctx    context.Context //nolint:containedctx // the test's context
	reopen func() store.Store
}

func (b *fixture) restart() {
	b.t.Helper()
	must(b.t, b.Close())
	b.Store = b.reopen()
}

// now is a time that every engine stores exactly: microseconds, UTC.
var now = time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC)

// NHS numbers of patients.
const (
	tess  = nhs.Number("9990000018")
	tom   = nhs.Number("9990000026")
	old   = nhs.Number("0100000011")
	older = nhs.Number("9990000042")
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustBe(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// commit commits one entry and returns its refusal.
func (b *fixture) commit(e *store.Entry) error {
	b.t.Helper()
	refused, err := b.Commit(b.ctx, []*store.Entry{e})
	must(b.t, err)
	if len(refused) != 1 {
		b.t.Fatalf("Commit of one entry returned %d refusals, want 1", len(refused))
	}
	return refused[0]
}

// record returns an audit record.
func record(action string) store.AuditRecord {
	return store.AuditRecord{
		At: now, Action: action, Outcome: "granted", Person: "999000000111",
		Patients: []nhs.Number{tess, old}, Source: "203.0.113.5",
	}
}

func (b *fixture) trail() []store.AuditRecord {
	b.t.Helper()
	var all []store.AuditRecord
	must(b.t, b.AuditTrail(b.ctx, 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))
	return all
}

func day(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }
