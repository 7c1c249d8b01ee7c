package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wardlight/internal/need"
)

// cycloneDX is where make puts the schemas of CycloneDX.
const cycloneDX = ".bin/fhir-validators/node_modules/@cyclonedx/cyclonedx-library/res/schema"

// billSchema compiles the schema of CycloneDX 1.5 with those that it refers to.
func billSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const remedy = "run make need-validators"
	c := jsonschema.NewCompiler()
	c.AssertFormat()

	for _, name := range []string{"bom-1.5", "spdx", "jsf-0.82"} {
		text, err := os.ReadFile(need.File(t, filepath.Join(cycloneDX, name+".SNAPSHOT.schema.json"), remedy))
		if err != nil {
			t.Fatal(err)
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		// What the files are called by those that refer to them.
		if err := c.AddResource("http://cyclonedx.org/schema/"+name+".SNAPSHOT.schema.json", schema); err != nil {
			t.Fatal(err)
		}
	}

	compiled, err := c.Compile("http://cyclonedx.org/schema/bom-1.5.SNAPSHOT.schema.json")
	if err != nil {
		t.Fatal(err)
	}

	return compiled
}

// TestBill_IsCycloneDX compares the bills of all programs with CycloneDX's own schema, and one that is spoilt.
func TestBill_IsCycloneDX(t *testing.T) {
	inRepository(t)
	schema := billSchema(t)
	valid := func(bill []byte) error {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(bill))
		if err != nil {
			return err
		}
		return schema.Validate(document)
	}

	for _, p := range programs {
		modules, err := p.modules(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		bill, err := billOfMaterials(p.name, "0.1.0", time.Unix(0, 0), modules)
		if err != nil {
			t.Fatal(err)
		}

		if err := valid(bill); err != nil {
			t.Errorf("%s: got %v, want a bill of CycloneDX", p.name, err)
		}

		for _, change := range [][2]string{
			{`"type": "library"`, `"type": "book"`},
			{`"alg": "SHA-256"`, `"alg": "SHA-2"`},
			{`"bom-ref"`, `"reference"`},
			{`"specVersion": "1.5"`, `"specVersion": 1.5`},
			{`"timestamp": "1970`, `"timestamp": "in 1970`},
		} {
			spoilt := strings.Replace(string(bill), change[0], change[1], 1)
			if spoilt == string(bill) || valid([]byte(spoilt)) == nil {
				t.Errorf("%s: got no fault in a bill with %s, want one", p.name, change[1])
			}
		}
	}
}
