package recordsystem

import (
	"bytes"
	"testing"
)

// Whatever a record system answers, only an answer that holds the very identifier is taken for the flag.
func FuzzExisting(f *testing.F) {
	const identifier = "urn:uuid:6ce4f9e7-336b-595d-b1d4-77b4bcd12049"
	for _, seed := range []string{
		`{"resourceType":"Flag","status":"active","identifier":[{"value":"` + identifier + `"}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","status":"inactive","identifier":[{"value":"` + identifier + `"}]}}]}`,
		`{"resourceType":"Flag","status":"active"}`, `{"resourceType":"Bundle"}`, `[]`, `null`, ``, `{"resourceType":"Flag","identifier":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		status, err := existing(body, identifier)
		if err == nil && status == "" && bytes.Contains(body, []byte("Bundle")) {
			t.Errorf("a searchset without a status was taken: %s", body)
		}
		if err != nil && status != "" {
			t.Errorf("status %q with error %v", status, err)
		}
		// JSON may escape the characters of the identifier; without any escape it stands there as it is.
		if err == nil && !bytes.Contains(body, []byte(identifier)) && !bytes.Contains(body, []byte(`\u`)) {
			t.Errorf("taken without the identifier: %s", body)
		}
	})
}
