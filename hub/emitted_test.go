package hub_test

import (
	"os"
	"testing"

	"wardlight/internal/fhirtest"
)

// emitted is every shape of FHIR resource that the hubs of these tests send: answers, and what authorities are told.
var emitted = fhirtest.NewSet()

func TestMain(m *testing.M) { os.Exit(emitted.Main(m)) }
