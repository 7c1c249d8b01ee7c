package main

import (
	"fmt"
	"io"
	"sync"
	"text/tabwriter"

	"wardlight/cardreader"
	"wardlight/internal/text"
)

// maxAsked is the maximum number of exchanges with a card that are listed; the others are only counted. maxCommand is
// the maximum number of characters of a command that are shown.
const (
	maxAsked   = 1000
	maxCommand = 64
)

// commandLog records the commands that a card receives. It never records the passcode.
type commandLog struct {
	mu    sync.Mutex
	lines []string // name, response and command, separated by tabs
	more  int
}

// add records one exchange.
func (a *commandLog) add(command, response []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.lines) == maxAsked {
		a.more++
		return
	}
	answer := fmt.Sprintf("%X", response)
	if n := len(response) - 2; n > 0 {
		answer = fmt.Sprintf("%X, %d bytes", response[n:], n)
	}
	line := commandName(command) + "\t" + answer + "\t" + text.Clean(cardreader.Redacted(command), maxCommand)
	a.lines = append(a.lines, line)
}

// print writes the list.
func (a *commandLog) print(w io.Writer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.lines) == 0 {
		_, err := fmt.Fprintln(w, "The card received no commands.")
		return err
	}
	fmt.Fprintf(w, "The card received (its response, and the command):\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, line := range a.lines {
		fmt.Fprintf(t, "%4d\t%s\n", i+1, line)
	}
	if err := t.Flush(); err != nil || a.more == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "and %d more exchanges\n", a.more)
	return err
}

// Names of the data objects and commands of a PIV card (SP 800-73-4 part 1, table 3, and part 2).
var (
	instructionNames = map[byte]string{
		0x24: "CHANGE REFERENCE DATA", 0x2C: "RESET RETRY COUNTER", 0x47: "GENERATE ASYMMETRIC KEY PAIR",
		0xA4: "SELECT",
		0xC0: "GET RESPONSE", 0xCA: "GET DATA", 0xCB: "GET DATA", 0xDB: "PUT DATA",
	}
	objectNames = map[string]string{
		"\x5C\x01\x7E": "discovery object", "\x5C\x03\x5F\xC1\x01": "certificate 9E", "\x5C\x03\x5F\xC1\x02": "CHUID",
		"\x5C\x03\x5F\xC1\x05": "certificate 9A", "\x5C\x03\x5F\xC1\x07": "CCC",
		"\x5C\x03\x5F\xC1\x0A": "certificate 9C",
		"\x5C\x03\x5F\xC1\x0B": "certificate 9D",
	}
)

// commandName returns a command's name, such as "GET DATA, certificate 9A".
func commandName(command []byte) string {
	if len(command) < 4 {
		return "no command"
	}

	data := dataOf(command)
	name, known := instructionNames[command[1]]
	switch ins := command[1]; {
	case ins == 0x20 && command[2] == 0xFF:
		return "VERIFY, log out"
	case ins == 0x20 && len(data) == 0:
		return "VERIFY, tries left"
	case ins == 0x20:
		return "VERIFY, passcode"
	case ins == 0x87:
		name = fmt.Sprintf("GENERAL AUTHENTICATE, key %02X", command[3])
	case ins == 0xCB && objectNames[string(data)] != "":
		name += ", " + objectNames[string(data)]
	case !known:
		name = fmt.Sprintf("instruction %02X", ins)
	}

	if command[0]&0x10 != 0 {
		name += ", to be continued"
	}

	return name
}

// dataOf returns the data of a short or extended command, or nil if it has none.
func dataOf(command []byte) []byte {
	body := command[4:]
	switch {
	case len(body) < 2:
		return nil
	case body[0] != 0:
		return body[1:min(1+int(body[0]), len(body))]
	case len(body) > 3:
		return body[3:min(3+(int(body[1])<<8|int(body[2])), len(body))]
	}
	return nil
}
