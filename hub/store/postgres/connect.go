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

// What a connection string may say otherwise.
const (
	connections    = 16 // pool_max_conns
	connectTimeout = 5 * time.Second
	program        = "wardlight-hub" // application_name
)

// abandoned is how long the server keeps a transaction, in milliseconds, whose hub says no more: it may hold the lock
// that every commit needs.
const abandoned = 15_000

// pool returns how to connect. No error of it holds the connection string.
func (c Config) pool() (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, errors.New("database: the connection string does not read; it is a URL such as postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full, " +
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

// accept refuses a connection on which a commit could be answered before it is durable. Every connection is asked: the
// settings may be a role's or a database's, and may change while the hub runs.
func (c Config) accept(ctx context.Context, conn *pgx.Conn) error {
	var idle string
	err := conn.QueryRow(ctx, `SELECT set_config('idle_in_transaction_session_timeout', $1, false)`, fmt.Sprint(abandoned)).Scan(&idle)
	if err != nil {
		return err
	}
	return c.durable(ctx, conn, conn.Config().User)
}

// durable refuses a server on which a commit could be answered before it is durable.
func (c Config) durable(ctx context.Context, from querier, user string) error {
	var commit, fsync string
	err := from.QueryRow(ctx, `SELECT coalesce(current_setting('synchronous_commit', true), ''), coalesce(current_setting('fsync', true), '')`).
		Scan(&commit, &fsync)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"on", "remote_apply", "remote_write", ""}, commit) { // "" is an engine that knows no other way
		return fmt.Errorf("synchronous_commit is %q, so an answer could leave before its record is safe; "+
			"set it to on for the hub's role: ALTER ROLE %q SET synchronous_commit = on", commit, user)
	}
	if fsync == "off" && !c.Volatile {
		return errors.New("fsync is off, so the server may forget what was committed; set fsync = on in postgresql.conf")
	}
	return nil
}

// warned is where a connection keeps that the server warned on it.
const warned = "wardlight.warned"

// noticed remembers a warning. The one that matters comes with a commit that was made durable here, but not on the
// standby that it should have waited for.
func noticed(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warned] = n.Message
	}
}

// unsure returns the warning that came since forget, as an error.
func unsure(conn *pgx.Conn) error {
	if message, ok := conn.PgConn().CustomData()[warned]; ok {
		return fmt.Errorf("the server is not sure of a commit: %v", message)
	}
	return nil
}

func forget(conn *pgx.Conn) { delete(conn.PgConn().CustomData(), warned) }
