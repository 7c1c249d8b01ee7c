package recordsystem_test

import (
	"context"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/internal/lab/record"
	"wardlight/internal/recordsystem"
)

// sandbox names the FHIR base URL of a real record system to hold to the contract, sandboxToken the token for it. The
// test writes one flag for the NHS number 999 000 0018, which is never issued, and leaves it there.
const sandbox, sandboxToken = "WARDLIGHT_FHIR_SANDBOX", "WARDLIGHT_FHIR_SANDBOX_TOKEN"

// The contract that a record system has to keep for flags to be set in it: conditional create by identifier. The
// stand-in of the other tests is held to it, too.
func TestTheRecordSystemKeepsToTheContract(t *testing.T) {
	t.Run("the stand-in", func(t *testing.T) {
		server := httptest.NewServer(record.New(token))
		defer server.Close()
		keepsToTheContract(t, server.URL, token)
	})
	t.Run("a real one", func(t *testing.T) {
		if os.Getenv(sandbox) == "" {
			t.Skip("set " + sandbox + " to a record system's FHIR base URL, and " + sandboxToken + " to a token for it, to hold it to the contract")
		}
		given := os.Getenv(sandboxToken)
		if given == "" {
			given = "none"
		}
		keepsToTheContract(t, os.Getenv(sandbox), given)
	})
}

func keepsToTheContract(t *testing.T, url, token string) {
	t.Helper()
	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: url, Token: func(context.Context) ([]byte, error) { return []byte(token), nil },
		NewID: uuid.NewString, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := system.Create(t.Context(), flagFor(tess)); err != nil {
		t.Fatal("the first flag:", err)
	}
	for range 2 {
		already, err := system.Create(t.Context(), flagFor(tess))
		if err != nil {
			t.Fatal("the same flag again:", err)
		}
		if !already {
			t.Error("the same flag was made again: the server does not create conditionally")
		}
	}
}
