package draw

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// Signs that accompany words, each one cell wide. signs has their replacements in ASCII.
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

	// The signs of flags other than child protection.
	SignAdjustments = "◆"
	SignFGM         = "§"
	SignOtherFlag   = "■"
)

// signs maps this program's characters outside of ASCII to their replacements on a terminal without UTF-8. Both take
// one cell, so a drawn screen can be converted.
var signs = map[rune]byte{
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+',
	'═': '=', '║': '#', '╔': '#', '╗': '#', '╚': '#', '╝': '#',
	'►': '>', '▲': '!', '○': 'o', '×': 'x', '•': '*', '·': '-', '…': '~', '–': '-', '’': '\'', '“': '"', '”': '"',
	'░': '/', '◆': '*', '§': '%', '■': '@',
	'←': '<', '→': '>', '↑': '^', '↓': 'v',
}

// ToASCII converts a drawn screen for a terminal without UTF-8. Accents are removed, and other characters become
// question marks, one for each cell: their bytes could contain 8-bit control characters. It converts grapheme clusters
// and not runes, because a cluster can be narrower than the sum of its runes.
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
