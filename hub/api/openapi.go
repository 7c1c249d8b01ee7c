package api

import (
	_ "embed"
	"net/http"
)

// document is the hub's OpenAPI 3.1 description. The tests validate the routes and every answer against it.
//
//go:embed openapi.json
var document []byte

// Document returns the hub's OpenAPI 3.1 description.
func Document() []byte { return append([]byte(nil), document...) }

func (a *API) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document) // the client may have disconnected
}
