//go:build unix

package testterm_test

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// TestMain runs the tests or, if the environment variable is set, a program for the test terminal.
func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv("TESTTERM_CHILD")]; ok {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// children are the programs that this test binary can run as. Each returns its exit code.
var children = map[string]func() int{
	"keys": keysChild, "query": queryChild, "deaf": unreadingChild, "tea": teaChild,
	"stuck": stuckChild,
}

// keysChild shows on the alternate screen each key that it receives, and the size when that changes. q ends it with
// exit code 3.
func keysChild() int {
	old, err := term.MakeRaw(0)
	if err != nil {
		fmt.Println("no terminal:", err)
		return 1
	}
	defer func() { _ = term.Restore(0, old) }()
	sizes := make(chan os.Signal, 1)
	signal.Notify(sizes, syscall.SIGWINCH)
	keys := make(chan string)
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := os.Stdin.Read(buf)
			if err != nil {
				close(keys)
				return
			}
			keys <- string(buf[:n])
		}
	}()

	fmt.Print("\x1b[?1049h\x1b[?25l\x1b[2J\x1b[Hready\x1b[7;1H\x1b[1;7mchosen\x1b[m \x1b[31;44mcolours\x1b[m")

	for {
		select {
		case <-sizes:
			cols, rows, _ := term.GetSize(0)
			fmt.Printf("\x1b[3;1H\x1b[Ksize %d x %d", cols, rows)
		case key := <-keys:
			switch key {
			case "q", "":
				fmt.Print("\x1b[?25h\x1b[?1049l")
				return 3
			case "x":
				fmt.Print("\x1b[2J")
			case "a":
				fmt.Print("\x1b[?1h\x1b[?2004h\x1b[2;1H\x1b[Kapplication")
			default:
				fmt.Printf("\x1b[2;1H\x1b[Kkey %q", key)
			}
		}
	}
}

// queryChild sends queries to the terminal and shows the answers.
func queryChild() int {
	old, _ := term.MakeRaw(0)
	defer func() { _ = term.Restore(0, old) }()
	fmt.Print("\x1b[?2026$p\x1b]11;?\x07\x1b[6n")
	var got strings.Builder
	buf := make([]byte, 64)
	for !strings.HasSuffix(got.String(), "R") {
		n, err := os.Stdin.Read(buf)
		if err != nil {
			return 1
		}
		got.Write(buf[:n])
	}
	fmt.Printf("answers %q", got.String())
	return 0
}

// unreadingChild sends more queries than fit into a terminal's buffer when answered, and never reads.
func unreadingChild() int {
	old, _ := term.MakeRaw(0)
	defer func() { _ = term.Restore(0, old) }()
	fmt.Print(strings.Repeat("\x1b[6n", 5000), "done")
	return 0
}

// stuckChild does not end, and ignores signals that ask it to.
func stuckChild() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	fmt.Print("here")
	select {}
}

// teaChild runs a small Bubble Tea program.
func teaChild() int {
	if _, err := tea.NewProgram(teaModel{}).Run(); err != nil {
		return 1
	}
	return 0
}

type teaModel struct {
	keys []string
	size string
}

func (m teaModel) Init() tea.Cmd { return nil }

func (m teaModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = fmt.Sprintf("%dx%d", msg.Width, msg.Height)
	case tea.PasteMsg:
		m.keys = append(m.keys, "paste:"+msg.Content)
	case tea.KeyPressMsg:
		if msg.String() == "q" {
			return m, tea.Quit
		}
		m.keys = append(m.keys, msg.String())
	}
	return m, nil
}

func (m teaModel) View() tea.View {
	v := tea.NewView("size " + m.size + "\nkeys " + strings.Join(m.keys, " ") + ".")
	v.AltScreen = true
	v.Cursor = tea.NewCursor(0, 1)
	return v
}
