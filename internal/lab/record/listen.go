package record

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen serves the record system on the loopback interface until stop is called, and returns its FHIR base URL.
func (s *System) Listen(ctx context.Context) (base string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("the record system: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String() + "/fhir", func() { _ = server.Close() }, nil
}
