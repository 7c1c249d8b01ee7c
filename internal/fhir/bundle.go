package fhir

import (
	"encoding/json"
	"fmt"
)

// Bundle is a searchset or a message.
type Bundle struct {
	ResourceType string `json:"resourceType"` // "Bundle"
	ID           string `json:"id,omitempty"`
	Type         string `json:"type"`
	Timestamp    string `json:"timestamp,omitempty"` // RFC 3339
	Total        *int   `json:"total,omitempty"`

	Link  []BundleLink `json:"link,omitempty"`
	Entry []Entry      `json:"entry,omitempty"`
}

// BundleLink is where the next page of a searchset is.
type BundleLink struct {
	Relation string `json:"relation"` // "next"
	URL      string `json:"url"`
}

// Entry is one resource in a bundle, as it stood on the wire.
type Entry struct {
	FullURL  string          `json:"fullUrl,omitempty"`
	Search   *Search         `json:"search,omitempty"`
	Resource json.RawMessage `json:"resource,omitempty"`
}

// Search says why an entry is there. Mode is match, include or outcome; Score is 0 to 1.
type Search struct {
	Extension []Extension `json:"extension,omitempty"`
	Mode      string      `json:"mode,omitempty"`
	Score     *float64    `json:"score,omitempty"`
}

// NewSearchset returns an empty searchset; Total is the number of matches, included resources not counted.
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

// Outcome appends what the answer says about itself: an OperationOutcome, which is not counted as a match. The error
// is json.Marshal's.
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

// TypeOf returns the resourceType of a resource on the wire; "" when it has none.
func TypeOf(raw []byte) string {
	var r struct {
		ResourceType string `json:"resourceType"`
	}
	if json.Unmarshal(raw, &r) != nil {
		return ""
	}
	return r.ResourceType
}
