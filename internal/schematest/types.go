package schematest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Types compares the schemas with the Go types of their documents, by name. It reports a property without a field, a
// field without a property, another type, and a property that is required where Go may leave it out, or the other way
// round.
func Types(t *testing.T, documents map[string]any) {
	t.Helper()
	all := schemas(t)
	for name, document := range documents {
		s := all.raw[name]
		if s == nil {
			t.Errorf("%s: got no schema, want docs/schema/%s.json", name, name)
			continue
		}
		for _, fault := range (&comparison{all, name}).of(s, reflect.TypeOf(document), name) {
			t.Error(fault)
		}
	}
}

// comparison is on its way through a schema; file is where its references begin.
type comparison struct {
	all  *files
	file string
}

// of returns how a schema differs from a Go type.
func (c *comparison) of(schema map[string]any, t reflect.Type, at string) []string {
	schema, c = c.resolve(schema)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}

	if want := typeName(t); want != "" && !slices.Contains(typesOf(schema), want) {
		return []string{fmt.Sprintf("%s: got type %v, want %s, as in Go", at, schema["type"], want)}
	}

	switch {
	case isOpaque(t):
		return nil
	case t.Kind() == reflect.Slice:
		items, _ := schema["items"].(map[string]any)
		if items == nil {
			return []string{at + ": got an array without items"}
		}
		return c.of(items, t.Elem(), at+"[]")
	case t.Kind() == reflect.Struct:
		return c.object(schema, t, at)
	}

	return nil
}

// object returns how the schema of an object differs from a Go struct.
func (c *comparison) object(schema map[string]any, t reflect.Type, at string) (faults []string) {
	if schema["additionalProperties"] != false {
		faults = append(faults, at+": got additionalProperties, want none")
	}

	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	known := make(map[string]bool)

	for _, f := range fieldsOf(t) {
		known[f.name] = true
		where := at + "." + f.name
		p, _ := properties[f.name].(map[string]any)
		if p == nil {
			faults = append(faults, where+": got a field of Go, want a property in the schema")
			continue
		}

		if got := slices.Contains(required, any(f.name)); got == f.optional {
			faults = append(faults, fmt.Sprintf("%s: got required %v, want %v, as in Go", where, got, !f.optional))
		}

		if got := c.nullable(p); !f.optional && f.kind.Kind() == reflect.Pointer && !got {
			faults = append(faults, where+": got no null in the schema, want it, as in Go")
		}

		if d, _ := p["description"].(string); d == "" && p["$ref"] == nil && p["const"] == nil {
			faults = append(faults, where+": got no description")
		}

		faults = append(faults, c.of(p, f.kind, where)...)
	}

	for name := range properties {
		if !known[name] {
			faults = append(faults, at+"."+name+": got a property in the schema, want a field in Go")
		}
	}

	return faults
}

// field is a field of a document.
type field struct {
	name     string
	kind     reflect.Type
	optional bool
}

// fieldsOf returns the fields of a struct as encoding/json writes them, those of embedded structs among them.
func fieldsOf(t reflect.Type) (all []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			all = append(all, fieldsOf(f.Type)...)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		all = append(all, field{name, f.Type, strings.Contains(options, "omit")})
	}
	return all
}

// resolve follows references, and passes over a null beside what may be null. References of what it returns begin in
// the comparison that it returns.
func (c *comparison) resolve(schema map[string]any) (map[string]any, *comparison) {
	for {
		if either, is := schema["anyOf"].([]any); is {
			for _, one := range either {
				if m := one.(map[string]any); m["type"] != "null" {
					schema = m
				}
			}
			continue
		}

		ref, is := schema["$ref"].(string)
		if !is {
			return schema, c
		}

		file, pointer, _ := strings.Cut(ref, "#/$defs/")
		if file != "" {
			c = &comparison{c.all, strings.TrimSuffix(file, ".json")}
		}

		definitions, _ := c.all.raw[c.file]["$defs"].(map[string]any)
		next, _ := definitions[pointer].(map[string]any)
		if next == nil {
			return map[string]any{"type": "no " + ref}, c
		}

		schema = next
	}
}

// nullable reports whether a schema accepts null.
func (c *comparison) nullable(schema map[string]any) bool {
	if either, is := schema["anyOf"].([]any); is {
		return slices.ContainsFunc(either, func(one any) bool { return one.(map[string]any)["type"] == "null" })
	}
	schema, _ = c.resolve(schema)
	return slices.Contains(typesOf(schema), "null")
}

// typesOf returns the types that a schema accepts.
func typesOf(schema map[string]any) (all []string) {
	if _, is := schema["const"].(string); is {
		return []string{"string"}
	}
	switch v := schema["type"].(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			all = append(all, one.(string))
		}
	}
	return all
}

var (
	moment    = reflect.TypeFor[time.Time]()
	marshaler = reflect.TypeFor[json.Marshaler]()
)

// isOpaque reports whether a type writes itself: its fields are not those of the document.
func isOpaque(t reflect.Type) bool { return t == moment || t.Implements(marshaler) }

// typeName returns the type that JSON has of a Go type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Slice:
		return "array"
	case reflect.Struct:
		if t == moment {
			return "string"
		}
		return "object"
	}
	return ""
}

// Values compares the values that a schema lists of a property with those that Go knows, in any order. at is the way to
// the property: "opened.plans[].kind".
func Values(t *testing.T, name, at string, want ...string) {
	t.Helper()
	c := &comparison{schemas(t), name}
	schema, c := c.resolve(c.all.raw[name])
	for _, step := range strings.Split(at, ".") {
		step, isList := strings.CutSuffix(step, "[]")
		properties, _ := schema["properties"].(map[string]any)
		next, _ := properties[step].(map[string]any)
		schema, c = c.resolve(next)
		if isList {
			items, _ := schema["items"].(map[string]any)
			schema, c = c.resolve(items)
		}
	}

	var got []string
	listed, _ := schema["enum"].([]any)
	for _, one := range listed {
		got = append(got, fmt.Sprint(one))
	}

	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("%s, %s: got %q, want %q, as in Go", name, at, got, want)
	}
}
