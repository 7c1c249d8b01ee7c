package testterm

import (
	"strings"
	"unicode/utf8"
)

// named maps names of keys to what xterm and compatible terminals send.
var named = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "space": " ",
	"insert": "\x1b[2~", "delete": "\x1b[3~", "pgup": "\x1b[5~", "pgdown": "\x1b[6~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
	"f7": "\x1b[18~",
	"f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
	"ctrl+space": "\x00", "ctrl+\\": "\x1c", "ctrl+]": "\x1d",
}

// cursor maps names of cursor keys to the last byte of their sequences.
var cursor = map[string]string{"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}

// keyBytes returns what a terminal sends for a key, or false for an unknown name. application is whether the program
// switched the cursor keys to application mode (DECCKM).
func keyBytes(key string, application bool) (string, bool) {
	if s, ok := named[key]; ok {
		return s, true
	}

	if s, ok := cursor[key]; ok {
		if application {
			return "\x1bO" + s, true
		}
		return "\x1b[" + s, true
	}

	if rest, ok := strings.CutPrefix(key, "alt+"); ok {
		s, ok := keyBytes(rest, application)
		return "\x1b" + s, ok
	}

	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		if len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z' {
			return string(rest[0] - 'a' + 1), true
		}
		for mod, s := range cursor {
			if rest == mod {
				return "\x1b[1;5" + s, true
			}
		}
		return "", false
	}

	return key, utf8.RuneCountInString(key) == 1
}

// IsKey reports whether Console.Press accepts name.
func IsKey(name string) bool {
	_, ok := keyBytes(name, false)
	return ok
}
