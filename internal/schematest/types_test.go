package schematest

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
)

type embedded struct {
	Inner string `json:"inner"`
}

type document struct {
	Name  string     `json:"name"`
	Count int        `json:"count"`
	When  time.Time  `json:"when"`
	Maybe *embedded  `json:"maybe"`
	Rows  []embedded `json:"rows"`
	Extra string     `json:"extra,omitempty"`
	embedded
}

const good = `{
	"type": "object", "additionalProperties": false, "required": ["name", "count", "when", "maybe", "rows", "inner"],
	"properties": {
		"name": {"description": "d", "type": "string"}, "count": {"description": "d", "type": "integer"},
		"when": {"description": "d", "type": "string"}, "extra": {"description": "d", "type": "string"},
		"maybe": {"description": "d", "anyOf": [{"$ref": "other.json#/$defs/embedded"}, {"type": "null"}]},
		"rows": {"description": "d", "type": "array", "items": {"$ref": "#/$defs/row"}},
		"inner": {"description": "d", "type": "string"}
	},
	"$defs": {"row": {"$ref": "other.json#/$defs/embedded"}}
}`

const other = `{"$defs": {"embedded": {
	"type": "object", "additionalProperties": false, "required": ["inner"],
	"properties": {"inner": {"description": "d", "type": "string"}}
}}}`

func TestTypes_EveryDifference(t *testing.T) {
	for name, c := range map[string]struct {
		change func(top, inner map[string]any)
		want   []string
	}{
		"none": {func(map[string]any, map[string]any) {}, nil},
		"a property that no field has": {
			func(top, _ map[string]any) { properties(top)["ghost"] = properties(top)["name"] },
			[]string{"d.ghost: got a property in the schema, want a field in Go"},
		},
		"a field that has no property": {
			func(top, _ map[string]any) { delete(properties(top), "name") },
			[]string{"d.name: got a field of Go, want a property in the schema"},
		},
		"another type": {
			func(top, _ map[string]any) { property(top, "count")["type"] = "string" },
			[]string{"d.count: got type string, want integer, as in Go"},
		},
		"not required": {
			func(top, _ map[string]any) { top["required"] = top["required"].([]any)[1:] },
			[]string{"d.name: got required false, want true, as in Go"},
		},
		"required, and may be left out": {
			func(top, _ map[string]any) { top["required"] = append(top["required"].([]any), "extra") },
			[]string{"d.extra: got required true, want false, as in Go"},
		},
		"no null": {
			func(top, _ map[string]any) {
				property(top, "maybe")["anyOf"] = property(top, "maybe")["anyOf"].([]any)[:1]
			},
			[]string{"d.maybe: got no null in the schema, want it, as in Go"},
		},
		"no description": {
			func(top, _ map[string]any) { delete(property(top, "name"), "description") },
			[]string{"d.name: got no description"},
		},
		"more properties, in all that refer to it": {
			func(_, inner map[string]any) { delete(inner, "additionalProperties") },
			[]string{"d.maybe: got additionalProperties, want none", "d.rows[]: got additionalProperties, want none"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var top, shared map[string]any
			for text, into := range map[string]*map[string]any{good: &top, other: &shared} {
				if err := json.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			c.change(top, shared["$defs"].(map[string]any)["embedded"].(map[string]any))
			at := &comparison{&files{raw: map[string]map[string]any{"d": top, "other": shared}}, "d"}

			got := at.of(top, reflect.TypeFor[document](), "d")
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func properties(schema map[string]any) map[string]any { return schema["properties"].(map[string]any) }

func property(schema map[string]any, name string) map[string]any {
	return properties(schema)[name].(map[string]any)
}
