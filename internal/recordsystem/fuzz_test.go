package recordsystem

import (
	"bytes"
	"testing"
	"time"

	"wardlight/internal/text"
)

// A response is only accepted as the flag if it contains the exact identifier.
func FuzzExisting(f *testing.F) {
	const identifier = "urn:uuid:6ce4f9e7-336b-595d-b1d4-77b4bcd12049"
	for _, seed := range []string{
		`{"resourceType":"Flag","status":"active","identifier":[{"value":"` + identifier + `"}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","status":"inactive","identifier":[{"value":"` + identifier + `"}]}}]}`,
		`{"resourceType":"Flag","status":"active"}`, `{"resourceType":"Bundle"}`, `[]`, `null`, ``,
		`{"resourceType":"Flag","identifier":{}}`,
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, body []byte) {
		status, err := existing(body, identifier)
		if err == nil && status == "" && bytes.Contains(body, []byte("Bundle")) {
			t.Errorf("existing accepted a searchset without a status: %s", body)
		}
		if err != nil && status != "" {
			t.Errorf("existing returned status %q with error %v", status, err)
		}
		// JSON may escape the characters of the identifier. Without escapes, the body contains it literally.
		if err == nil && !bytes.Contains(body, []byte(identifier)) && !bytes.Contains(body, []byte(`\u`)) {
			t.Errorf("existing accepted a body without the identifier: %s", body)
		}
	})
}

// Whatever the file contains, parsed texts must be safe for a terminal, and each flag must belong to a patient.
func FuzzWhatIsKept(f *testing.F) {
	f.Add(
		[]byte(
			`{"version":1,"flags":[{"id":"\u001b[2J","nhs_number":"9990000018","author_uuid":"\u202e1","author_name":"W\u200b","reason":"\u001b]0;t\u0007",` +
				`"code":"\u0301R12","since":"2026-11-22T09:42:00Z"}]}`))

	f.Add([]byte(`{"version":1,"flags":[{"nhs_number":"9990000019"}]}`))
	f.Add([]byte(`{"version":2}`))
	saved, err := write(
		[]PendingFlag{{
			ID: "1", Flag: Flag{Number: "9990000026", Author: Author{Name: "SAMPLE, Ada (Ms)"}},
			Since: time.Unix(0, 0),
		}},
	)
	if err != nil {
		f.Fatal(err)
	}

	f.Add(saved)

	f.Fuzz(func(t *testing.T, stored []byte) {
		all, err := parse(stored, nil)
		if err != nil && all != nil {
			t.Fatalf("parse returned %d flags with error %v", len(all), err)
		}
		for _, k := range all {
			if len(k.Flag.Number) != 10 || k.Storage != OnDisk {
				t.Errorf("parse returned a flag for number %q at place %d", k.Flag.Number, k.Storage)
			}
			for _, s := range []string{k.ID, k.Flag.Author.UUID, k.Flag.Author.Name, k.Reason, k.Code} {
				if s != text.Clean(s, 0) {
					t.Errorf("parse returned %q, which is not sanitised", s)
				}
			}
		}
	})
}
