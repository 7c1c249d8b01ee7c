package api

import (
	_ "embed"
	"net/http"
)

// document is the hub's own description, in OpenAPI 3.1. The tests hold the routes and every answer to it.
//
//go:embed openapi.json
var document []byte

// Document returns the hub's own description of what it serves, in OpenAPI 3.1.
func Document() []byte { return append([]byte(nil), document...) }

func (a *API) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document) // whoever asked has gone
}
