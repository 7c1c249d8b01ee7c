package flags

import (
	"encoding/json"
	"regexp"
	"strings"
)

// resource is an entry of an answer.
type resource struct {
	kind    string // resourceType
	fullURL string // may be relative or ""
	raw     json.RawMessage
}

// resources are the entries of an answer.
type resources []resource

// relative matches a reference to a resource by type and ID, at the end of a URL or alone (FHIR R4, references). The
// fetched resources are of these two types.
var relative = regexp.MustCompile(`^(CarePlan|CareTeam)/([A-Za-z0-9.-]{1,64})$`)

// versions matches the version in a reference.
var versions = regexp.MustCompile(`/_history/[A-Za-z0-9.-]{1,64}$`)

// unversioned returns a reference without its version.
func unversioned(reference string) string { return versions.ReplaceAllString(reference, "") }

// find returns the resource of the type to which a reference of the resource in parent leads, or nil if the answer
// doesn't have it. The full URL or the ID must agree. A published example refers to an ID in another case, so case is
// ignored if that leads to exactly one resource.
func (all resources) find(kind, reference string, contained []json.RawMessage) json.RawMessage {
	if id, ok := strings.CutPrefix(reference, "#"); ok {
		for _, raw := range contained {
			if r := headOf(raw); r.Type == kind && r.ID != "" && strings.TrimPrefix(r.ID, "#") == id {
				return raw
			}
		}
		return nil
	}

	reference = unversioned(reference)
	var folded []json.RawMessage
	for _, r := range all {
		id := headOf(r.raw).ID
		if r.kind != kind || id == "" {
			continue
		}
		full, path := unversioned(r.fullURL), kind+"/"+id
		switch {
		case full == reference, path == reference:
			return r.raw
		case !strings.Contains(full, "://") && strings.HasSuffix(reference, "/"+path):
			return r.raw
		case strings.EqualFold(full, reference), strings.EqualFold(path, reference):
			folded = append(folded, r.raw)
		}
	}
	if len(folded) == 1 {
		return folded[0]
	}
	return nil
}

// head is what identifies a resource.
type head struct {
	Type string `json:"resourceType"`
	ID   string `json:"id"`
}

// headOf returns the type and the ID of a resource, or neither.
func headOf(raw []byte) head {
	var h head
	if json.Unmarshal(raw, &h) != nil {
		return head{}
	}
	return h
}

// pathOf returns the path below base of the CarePlan or CareTeam to which a reference leads. ok is false for every
// reference that leads elsewhere: nothing is fetched from another address.
func pathOf(base, kind, reference string) (path string, ok bool) {
	reference = strings.TrimPrefix(unversioned(reference), strings.TrimSuffix(base, "/")+"/")
	m := relative.FindStringSubmatch(reference)
	if m == nil || m[1] != kind || strings.Trim(m[2], ".") == "" {
		return "", false
	}
	return "/" + reference, true
}
