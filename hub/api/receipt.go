package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/translog"
)

// receiptsPath is the path of the receipts of checks and openings, by the X-Request-ID of these requests.
const receiptsPath = "/audit/receipts/{id}"

// Receipts makes receipts of audit records.
type Receipts interface {
	Receipt(ctx context.Context, seq int64) (translog.Receipt, error)
}

// Requests reads the audit records of a request.
type Requests interface {
	AuditRequest(ctx context.Context, person, requestID string) ([]store.AuditRecord, error)
}

// receipt answers GET /audit/receipts/{id} with the receipt of a check or of an opening by the same person, in a role
// of the same organisation. If there are several with the request id, it is that of the first one that was granted.
func (a *API) receipt(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	if a.Receipts == nil {
		return nil, &problem{
			status: http.StatusNotFound, code: "UNSUPPORTED_SERVICE",
			diagnostics: "This hub signs no checkpoints of its audit, so it makes no receipts.",
		}
	}

	all, err := a.RequestRecords.AuditRequest(c.ctx, c.person.Person.UUID, c.request.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	all = slices.DeleteFunc(all, func(r store.AuditRecord) bool { return r.OrgODS != c.person.role.OrgODS })
	if len(all) == 0 {
		return nil, &problem{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND"}
	}
	found := all[max(0, slices.IndexFunc(all, func(r store.AuditRecord) bool { return r.Outcome == audit.Granted }))]

	r, err := a.Receipts.Receipt(c.ctx, found.Seq)
	if errors.Is(err, store.ErrNotFound) { // sealed and deleted meanwhile
		return nil, &problem{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND"}
	}
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	body, err := marshal(r)
	return &answer{body: body, mediaType: mediaJSON, patients: found.Patients}, err
}
