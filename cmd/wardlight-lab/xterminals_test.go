package main

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"wardlight/internal/lab/labtest"
)

// xTerminal is a terminal emulator in a window on a virtual X server. Keys are sent by the server's keyboard. The
// screen is read by selecting all of it with the mouse.
type xTerminal struct {
	t             *testing.T
	display       string
	window        string
	width, height int // of the window, in pixels
}

// newXTerminal starts the program with its arguments and waits for its window.
func newXTerminal(t *testing.T, program, pkg string, args ...string) *xTerminal {
	t.Helper()
	for name, pkg := range map[string]string{program: pkg, "Xvfb": "xvfb", "xdotool": "xdotool", "xclip": "xclip"} {
		labtest.Need(t, name, pkg)
	}

	x := &xTerminal{t: t, display: startX(t)}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+x.display, "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	said := &labtest.Output{}
	cmd.Stdout, cmd.Stderr = said, said
	p := labtest.Start(t, cmd)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s printed %q", program, said.String())
		}
	})

	p.Until(t, "its window", func() bool {
		out, _ := x.run("xdotool", "search", "--onlyvisible", "--class", program)
		x.window = strings.TrimSpace(out)
		return x.window != "" && !strings.Contains(x.window, "\n")
	})

	x.must("xdotool", "windowmove", x.window, "0", "0", "windowfocus", x.window)

	for _, line := range strings.Split(x.must("xdotool", "getwindowgeometry", "--shell", x.window), "\n") {
		name, value, _ := strings.Cut(line, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "WIDTH":
			x.width = n
		case "HEIGHT":
			x.height = n
		}
	}

	if x.width < 80 || x.height < 24 {
		t.Fatalf("%s: window of %dx%d pixels: %s", program, x.width, x.height, said.String())
	}

	return x
}

// startX starts an X server on a free display, and returns the name of the display.
func startX(t *testing.T) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// Auto-repeat is off, because a key pressed by xdotool may stay down for long on a busy machine. Resets are off,
	// because a server that resets after its last client, such as an xdotool looking for the window, refuses the next
	// client.
	cmd := exec.Command("Xvfb", "-r", "-noreset", "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	labtest.Start(t, cmd)
	write.Close()
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the display number of Xvfb: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

func (x *xTerminal) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(x.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+x.display)
	out, err := cmd.Output()
	return string(out), err
}

func (x *xTerminal) must(name string, args ...string) string {
	x.t.Helper()
	out, err := x.run(name, args...)
	if err != nil {
		x.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

var xKeys = strings.NewReplacer("shift+tab", "shift+Tab", "ctrl+l", "ctrl+l", "enter", "Return", "esc", "Escape", "tab",
	"Tab",
	"backspace", "BackSpace", "delete", "Delete", "home", "Home", "end", "End", "up", "Up", "down", "Down", "left",
	"Left", "f1", "F1")

func (x *xTerminal) press(keys ...string) {
	x.t.Helper()
	for _, k := range keys {
		x.must("xdotool", "key", xKeys.Replace(k))
	}
}

func (x *xTerminal) typed(text string) {
	x.t.Helper()
	x.must("xdotool", "type", text)
}

func (x *xTerminal) screen() string {
	x.t.Helper()
	const edge = 3 // pixels, inside the border
	x.must("xdotool", "mousemove", strconv.Itoa(edge), strconv.Itoa(edge), "mousedown", "1",
		"mousemove", strconv.Itoa(x.width/2), strconv.Itoa(x.height/2), "mousemove", strconv.Itoa(x.width-edge),
		strconv.Itoa(x.height-edge), "mouseup", "1")
	out, _ := x.run("xclip", "-o", "-selection", "primary", "-t", "UTF8_STRING") // fails on an empty screen
	return out
}

func inXterm(t *testing.T, program string) {
	x := newXTerminal(t, "xterm", "xterm", append([]string{"-geometry", "80x24", "-u8", "-e"},
		demoCommand(t, program)...)...)
	fromCardToAlert(t, x)
	checkLock(t, x)
}

// inPterm tests pterm, PuTTY's terminal in a window, which behaves like PuTTY on a thin client.
func inPterm(t *testing.T, program string) {
	x := newXTerminal(t, "pterm", "pterm", append([]string{
		"-geometry", "80x24", "-xrm", "pterm.CharacterSet: UTF-8",
		"-e",
	}, demoCommand(t, program)...)...)
	fromCardToAlert(t, x)
	checkLock(t, x)
}
