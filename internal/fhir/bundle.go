package fhir

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A Bundle is a searchset or a message.
type Bundle struct {
	ResourceType string      `json:"resourceType"` // "Bundle"
	ID           string      `json:"id,omitempty"`
	Meta         *BundleMeta `json:"meta,omitempty"`
	Type         string      `json:"type"`
	Timestamp    string      `json:"timestamp,omitempty"` // RFC 3339
	Total        *int        `json:"total,omitempty"`

	Link  []BundleLink `json:"link,omitempty"`
	Entry []Entry      `json:"entry,omitempty"`
}

// BundleMeta has the tags of a bundle.
type BundleMeta struct {
	Tag []Coding `json:"tag,omitempty"`
}

// SystemAnswer is the code system of the tags of the hub's answers. It is specific to Wardlight.
const SystemAnswer = "https://wardlight/CodeSystem/answer"

// HistoryIncluded is the tag of the answer to an opening that includes the access history, because the service answers
// both at once. It is included even if it is empty.
const HistoryIncluded = "history-included"

// Tagged reports whether the bundle has the tag of the hub's answers.
func (b *Bundle) Tagged(code string) bool {
	return b.Meta != nil && slices.ContainsFunc(b.Meta.Tag, func(c Coding) bool {
		return c.System == SystemAnswer && c.Code == code
	})
}

// BundleLink is a link to another page of a searchset.
type BundleLink struct {
	Relation string `json:"relation"` // "next"
	URL      string `json:"url"`
}

// An Entry is one resource in a bundle, in its encoded form.
type Entry struct {
	FullURL  string          `json:"fullUrl,omitempty"`
	Search   *Search         `json:"search,omitempty"`
	Resource json.RawMessage `json:"resource,omitempty"`
}

// Search describes why an entry is in a searchset. Mode is match, include or outcome; Score is 0 to 1.
type Search struct {
	Extension []Extension `json:"extension,omitempty"`
	Mode      string      `json:"mode,omitempty"`
	Score     *float64    `json:"score,omitempty"`
}

// NewSearchset returns an empty searchset. Its Total counts matches but not included resources.
func NewSearchset(timestamp string) *Bundle {
	return &Bundle{ResourceType: "Bundle", Type: "searchset", Timestamp: timestamp, Total: new(int)}
}

// Match appends a matching resource. The error is json.Marshal's.
func (b *Bundle) Match(fullURL string, score *float64, resource any) error {
	if b.Total != nil {
		*b.Total++
	}
	return b.add(fullURL, &Search{Mode: "match", Score: score}, resource)
}

// Include appends a resource that a match refers to. The error is json.Marshal's.
func (b *Bundle) Include(fullURL string, resource any) error {
	return b.add(fullURL, &Search{Mode: "include"}, resource)
}

// Outcome appends an OperationOutcome about the response. It is not counted as a match. The error is json.Marshal's.
func (b *Bundle) Outcome(fullURL string, o *OperationOutcome) error {
	return b.add(fullURL, &Search{Mode: "outcome"}, o)
}

// Append appends a resource to a message bundle. The error is json.Marshal's.
func (b *Bundle) Append(fullURL string, resource any) error {
	return b.add(fullURL, nil, resource)
}

func (b *Bundle) add(fullURL string, s *Search, resource any) error {
	raw, err := json.Marshal(resource)
	if err != nil {
		return fmt.Errorf("bundle entry: %w", err)
	}
	b.Entry = append(b.Entry, Entry{FullURL: fullURL, Search: s, Resource: raw})
	return nil
}

// TypeOf returns the resourceType of an encoded resource, or "" if it has none.
func TypeOf(raw []byte) string {
	var r struct {
		ResourceType string `json:"resourceType"`
	}
	if json.Unmarshal(raw, &r) != nil {
		return ""
	}
	return r.ResourceType
}
