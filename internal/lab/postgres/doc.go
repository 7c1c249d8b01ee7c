// Package postgres runs PostgreSQL servers of its own: each in a temporary folder, reached by a socket in it and by
// no port, so that it never meets a server that the computer has. It ends them by their own process, and removes the
// folder.
//
// It needs Linux and the Debian package postgresql. PostgreSQL refuses to be root's: started by root, it runs as the
// user postgres.
package postgres

// Package is the Debian package to install.
const Package = "postgresql"

// Options say how a server works.
type Options struct {
	// Durable makes it write to the disk what it commits. Without, it is faster and forgets when the machine fails.
	Durable bool
	// Settings are lines of postgresql.conf, such as "max_connections=20".
	Settings []string
}
