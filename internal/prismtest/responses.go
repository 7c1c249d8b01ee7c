package prismtest

import (
	"bytes"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"wardlight/internal/need"
)

// Response is a response that a document describes.
type Response struct {
	Method string
	Path   string // relative to the base path, such as /Bundle
	Status int
	Issue  string // the code of the OperationOutcome's issue; "" if the document has none
}

// statusRow matches a row of the table in which the document describes the statuses of a 4XX response.
var statusRow = regexp.MustCompile(`(?m)^\| *(4\d\d) *\| *error *\| *(\S+) *\|`)

// SCRResponses returns the responses that the description of the Summary Care Record API has for the routes of viewing.
// root is the path of the folder of go.mod.
func SCRResponses(tb testing.TB, root string) []Response {
	tb.Helper()
	text, err := os.ReadFile(need.Contract(tb, root, scr))
	if err != nil {
		tb.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Description string
				Content     map[string]struct{ Example outcome }
			}
		}
	}
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&document); err != nil {
		tb.Fatal(err)
	}

	var all []Response
	for _, route := range []Response{
		{Method: http.MethodGet, Path: "/DocumentReference"},
		{Method: http.MethodGet, Path: "/Bundle"},
		{Method: http.MethodPost, Path: "/AuditEvent"},
	} {
		described := document.Paths[route.Path][strings.ToLower(route.Method)].Responses
		if len(described) == 0 {
			tb.Fatalf("the document does not describe %s %s", route.Method, route.Path)
		}
		for key, r := range described {
			status, err := strconv.Atoi(key)
			if err == nil {
				route.Status, route.Issue = status, r.Content["application/fhir+json"].Example.code()
				all = append(all, route)
				continue
			}
			rows := statusRow.FindAllStringSubmatch(r.Description, -1)
			if len(rows) == 0 {
				tb.Fatalf("%s %s %s has no table of statuses", route.Method, route.Path, key)
			}
			for _, row := range rows {
				route.Status, _ = strconv.Atoi(row[1])
				route.Issue = strings.Trim(row[2], "-")
				all = append(all, route)
			}
		}
	}
	return all
}

// outcome is the members of an OperationOutcome that are used.
type outcome struct{ Issue []struct{ Code string } }

// code returns the code of the first issue, or "".
func (o outcome) code() string {
	if len(o.Issue) == 0 {
		return ""
	}
	return o.Issue[0].Code
}
