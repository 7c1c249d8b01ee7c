package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// signs are the letters of ours that aren't ASCII, with what stands for them where the terminal has nothing else. Each
// fills one cell, as its stand-in does, so a drawn screen can be translated as it is.
var signs = map[rune]byte{
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+',
	'═': '=', '║': '#', '╔': '#', '╗': '#', '╚': '#', '╝': '#',
	'►': '>', '▲': '!', '○': 'o', '×': 'x', '•': '*', '·': '-', '…': '~', '–': '-', '’': '\'', '“': '"', '”': '"', '░': '/',
	'←': '<', '→': '>', '↑': '^', '↓': 'v',
}

// toASCII is a drawn screen for a terminal that isn't UTF-8. Letters with accents lose them and all others become
// question marks: sent as they are, their bytes can hold 8-bit control characters.
func toASCII(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch stand, ours := signs[r]; {
		case r < 0x80:
			b.WriteRune(r)
		case ours:
			b.WriteByte(stand)
		default:
			if base := norm.NFD.String(string(r))[0]; base < 0x80 {
				b.WriteByte(base)
			} else {
				b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
			}
		}
	}
	return b.String()
}
