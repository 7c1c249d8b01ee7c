package main

import (
	"strings"
	"testing"

	"wardlight/hub/audit"
)

func TestWhoRuns(t *testing.T) {
	name := func(uid int) string { return map[int]string{0: "root", 1000: "ada", -1: `SITE\ada`}[uid] }
	for _, c := range []struct {
		uid        int
		sudo, want string
	}{
		{0, "", "root uid 0"},
		{0, "ada", "root uid 0, by sudo of ada"},
		{1000, "", "ada uid 1000"},
		{4242, "", "uid 4242"},
		{-1, "", `SITE\ada`},
		{0, "ada\x1b[2J" + strings.Repeat("x", 200), "root uid 0, by sudo of ada" + strings.Repeat("x", maxUserName)},
	} {
		got := whoRuns(c.uid, c.sudo, name)
		if c.sudo != "" && len(c.sudo) > maxUserName { // the value of SUDO_USER is cleaned and truncated
			if strings.ContainsRune(got, 0x1b) || len([]rune(got)) > len("root uid 0, by sudo of ")+maxUserName+1 {
				t.Errorf("whoRuns(%d, %q) = %q, want no control characters and at most %d letters",
					c.uid, c.sudo, got, maxUserName)
			}
			continue
		}
		if got != c.want {
			t.Errorf("whoRuns(%d, %q) = %q, want %q", c.uid, c.sudo, got, c.want)
		}
	}
}

// Each change that an operator makes to authorities, credentials and certificates has an audit record with the object,
// old and new values, and the operator.
func TestOperatorsChangesAreOnRecordWithWhatTheyWereDoneTo(t *testing.T) {
	t.Setenv("SUDO_USER", "ada")
	data := ledgerWithPlans(t)
	do := runnerIn(t, data)
	do("authority", "add", "V777", "--name", "EXAMPLESHIRE", "--duty-phone", "01632960102")
	do("authority", "add", "V777", "--duty-phone", "01632960103")
	do("authority", "credential", "V777", "--label", "case system")
	id := strings.Fields(strings.Split(do("authority", "credential", "list", "V777"), "\n")[1])[0]
	do("authority", "credential", "end", "V777", id)
	do("revoke", "--serial", "1A2B", "--issuer", "CN=Sub CA", "--reason", "lost")
	do("revoke", "--serial", "1A2B", "--issuer", "CN=Sub CA", "--lift")
	got := recorded(t, data)
	if !strings.Contains(operatorReason(), "by sudo of ada") {
		t.Errorf("byOperator() = %q, want \"by sudo of ada\" in it", operatorReason())
	}

	for _, want := range []string{
		audit.AddAuthority + "/V777/granted/" +
			operatorReason(`name "" to "EXAMPLESHIRE", duty-phone "" to "01632960102"`),
		audit.ChangeAuthority + "/V777/granted/" + operatorReason(`duty-phone "01632960102" to "01632960103"`),
		audit.AddCredential + "/V777/granted/" + operatorReason("credential "+id+" case system"),
		audit.EndCredential + "/V777/granted/" + operatorReason("credential "+id+" case system"),
		audit.RevokeCertificate + "//granted/" + operatorReason("certificate 1a2b of CN=Sub CA", "lost"),
		audit.LiftRevocation + "//granted/" + operatorReason("certificate 1a2b of CN=Sub CA"),
	} {
		if !strings.Contains(got+", ", want+", ") {
			t.Errorf("audit records: got %s, want %s in them", got, want)
		}
	}
}
