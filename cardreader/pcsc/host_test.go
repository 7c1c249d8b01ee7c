package pcsc

import (
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestHost_AdvisesWhatThereIs(t *testing.T) {
	debian := host{os: "linux", systemd: true, polkit: true}
	for name, c := range map[string]struct {
		host
		kind cardreader.Kind
		want string
	}{
		"systemd, down": {
			debian, cardreader.ServiceDown,
			"Ask support to start it: systemctl start pcscd.socket",
		},
		"systemd, refused": {debian, cardreader.ServiceRefused, "Ask support about polkit action " +
			"org.debian.pcsc-lite.access_pcsc; remote sessions are refused by default."},
		"no systemd, down": {host{os: "linux"}, cardreader.ServiceDown, "Ask support to start pcscd."},
		"no polkit, refused": {
			host{os: "linux", systemd: true},
			cardreader.ServiceRefused,
			"Ask support to let this account and session use the smartcard reader; " +
				"some systems refuse remote sessions.",
		},
		"Windows, down": {
			host{os: "windows"},
			cardreader.ServiceDown,
			`Ask support to start the service "Smart Card" (SCardSvr).`,
		},
		"macOS, down": {
			host{os: "darwin"},
			cardreader.ServiceDown,
			"Restart this computer; if that does not help, tell support the code.",
		},
		"FreeBSD, down":       {host{os: "freebsd"}, cardreader.ServiceDown, "Ask support to start pcscd."},
		"not about a service": {debian, cardreader.NoCard, "Insert your smartcard, chip first and facing up."},
	} {
		if got := c.withAdvice(&cardreader.Error{Kind: c.kind}).Advice(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}

	for _, system := range []string{"linux", "windows", "darwin", "freebsd"} {
		h := host{os: system}
		for _, said := range []string{h.startAdvice(), h.installAdvice(), h.restartAdvice(), h.accessAdvice()} {
			if strings.Contains(said, "systemctl") || strings.Contains(said, "polkit") {
				t.Errorf("advice on %s without systemd and polkit: got %q, want neither mentioned", system, said)
			}
		}
	}

	if got := debian.withAdvice(&cardreader.Error{Kind: cardreader.ServiceDown, Hint: debian.restartAdvice()}).
		Hint; got != debian.restartAdvice() {
		t.Errorf("advised replaced the existing hint with %q", got)
	}
}
