package pcsc

import (
	"os"
	"runtime"

	"wardlight/cardreader"
)

// host is what a sentence about the smartcard service has to know of this computer: support is sent to what there is.
type host struct {
	os      string // as runtime.GOOS
	systemd bool   // systemd runs the services
	polkit  bool   // pcscd asks polkit who may use the readers
}

// Where systemd and polkit are seen: sd_booted(3), and the action that pcsc-lite installs.
const (
	systemdFolder = "/run/systemd/system"
	polkitAction  = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
)

// thisHost looks at the computer that the program runs on.
func thisHost() host {
	there := func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	}
	h := host{os: runtime.GOOS}
	if h.os == "linux" {
		h.systemd, h.polkit = there(systemdFolder), there(polkitAction)
	}
	return h
}

// start returns the advice where the service does not run.
func (h host) start() string {
	switch {
	case h.os == "windows":
		return `Ask support to start the service "Smart Card" (SCardSvr).`
	case h.os == "darwin":
		return "Restart this computer; if that does not help, tell support the code."
	case h.systemd:
		return "Ask support to start it: systemctl start pcscd.socket"
	}
	return "Ask support to start pcscd."
}

// install returns the advice where there is no trace of the service.
func (h host) install() string {
	if h.systemd {
		return "Ask support to install pcscd, or to start it: systemctl start pcscd.socket"
	}
	return "Ask support to install pcscd, or to start it."
}

// restart returns the advice where the service has stopped and left its socket behind.
func (h host) restart() string {
	if h.systemd {
		return "Ask support to restart it: systemctl restart pcscd.socket pcscd"
	}
	return "Ask support to restart pcscd."
}

// allow returns the advice where the service refuses this session.
func (h host) allow() string {
	if h.polkit {
		return "Ask support about polkit action org.debian.pcsc-lite.access_pcsc; remote sessions are refused by default."
	}
	return "Ask support to let this account and session use the smartcard reader; some systems refuse remote sessions."
}

// advised returns e with what to do about the service on this computer, where nothing is said yet.
func (h host) advised(e *cardreader.Error) *cardreader.Error {
	switch {
	case e.Hint != "":
	case e.Kind == cardreader.ServiceDown:
		e.Hint = h.start()
	case e.Kind == cardreader.ServiceRefused:
		e.Hint = h.allow()
	}
	return e
}
