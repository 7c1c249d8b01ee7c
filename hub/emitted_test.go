package hub_test

import (
	"os"
	"testing"

	"wardlight/internal/fhirtest"
)

// emitted collects the shapes of all FHIR resources that the hubs of these tests send, in answers and notifications.
var emitted = fhirtest.NewSet()

func TestMain(m *testing.M) { os.Exit(emitted.Main(m)) }
