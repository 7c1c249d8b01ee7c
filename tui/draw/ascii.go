package draw

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// Signs that go with words, each one cell wide; signs has what stands for them in ASCII.
const (
	SignChosen       = "►"
	SignFailed       = "×"
	SignNobody       = "○"
	SignAlert        = "▲"
	SignNoneRecorded = "○"
	SignNotChecked   = "–"
	SignDot          = "•"
	SignNone         = "–"
	SignDead         = "░"
)

// signs are the letters of ours that aren't ASCII, with what stands for them where the terminal has nothing else. Each
// fills one cell, as its stand-in does, so a drawn screen can be translated as it is.
var signs = map[rune]byte{
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+',
	'═': '=', '║': '#', '╔': '#', '╗': '#', '╚': '#', '╝': '#',
	'►': '>', '▲': '!', '○': 'o', '×': 'x', '•': '*', '·': '-', '…': '~', '–': '-', '’': '\'', '“': '"', '”': '"', '░': '/',
	'←': '<', '→': '>', '↑': '^', '↓': 'v',
}

// ToASCII returns a drawn screen for a terminal that isn't UTF-8. Letters with accents lose them and all others
// become question marks, as many as the letter has cells: sent as they are, their bytes can hold 8-bit control
// characters. It goes by letters and not by runes, because a letter of several runes is not as wide as their sum.
func ToASCII(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] < 0x80 && (len(s) == 1 || s[1] < 0x80) {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		letter, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(letter):]
		first, _ := utf8.DecodeRuneInString(letter)
		stand, ours := signs[first]
		base := norm.NFD.String(string(first))[0]
		switch {
		case ours:
			b.WriteByte(stand)
		case width == 1 && base < 0x80:
			b.WriteByte(base)
		default:
			b.WriteString(strings.Repeat("?", width))
		}
	}
	return b.String()
}
