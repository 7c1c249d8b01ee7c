package hl7test_test

import (
	"os"
	"strings"
	"testing"

	"wardlight/internal/hl7test"
)

func TestProblems(t *testing.T) {
	schemas := hl7test.Load(t, "../..")
	valid, err := os.ReadFile("../../hub/national/spine/testdata/query.xml")
	if err != nil {
		t.Fatal(err)
	}
	if got := schemas.Problems(t, "QUPC_IN000006GB01", valid); got != "" {
		t.Errorf("a valid message: got %q, want no problem", got)
	}

	for name, message := range map[string]string{
		"no message": "",
		"an attribute that the schema prohibits": strings.Replace(string(valid), "<CP-ISQueryStub>",
			`<CP-ISQueryStub classCode="CACT">`, 1),
		"no organisation name": strings.Replace(string(valid), "<name>EXAMPLE GENERAL HOSPITAL</name>", "", 1),
		"a message ID in lower case": strings.Replace(string(valid), "0B5C3E70-6D0A-4B8B-8F21-0C0A6B9F4E01",
			"0b5c3e70-6d0a-4b8b-8f21-0c0a6b9f4e01", 1),
	} {
		if schemas.Problems(t, "QUPC_IN000006GB01", []byte(message)) == "" {
			t.Errorf("%s: got no problem", name)
		}
	}
}
