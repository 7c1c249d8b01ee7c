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

// sandbox is the environment variable with the FHIR base URL of a real record system to test, and sandboxToken the one
// with a token for it. The test writes one flag for the NHS number 999 000 0018, which is never issued, and does not
// remove it.
const sandbox, sandboxToken = "WARDLIGHT_FHIR_SANDBOX", "WARDLIGHT_FHIR_SANDBOX_TOKEN"

// A record system must implement conditional create by identifier for flags to be set in it. The stand-in of the other
// tests must pass, too.
func TestTheRecordSystemKeepsToTheContract(t *testing.T) {
	t.Run("the stand-in", func(t *testing.T) {
		server := httptest.NewServer(record.New(token))
		defer server.Close()
		meetsTheContract(t, server.URL, token)
	})
	t.Run("a real one", func(t *testing.T) {
		if os.Getenv(sandbox) == "" {
			t.Skip("set " + sandbox + " to a record system's FHIR base URL, and " + sandboxToken +
				" to a token for it, to test it")
		}
		given := os.Getenv(sandboxToken)
		if given == "" {
			given = "none"
		}
		meetsTheContract(t, os.Getenv(sandbox), given)
	})
}

func meetsTheContract(t *testing.T, url, token string) {
	t.Helper()
	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: url, Token: func(context.Context) ([]byte, error) { return []byte(token), nil },
		NewID: uuid.NewString, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := system.Create(t.Context(), flagTimeout(tess)); err != nil {
		t.Fatal("Create:", err)
	}

	for range 2 {
		already, err := system.Create(t.Context(), flagTimeout(tess))
		if err != nil {
			t.Fatal("Create of the same flag:", err)
		}
		if !already {
			t.Error("Create of the same flag made a second one: the server does not create conditionally")
		}
	}
}
