package screenbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wardlight/internal/testterm"
)

// other is a well-known terminal program with which Wardlight is compared. They use libraries that were designed
// thirty years ago for slow lines (ncurses, S-Lang).
type other struct {
	name    string
	prepare func(dir string) (program, error)
	steps   []step
}

// entries is the number of messages or files in the list.
const entries = 30

func others() []other { return []other{mutt(), mc()} }

// mutt returns the mail reader. Its list is the index of messages, and an entry is a message.
func mutt() other {
	return other{"mutt", func(dir string) (program, error) {
		var box strings.Builder
		for i := range entries {
			fmt.Fprintf(&box, "From ward@example Sun Nov 22 14:%02d:00 2026\nFrom: Ada Sample <ward@example>\nTo: "+
				"ed@example\n"+
				"Date: Sun, 22 Nov 2026 14:%02d:00 +0000\nSubject: message %02d of the list\n\nThe text of a "+
				"message, of one line.\n\n", i, i, i)
		}
		home := filepath.Join(dir, "mutt")
		err := write(home, map[string]string{"box": box.String(), "muttrc": "set folder=\"" + home +
			"\"\nset mark_old=no\n"})
		return program{
			args: []string{"-n", "-R", "-F", filepath.Join(home, "muttrc"), "-f", filepath.Join(home, "box")},
			env:  []string{"HOME=" + home}, dir: home,
		}, err
	}, []step{
		{firstFrame, 0, func(t *testterm.Terminal) {
			t.Expect(testterm.Contains("message 00"), testterm.Contains("message 19")).Press("=").
				Expect(testterm.Reverse("message 00"))
		}},
		{moveDown, 0, func(t *testterm.Terminal) { t.Press("j").Expect(testterm.Reverse("message 01")) }},
		{moveUp, 0, func(t *testterm.Terminal) { t.Press("k").Expect(testterm.Reverse("message 00")) }},
		{openEntry, 0, func(t *testterm.Terminal) {
			t.Press("enter").Expect(testterm.Contains("The text of a message"))
		}},
		{"", 0, func(t *testterm.Terminal) {
			t.Press("q").Expect(testterm.Contains("message 19")).Press("l").Expect(testterm.Line(-1).Contains("Limit"))
		}},
		{typeLetter, 0, func(t *testterm.Terminal) { t.Type("E").Expect(testterm.Line(-1).Contains("E")) }},
		{leave, 0, func(t *testterm.Terminal) {
			t.Press("ctrl+g").Expect(testterm.Not(testterm.Line(-1).Contains("Limit"))).Press("x")
			t.Wait()
		}},
	}}
}

// mc returns Midnight Commander. Its list is a folder, an entry is a file in its viewer, and a field is the command
// line.
func mc() other {
	return other{"mc", func(dir string) (program, error) {
		home := filepath.Join(dir, "mc")
		files := map[string]string{}
		for i := range entries {
			files[fmt.Sprintf("entry%02d", i)] = "The text of a file, of one line.\n"
		}
		err := write(filepath.Join(home, "files"), files)
		return program{
			args: []string{
				"--nosubshell", "--nomouse", "--nocolor", filepath.Join(home, "files"),
				filepath.Join(home, "files"),
			},
			env: []string{"HOME=" + home}, dir: home,
		}, err
	}, []step{
		{firstFrame, 0, func(t *testterm.Terminal) {
			t.Expect(testterm.Contains("entry00"), testterm.Line(-1).Contains("10Quit"))
		}},
		{"", 0, func(t *testterm.Terminal) { t.Press("down").Expect(testterm.Line(-5).Contains("entry00")) }},
		{moveDown, 0, func(t *testterm.Terminal) { t.Press("down").Expect(testterm.Line(-5).Contains("entry01")) }},
		{moveUp, 0, func(t *testterm.Terminal) { t.Press("up").Expect(testterm.Line(-5).Contains("entry00")) }},
		{typeLetter, 0, func(t *testterm.Terminal) { t.Type("E").Expect(testterm.Line(-2).Contains("E")) }},
		{openEntry, 0, func(t *testterm.Terminal) { t.Type("\x1b3").Expect(testterm.Contains("The text of a file")) }},
		{leave, 0, func(t *testterm.Terminal) {
			t.Type("\x1b0").Expect(testterm.Contains("entry00")).Type("\x1b0")
			t.Wait()
		}},
	}}
}

// write creates a folder and writes files into it.
func write(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
