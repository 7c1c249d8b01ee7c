package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestServe_AuditCutOff deletes the last audit record behind a running hub, on both engines and without checkpoints.
// The hub logs an alarm and goes on. It notices the cut again when it starts, and doctor shows it.
func TestServe_AuditCutOff(t *testing.T) {
	const deleteLast = "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			h := newWatchedHub(t)
			h.noCheckpoints()
			if engine == "postgres" {
				h.postgres()
			}
			h.run()
			for _, code := range []string{"V997", "V998"} { // an operator's commands, which another process commits
				out, exit := h.perform("authority", "add", code, "--name", "OTHERSHIRE COUNCIL", "--data", h.folder)
				if exit != 0 {
					t.Fatalf("authority add: got exit code %d, want 0: %s", exit, out)
				}
			}
			h.inMetrics(fmt.Sprintf("wardlight_hub_audit_last_record %d", h.lastRecord(engine)))
			h.inMetrics("wardlight_hub_audit_cut 0")

			if engine == "postgres" {
				h.tamperPostgres("DROP TRIGGER audit_is_not_deleted ON audit", deleteLast)
			} else {
				h.ledger(deleteLast)
			}
			h.logs("ALARM: records at the end of the audit were cut off or rewritten.")
			h.inMetrics("wardlight_hub_audit_cut 1")
			if engine == "sqlite" {
				if lamp := h.signIn(t).Lamp(t.Context(), openedChild); lamp.Err != nil {
					t.Errorf("the alert after the cut: got error %v, want an answer", lamp.Err)
				}
			}

			out, exit := h.perform("doctor", "--data", h.folder, "--ca", h.cards+"=uuid")
			if exit != exitFailed || !strings.Contains(out, "B53") {
				t.Errorf("doctor: got exit code %d, want %d and B53: %s", exit, exitFailed, out)
			}
			h.process.Stop()
			h.run()
			h.inMetrics("wardlight_hub_audit_cut 1")
		})
	}
}

// perform runs a command with the hub's settings, and returns its output and exit code.
func (h *watchedHub) perform(args ...string) (string, int) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), h.program, args...)
	cmd.Env = append(os.Environ(), h.environ...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// lastRecord returns the number of the last audit record.
func (h *watchedHub) lastRecord(engine string) (last int64) {
	h.t.Helper()
	const query = "SELECT max(seq) FROM audit"
	if engine == "postgres" {
		h.inPostgres(func(c *pgx.Conn) error { return c.QueryRow(h.t.Context(), query).Scan(&last) })
		return last
	}
	ledger := h.hubProcess.ledger(h.t)
	defer ledger.Close() //nolint:errcheck // it was only read
	head, err := ledger.AuditHead(h.t.Context())
	must(h.t, err)
	return head.Seq
}

// tamperPostgres runs statements on the hub's database, as somebody who owns it could.
func (h *watchedHub) tamperPostgres(statements ...string) {
	h.t.Helper()
	h.inPostgres(func(c *pgx.Conn) error {
		for _, s := range statements {
			if _, err := c.Exec(h.t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *watchedHub) inPostgres(do func(c *pgx.Conn) error) {
	h.t.Helper()
	for _, v := range h.environ {
		if file, is := strings.CutPrefix(v, "WARDLIGHT_SERVER_STORE_DSN_FILE="); is {
			c, err := pgx.Connect(h.t.Context(), strings.TrimSpace(readFile(h.t, file)))
			must(h.t, err)
			defer c.Close(h.t.Context()) //nolint:errcheck // the statements were committed
			must(h.t, do(c))
		}
	}
}
