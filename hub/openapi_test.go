package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wardlight/hub/api"
	"wardlight/rbac"
)

// operation is a method of a path in the hub's OpenAPI document, with the members that the tests use.
type operation struct {
	Security   *[]any `json:"security"`
	Parameters []any  `json:"parameters"`
	Needs      []struct {
		Action string     `json:"action"`
		Codes  [][]string `json:"codes"`
		Jobs   []string   `json:"job_roles"`
	} `json:"x-needs"`
	Responses map[string]map[string]any `json:"responses"`
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// described returns the operations in the hub's OpenAPI document by path and method.
var described = sync.OnceValue(func() map[string]map[string]operation {
	var d struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(api.Document(), &d); err != nil {
		panic(err)
	}
	return d.Paths
})

func TestTheDocumentIsOpenAPI(t *testing.T) {
	const program = "../.bin/openapi/node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js"
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(program)
	}

	if err != nil {
		if strings.EqualFold(os.Getenv("CI"), "true") {
			t.Fatalf("the validator is missing: %v; run make need-openapi", err)
		}
		t.Skipf("the validator is missing: %v; run make need-openapi", err)
	}

	validate := func(document []byte) ([]byte, error) {
		name := filepath.Join(t.TempDir(), "openapi.json")
		must(t, os.WriteFile(name, document, 0o600))
		return exec.CommandContext(t.Context(), node, program, name).CombinedOutput()
	}

	if said, err := validate(api.Document()); err != nil {
		t.Errorf("the OpenAPI document is invalid: %s", said)
	}

	spoilt := bytes.Replace(api.Document(), []byte(`"in": "query"`), []byte(`"in": "quarry"`), 1)
	if _, err := validate(spoilt); err == nil {
		t.Error("the validator accepted an invalid document")
	}
}

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	b := newFixture(t)
	served := make(map[string]bool)
	for _, rt := range b.hub.Routes() {
		name := rt.Method + " " + rt.Path
		served[name] = true
		op, ok := described()[rt.Path][strings.ToLower(rt.Method)]
		if !ok {
			t.Errorf("%s is served but not in the OpenAPI document", name)
			continue
		}
		open := op.Security != nil && len(*op.Security) == 0
		if open != (rt.Open != "") {
			t.Errorf("%s: open in the document: %v, open in the hub: %v", name, open, rt.Open != "")
		}
		sameNeeds(t, name, op, rt.Actions)
	}

	for path, operations := range described() {
		for method := range operations {
			if !slices.Contains(methods, method) {
				t.Errorf("%s has %s, which isn't an HTTP method", path, method)
			}
			if name := strings.ToUpper(method) + " " + path; !served[name] {
				t.Errorf("%s is in the OpenAPI document but not served", name)
			}
		}
	}
}

// sameNeeds compares the activity codes and job roles in the document with the hub's decisions, for every combination
// of codes of three job roles.
func sameNeeds(t *testing.T, name string, op operation, actions []rbac.Action) {
	t.Helper()
	if len(op.Needs) != len(actions) {
		t.Errorf("%s: got %d actions in the document, want %d", name, len(op.Needs), len(actions))
		return
	}

	codes := []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert, rbac.ViewAlertSilently, rbac.ViewAdjustments}
	for i, action := range actions {
		if op.Needs[i].Action != action.String() {
			t.Errorf("%s: got action %s in the document, want %s", name, op.Needs[i].Action, action)
		}

		for set := range 3 << len(codes) {
			p := rbac.RoleProfile{JobRole: []string{"R8001", "R0001", "R5105"}[set>>len(codes)]}
			for j, code := range codes {
				if set>>j&1 == 1 {
					p.Activities = append(p.Activities, code)
				}
			}
			jobs := op.Needs[i].Jobs
			may := len(jobs) == 0 || slices.Contains(jobs, p.JobRole)
			for _, group := range op.Needs[i].Codes {
				may = may && slices.ContainsFunc(group, func(code string) bool {
					return p.HasCode(rbac.ActivityCode(code))
				})
			}
			if got := rbac.Decide(p, action).Allowed; got != may {
				t.Errorf("%s with %v as %s: allowed by the document: %v, by the hub: %v", name, p.Activities, p.JobRole,
					may, got)
			}
		}
	}
}

func TestEveryReferenceInTheDocumentLeadsSomewhere(t *testing.T) {
	var document any
	must(t, json.Unmarshal(api.Document(), &document))
	for _, found := range regexp.MustCompile(`"\$ref": "([^"]*)"`).FindAllStringSubmatch(string(api.Document()), -1) {
		if at(document, found[1]) == nil {
			t.Errorf("$ref %s has no target", found[1])
		}
	}
}

// at returns the target of a reference inside the document, or nil if there is none.
func at(document any, ref string) any {
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := document.(map[string]any)
		document = object[step]
	}
	return document
}

func TestTheDocumentIsServed(t *testing.T) {
	b := newFixture(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/openapi.json", nil)
	must(t, err)
	if r := b.do(req); r.status != 200 || r.header.Get("Content-Type") != "application/json" ||
		r.body != string(api.Document()) {
		t.Errorf("GET /openapi.json: got status %d, headers %s; want 200 and the document as application/json",
			r.status, r.header)
	}
}

// matchesTheDocument validates an answer's status, content type and body against the hub's OpenAPI document. An answer
// that the document doesn't describe is an error.
func matchesTheDocument(t testing.TB, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	path, operations := describedPath(req.URL.Path)
	op, ok := operations[strings.ToLower(req.Method)]
	if !ok {
		if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: got status %d, but the document has no such operation", req.Method, req.URL.Path,
				resp.StatusCode)
		}
		return
	}

	status := fmt.Sprint(resp.StatusCode)
	answer, ok := op.Responses[status]
	if !ok {
		t.Errorf("%s %s: got status %s, which the document does not describe", req.Method, path, status)
		return
	}

	pointer := "#/paths/" + escaped(path) + "/" + strings.ToLower(req.Method) + "/responses/" + status
	if ref, ok := answer["$ref"].(string); ok {
		var document any
		must(t, json.Unmarshal(api.Document(), &document))
		pointer = ref
		answer, _ = at(document, ref).(map[string]any)
	}

	content, _ := answer["content"].(map[string]any)
	kind := resp.Header.Get("Content-Type")
	if content == nil {
		if len(body) > 0 {
			t.Errorf("%s %s: got a body of %s with status %s, want none", req.Method, path, kind, status)
		}
		return
	}

	if content[kind] == nil {
		t.Errorf("%s %s: got content type %q with status %s, which the document does not describe", req.Method, path,
			kind, status)
		return
	}

	schema := schemaAt(t, pointer+"/content/"+escaped(kind)+"/schema")
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	must(t, err)
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s %s: the body does not match the document: %v\n%s", req.Method, path, err, body)
	}
}

// describedPath returns the path in the document that matches a request's path, and its operations.
func describedPath(path string) (string, map[string]operation) {
	if operations, ok := described()[path]; ok {
		return path, operations
	}
	got := strings.Split(path, "/")
	for template, operations := range described() {
		want := strings.Split(template, "/")
		if len(want) == len(got) && !slices.ContainsFunc(slices.Collect(indices(len(want))), func(i int) bool {
			return want[i] != got[i] && (!strings.HasPrefix(want[i], "{") || got[i] == "")
		}) {
			return template, operations
		}
	}
	return path, nil
}

func indices(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// escaped returns a segment escaped for a JSON pointer in a URI fragment (RFC 6901).
func escaped(step string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(step)
}

var schemas = struct {
	sync.Mutex
	compiled map[string]*jsonschema.Schema
}{compiled: make(map[string]*jsonschema.Schema)}

func schemaAt(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	schemas.Lock()
	defer schemas.Unlock()
	if s := schemas.compiled[pointer]; s != nil {
		return s
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.Document()))
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource("mem:openapi", document))
	s, err := c.Compile("mem:openapi" + pointer)
	must(t, err)
	schemas.compiled[pointer] = s
	return s
}
