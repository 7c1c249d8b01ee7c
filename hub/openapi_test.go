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

// operation is a method of a path in the hub's document, as far as the tests look at it.
type operation struct {
	Security   *[]any `json:"security"`
	Parameters []any  `json:"parameters"`
	Needs      []struct {
		Action string     `json:"action"`
		Codes  [][]string `json:"codes"`
	} `json:"x-needs"`
	Responses map[string]map[string]any `json:"responses"`
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// described is the hub's document: path, method, operation.
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
			t.Fatalf("run make need-openapi: %v", err)
		}
		t.Skipf("run make need-openapi: %v", err)
	}
	validate := func(document []byte) ([]byte, error) {
		name := filepath.Join(t.TempDir(), "openapi.json")
		must(t, os.WriteFile(name, document, 0o600))
		return exec.CommandContext(t.Context(), node, program, name).CombinedOutput()
	}
	if said, err := validate(api.Document()); err != nil {
		t.Errorf("it is not: %s", said)
	}
	spoilt := bytes.Replace(api.Document(), []byte(`"in": "query"`), []byte(`"in": "quarry"`), 1)
	if _, err := validate(spoilt); err == nil {
		t.Error("the validator takes a spoilt one as well")
	}
}

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	b := newBench(t)
	served := make(map[string]bool)
	for _, rt := range b.hub.Routes() {
		name := rt.Method + " " + rt.Path
		served[name] = true
		op, ok := described()[rt.Path][strings.ToLower(rt.Method)]
		if !ok {
			t.Errorf("%s is served and not described", name)
			continue
		}
		open := op.Security != nil && len(*op.Security) == 0
		if open != (rt.Open != "") {
			t.Errorf("%s: described as open %v, served as open %v", name, open, rt.Open != "")
		}
		sameNeeds(t, name, op, rt.Actions)
	}
	for path, operations := range described() {
		for method := range operations {
			if !slices.Contains(methods, method) {
				t.Errorf("%s has %s, which is no method", path, method)
			}
			if name := strings.ToUpper(method) + " " + path; !served[name] {
				t.Errorf("%s is described and not served", name)
			}
		}
	}
}

// sameNeeds holds the codes in the document to what the hub decides, for every set of codes that a role may have.
func sameNeeds(t *testing.T, name string, op operation, actions []rbac.Action) {
	t.Helper()
	if len(op.Needs) != len(actions) {
		t.Errorf("%s: %d actions described, %d served", name, len(op.Needs), len(actions))
		return
	}
	codes := []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert, rbac.ViewAlertSilently}
	for i, action := range actions {
		if op.Needs[i].Action != action.String() {
			t.Errorf("%s: described as to %s, served as to %s", name, op.Needs[i].Action, action)
		}
		for set := range 1 << len(codes) {
			var p rbac.RoleProfile
			for j, code := range codes {
				if set>>j&1 == 1 {
					p.Activities = append(p.Activities, code)
				}
			}
			may := !slices.ContainsFunc(op.Needs[i].Codes, func(group []string) bool {
				return !slices.ContainsFunc(group, func(code string) bool { return p.Holds(rbac.ActivityCode(code)) })
			})
			if got := rbac.Decide(p, action).Allowed; got != may {
				t.Errorf("%s with %v: the document says %v, the hub %v", name, p.Activities, may, got)
			}
		}
	}
}

func TestEveryReferenceInTheDocumentLeadsSomewhere(t *testing.T) {
	var document any
	must(t, json.Unmarshal(api.Document(), &document))
	for _, found := range regexp.MustCompile(`"\$ref": "([^"]*)"`).FindAllStringSubmatch(string(api.Document()), -1) {
		if at(document, found[1]) == nil {
			t.Errorf("%s leads nowhere", found[1])
		}
	}
}

// at follows a reference inside the document; nil where it leads nowhere.
func at(document any, ref string) any {
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := document.(map[string]any)
		document = object[step]
	}
	return document
}

func TestTheDocumentIsServed(t *testing.T) {
	b := newBench(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/openapi.json", nil)
	must(t, err)
	if r := b.do(req); r.status != 200 || r.header.Get("Content-Type") != "application/json" || r.body != string(api.Document()) {
		t.Errorf("%d %s", r.status, r.header)
	}
}

// keepsTheDocument holds an answer to the hub's document: its status, its content type and its body. What the
// document does not describe must not be served.
func keepsTheDocument(t testing.TB, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	path, operations := describedPath(req.URL.Path)
	op, ok := operations[strings.ToLower(req.Method)]
	if !ok {
		if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s is not described, and is answered %d", req.Method, req.URL.Path, resp.StatusCode)
		}
		return
	}
	status := fmt.Sprint(resp.StatusCode)
	answer, ok := op.Responses[status]
	if !ok {
		t.Errorf("%s %s: the status %s is not described", req.Method, path, status)
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
			t.Errorf("%s %s: a body of %s is not described for %s", req.Method, path, kind, status)
		}
		return
	}
	if content[kind] == nil {
		t.Errorf("%s %s: the content type %q is not described for %s", req.Method, path, kind, status)
		return
	}
	schema := schemaAt(t, pointer+"/content/"+escaped(kind)+"/schema")
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	must(t, err)
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s %s: the answer is not as described: %v\n%s", req.Method, path, err, body)
	}
}

// describedPath is the document's path that a request's path is of.
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

// escaped is a step of a JSON pointer in a fragment (RFC 6901).
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
