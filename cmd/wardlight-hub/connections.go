package main

import (
	"log/slog"
	"net"
	"time"

	"wardlight/hub"
)

const (
	maxConnections = 1 << 20
	minConnections = 16
	ownFiles       = 512 // files and connections that the hub needs besides those of clients
)

// maxConnections returns the maximum number of client connections for a limit of open files. 0 means that the limit is
// not known.
func (s *settings) maxConnections(files int) int {
	if files == 0 {
		return s.connections.all
	}
	return min(s.connections.all, max(minConnections, files-ownFiles))
}

// limitConnections returns l with the configured connection limits, reduced to the number of files that the process
// may open (LimitNOFILE of its unit). A hub that runs out of files could answer nobody.
func (s *settings) limitConnections(l net.Listener, files int, log *slog.Logger) net.Listener {
	all := s.maxConnections(files)
	if all < s.connections.all {
		log.Warn("The system's limit of open files is lower than hub.max_connections requires.", "files", files,
			"connections", all)
	}
	return hub.LimitConnections(l, hub.ConnectionLimits{
		All: all, Source: min(all, s.connections.source), Proxies: s.proxies, Clock: time.Now, Log: log,
	})
}
