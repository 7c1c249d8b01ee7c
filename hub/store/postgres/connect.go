package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Defaults of parameters that the connection string may set.
const (
	connections    = 16 // pool_max_conns
	connectTimeout = 5 * time.Second
	program        = "wardlight-hub" // application_name
)

// idleTransactionTimeout is the server's timeout for an idle transaction, in milliseconds. Such a transaction may have
// the lock that every commit needs.
const idleTransactionTimeout = 15_000

// pool returns the configuration of the connection pool. Errors don't contain the connection string.
func (c Config) pool() (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, errors.New("database: the connection string cannot be parsed; expected a URL such as " +
			"postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full, " +
			"with every special character of the password as %XX, or keywords such as host=HOST dbname=DATABASE")
	}
	if !strings.Contains(c.DSN, "pool_max_conns") {
		config.MaxConns = connections
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = program
	}
	config.ConnConfig.OnNotice = noticed
	config.ConnConfig.Tracer = c.tracer
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return c.accept(ctx, conn) }
	return config, nil
}

// accept returns an error for a connection on which a commit may return before it is durable. It checks every
// connection: the settings may belong to a role or a database, and may change while the hub runs.
func (c Config) accept(ctx context.Context, conn *pgx.Conn) error {
	var idle string
	err := conn.QueryRow(ctx, `SELECT set_config('idle_in_transaction_session_timeout', $1, false)`,
		fmt.Sprint(idleTransactionTimeout)).Scan(&idle)
	if err != nil {
		return err
	}
	return c.durable(ctx, conn, conn.Config().User)
}

// durable returns an error for a server on which a commit may return before it is durable.
func (c Config) durable(ctx context.Context, from querier, user string) error {
	var commit, fsync string
	err := from.QueryRow(ctx,
		`SELECT coalesce(current_setting('synchronous_commit', true), ''), coalesce(current_setting('fsync', true), '')`).
		Scan(&commit, &fsync)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"on", "remote_apply", "remote_write", ""}, commit) { // "": not supported by the engine
		return fmt.Errorf("synchronous_commit is %q, so an answer could be sent before its record is durable; "+
			"set it to on for the hub's role: ALTER ROLE %q SET synchronous_commit = on", commit, user)
	}
	if fsync == "off" && !c.Volatile {
		return errors.New("fsync is off, so the server can lose committed data; set fsync = on in postgresql.conf")
	}
	return nil
}

// warned is the key in a connection's custom data for the server's warning.
const warned = "wardlight.warned"

// noticed stores a warning. The one that matters is sent with a commit that is durable on this server, but not on the
// standby for which it should have waited.
func noticed(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warned] = n.Message
	}
}

// commitWarning returns the warning received since the last call of forget as an error.
func commitWarning(conn *pgx.Conn) error {
	if message, ok := conn.PgConn().CustomData()[warned]; ok {
		return fmt.Errorf("the server does not guarantee that the commit is durable: %v", message)
	}
	return nil
}

func forget(conn *pgx.Conn) { delete(conn.PgConn().CustomData(), warned) }
