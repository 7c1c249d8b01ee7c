package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/rbac"
)

// accessPrefix begins the reason of an opening's record, before the access's ID.
const accessPrefix = "access "

// AccessReason returns the reason of the record of an opening that wrote this access. Records of openings without a
// visible plan, which wrote no access, have no reason, and neither have those of earlier versions.
func AccessReason(id string) string { return accessPrefix + id }

// AccessOf returns the ID of the access that an opening wrote, or false if its record names none.
func AccessOf(r store.AuditRecord) (string, bool) {
	id, is := strings.CutPrefix(r.Reason, accessPrefix)
	return id, is && isOpening(r)
}

// isOpening reports whether a record is of an opening in unscheduled care.
func isOpening(r store.AuditRecord) bool {
	return r.Action == rbac.OpenAlert.String() && r.Outcome == Granted
}

// AccessLog is the part of store.Store with the accesses and the audit.
type AccessLog interface {
	AuditHead(ctx context.Context) (store.AuditRecord, error)
	EachAccess(ctx context.Context, visit func(store.Access) error) error
}

// AccessFinding is the kind of an [AccessError].
type AccessFinding string

// Kinds of findings. An access that was changed is found as an OpeningWithoutAccess.
const (
	OpeningWithoutAccess AccessFinding = "opening_without_access"
	AccessWithoutOpening AccessFinding = "access_without_opening"
)

// AccessError means that the access history and the openings in the audit differ.
type AccessError struct {
	Kind  AccessFinding
	Seq   int64     // the opening's record, or 0
	ID    string    // the access
	At    time.Time // of the access that has no opening
	Count int       // differences of this kind
}

// Error returns the first difference and the number of all of its kind.
func (e *AccessError) Error() string {
	first := fmt.Sprintf("audit record %d is of an opening, but the access %s, which it wrote, is missing or was "+
		"changed", e.Seq, e.ID)
	if e.Kind == AccessWithoutOpening {
		first = fmt.Sprintf("the access %s of %s has no audit record of an opening", e.ID, stamp(e.At))
	}
	if e.Count > 1 {
		first += fmt.Sprintf(" (the first of %d)", e.Count)
	}
	return first
}

// accessSlack is how far the times of records and accesses may differ from their order: the clocks of several hubs.
const accessSlack = 5 * time.Minute

// accessKey identifies an access, or what an older record has of it.
type accessKey [16]byte

func keyOf(fields ...string) (k accessKey) {
	h := sha256.New()
	for _, f := range fields {
		fmt.Fprintf(h, "%d %s", len(f), f)
	}
	copy(k[:], h.Sum(nil))
	return k
}

// exact returns the key of all that a record has of an access, with the access's ID.
func exact(a store.Access) accessKey {
	return keyOf(a.ID, a.Number.Digits(), strconv.FormatInt(a.At.UnixMicro(), 10), a.Who.UUID, a.Who.URID, a.Who.OrgODS,
		a.Session, a.RequestID)
}

// exactOf returns the key of the access with that ID that the record describes.
func exactOf(r store.AuditRecord, id string) accessKey {
	a := store.Access{ID: id, At: r.At, Session: r.Session, RequestID: r.RequestID}
	a.Who = store.Viewer{UUID: r.Person, URID: r.URID, OrgODS: r.OrgODS}
	if len(r.Patients) == 1 {
		a.Number = r.Patients[0]
	}
	return exact(a)
}

// requested returns the key of the request of an opening. A record of an earlier version has nothing else that
// identifies the access.
func requested(person, requestID, number string) accessKey { return keyOf(person, requestID, number) }

// CompareAccesses compares the access history with the openings on a trail of the same ledger, in both directions. The
// trail must be valid (see [Check]). It returns the number of accesses that have an opening on record, and an
// *[AccessError] for a difference, or the store's error.
//
//   - A record that names an access must have it, with the same patient, time, person, role, session and request.
//     Records of earlier versions name none: they may have been written without an access, if no plan was visible.
//   - An access must have a record. If a trail begins after a seal, older accesses are left out.
func CompareAccesses(ctx context.Context, l AccessLog, t Trail) (int, error) {
	for {
		before, _, err := base(ctx, t)
		if err != nil {
			return 0, err
		}
		compared, found := compareAccesses(ctx, l, t, before.Records > 0)
		after, _, err := base(ctx, t)
		if err != nil || after.Records == before.Records { // otherwise records were sealed meanwhile
			return compared, errors.Join(found, err)
		}
	}
}

func compareAccesses(ctx context.Context, l AccessLog, t Trail, sealed bool) (int, error) {
	// The hub may be running. An opening after this record may have an access that is not read.
	head, err := l.AuditHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}

	left := make(map[accessKey]struct{})
	if err := l.EachAccess(ctx, func(a store.Access) error {
		left[exact(a)] = struct{}{}
		return nil
	}); err != nil {
		return 0, err
	}

	all := len(left)
	var first time.Time // time of the trail's first record
	var opening *AccessError
	older := make(map[accessKey]int) // requests of openings whose records name no access
	if err := t.AuditTrail(ctx, Head{}.next(), func(r store.AuditRecord) error {
		if first.IsZero() {
			first = r.At
		}
		id, names := AccessOf(r)
		key := exactOf(r, id)
		_, is := left[key]
		switch {
		case names && is:
			delete(left, key)
		case names && r.Seq <= head.Seq && opening == nil:
			opening = &AccessError{Kind: OpeningWithoutAccess, Seq: r.Seq, ID: id, Count: 1}
		case names && r.Seq <= head.Seq:
			opening.Count++
		case isOpening(r) && r.Reason == "" && len(r.Patients) == 1:
			older[requested(r.Person, r.RequestID, r.Patients[0].Digits())]++
		}
		return nil
	}); err != nil {
		return 0, err
	}
	if opening != nil {
		return 0, opening
	}
	if len(left) == 0 {
		return all, nil
	}

	var access *AccessError
	skipped := 0
	err = l.EachAccess(ctx, func(a store.Access) error {
		if _, is := left[exact(a)]; !is {
			return nil
		}
		key := requested(a.Who.UUID, a.RequestID, a.Number.Digits())
		switch {
		case older[key] > 0:
			older[key]--
		case sealed && a.At.Before(first.Add(accessSlack)):
			skipped++
		case access == nil:
			access = &AccessError{Kind: AccessWithoutOpening, ID: a.ID, At: a.At, Count: 1}
		default:
			access.Count++
		}
		return nil
	})
	if err == nil && access != nil {
		err = access
	}
	return all - skipped, err
}
