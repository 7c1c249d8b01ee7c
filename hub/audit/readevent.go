package audit

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// maxEventBytes is the maximum length of a line: an upload has at most 20,000 patients of about 350 bytes each.
const maxEventBytes = 32 << 20

// ReadExport calls visit for the records of an export in order, and stops at the first error. It doesn't verify the
// chain.
func ReadExport(r io.Reader, visit func(store.AuditRecord) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxEventBytes)
	for n := 1; lines.Scan(); n++ {
		var e fhir.AuditEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("line %d is not an AuditEvent: %w", n, err)
		}
		record, err := recordOf(e)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := visit(record); err != nil {
			return err
		}
	}
	return lines.Err()
}

// recordOf returns the record of an event made by [Event]. A value that it can't restore makes the hash differ.
func recordOf(e fhir.AuditEvent) (r store.AuditRecord, err error) {
	if r.At, err = time.Parse(instantForm, e.Recorded); err != nil {
		return r, errors.New("recorded is not an instant")
	}

	r.Reason = e.OutcomeDesc
	for word, code := range outcomes {
		if code == e.Outcome {
			r.Outcome = word
		}
	}

	for _, a := range e.Agent {
		if a.Network != nil {
			r.Source = a.Network.Address
		}
		if a.Who == nil || a.Who.Identifier == nil {
			continue
		}
		switch id := a.Who.Identifier; id.System {
		case fhir.SystemSDSUser, "":
			r.Person = id.Value
		case fhir.SystemSDSRoleProfile:
			r.URID = id.Value
		case fhir.SystemODS:
			r.OrgODS = id.Value
		}
	}

	for _, entity := range e.Entity {
		switch {
		case entity.Name == chainEntityName:
			if err := readChainPosition(&r, entity.Detail); err != nil {
				return r, err
			}
		case entity.Role != nil && entity.Role.Code == rolePatient && entity.What != nil &&
			entity.What.Identifier != nil:
			r.Patients = append(r.Patients, nhs.Number(entity.What.Identifier.Value))
		case entity.Role != nil && entity.Role.Code == roleQuery:
			r.Action = entity.Name
		case entity.Type != nil && entity.Type.System == systemBALP && entity.What != nil &&
			entity.What.Identifier != nil:
			r.RequestID = strings.TrimPrefix(entity.What.Identifier.Value, requestPrefix)
		}
	}

	if r.Hash == nil {
		return r, errors.New("no entity links it to the chain")
	}

	return r, nil
}

// readChainPosition reads the details that link a record to the chain.
func readChainPosition(r *store.AuditRecord, details []fhir.AuditDetail) (err error) {
	for _, d := range details {
		switch d.Type {
		case detailSeq:
			r.Seq, err = strconv.ParseInt(d.ValueString, 10, 64)
		case detailPrev:
			r.Prev, err = hex.DecodeString(d.ValueString)
		case detailHash:
			r.Hash, err = hex.DecodeString(d.ValueString)
		case detailSession:
			r.Session = d.ValueString
		case detailRequest:
			r.RequestID = d.ValueString
		case detailOutcome:
			r.Outcome = d.ValueString
		}

		if err != nil {
			return fmt.Errorf("%s does not read", d.Type)
		}
	}

	return nil
}
