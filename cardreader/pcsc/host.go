package pcsc

import (
	"os"
	"runtime"

	"wardlight/cardreader"
)

// host describes this computer for advice about the smartcard service.
type host struct {
	os      string // like runtime.GOOS
	systemd bool   // services run under systemd
	polkit  bool   // pcscd uses polkit to authorise access to readers
}

// Files that show whether systemd and polkit are used: see sd_booted(3), and the action file of pcsc-lite.
const (
	systemdFolder = "/run/systemd/system"
	polkitAction  = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
)

// thisHost returns the description of this computer.
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

// startAdvice returns the advice if the service is not running.
func (h host) startAdvice() string {
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

// installAdvice returns the advice if the service seems not to be installed.
func (h host) installAdvice() string {
	if h.systemd {
		return "Ask support to install pcscd, or to start it: systemctl start pcscd.socket"
	}
	return "Ask support to install pcscd, or to start it."
}

// restartAdvice returns the advice if the service has stopped and left its socket.
func (h host) restartAdvice() string {
	if h.systemd {
		return "Ask support to restart it: systemctl restart pcscd.socket pcscd"
	}
	return "Ask support to restart pcscd."
}

// accessAdvice returns the advice if the service refuses access.
func (h host) accessAdvice() string {
	if h.polkit {
		return "Ask support about polkit action org.debian.pcsc-lite.access_pcsc; remote sessions are refused by " +
			"default."
	}
	return "Ask support to let this account and session use the smartcard reader; some systems refuse remote sessions."
}

// withAdvice returns e with advice about the service on this computer. It doesn't replace existing advice.
func (h host) withAdvice(e *cardreader.Error) *cardreader.Error {
	switch {
	case e.Hint != "":
	case e.Kind == cardreader.ServiceDown:
		e.Hint = h.startAdvice()
	case e.Kind == cardreader.ServiceRefused:
		e.Hint = h.accessAdvice()
	}
	return e
}
