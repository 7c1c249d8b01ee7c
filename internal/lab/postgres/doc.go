// Package postgres runs private PostgreSQL servers. Each has a temporary folder and listens only on a socket in it, so
// that it doesn't affect a server that the computer has. Stopping a server ends its own processes and removes the
// folder.
//
// It needs Linux and the Debian package postgresql. PostgreSQL refuses to run as root, so a server started by root
// runs as the user postgres. cmd/wardlight-bench and tests import it.
package postgres

// Package is the name of the required Debian package.
const Package = "postgresql"

// Options configure a server.
type Options struct {
	// Durable makes the server flush commits to disk. Without it, the server is faster and loses commits if the
	// machine fails.
	Durable bool
	// Settings are additional lines of postgresql.conf, such as "max_connections=20".
	Settings []string
}
