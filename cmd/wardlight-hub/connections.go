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
	ownFiles       = 512 // files and connections that the hub needs beside those of clients
)

// maxConnections returns how many connections there may be where the system allows so many files; 0 is not known.
func (s *settings) maxConnections(files int) int {
	if files == 0 {
		return s.connections.all
	}
	return min(s.connections.all, max(minConnections, files-ownFiles))
}

// limitConnections returns l with the limits that are set, below what the system lets this process open (LimitNOFILE of
// its unit): without files the hub could answer nobody.
func (s *settings) limitConnections(l net.Listener, files int, log *slog.Logger) net.Listener {
	all := s.maxConnections(files)
	if all < s.connections.all {
		log.Warn("The system allows fewer open files than hub.max_connections needs.", "files", files, "connections", all)
	}
	return hub.LimitConnections(l, hub.ConnectionLimits{
		All: all, Source: min(all, s.connections.source), Proxies: s.proxies, Clock: time.Now, Log: log,
	})
}
