package draw

import (
	"strings"
	"unicode"
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
	'►': '>', '▲': '!', '○': 'o', '×': 'x', '•': '*', '·': '.', '…': '~', '–': '-', '’': '\'', '“': '"', '”': '"',
	'░': '/', '◆': '*', '§': '%', '■': '@',
	'←': '<', '→': '>', '↑': '^', '↓': 'v',
	'µ': 'u', 'μ': 'u', // ug is a microgram in UCUM, too
	'−': '-', '‑': '-',
}

// overlays are the combining characters that strike their letter out, or negate it: without them ≠ would be =.
var overlays = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x334, Hi: 0x338, Stride: 1}, {Lo: 0x20d2, Hi: 0x20e5, Stride: 1},
}}

// ToASCII converts a drawn screen for a terminal without UTF-8. Accents are removed, and characters without a
// replacement of the same meaning become question marks, one for each cell: their bytes could contain 8-bit control
// characters. It converts grapheme clusters and not runes, because a cluster can be narrower than the sum of its runes.
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
		parts := norm.NFD.String(letter)
		struck := strings.ContainsFunc(parts, func(r rune) bool { return unicode.Is(overlays, r) })
		switch {
		case ours && !struck:
			b.WriteByte(stand)
		case width == 1 && parts[0] < 0x80 && !struck:
			b.WriteByte(parts[0])
		default:
			b.WriteString(strings.Repeat("?", width))
		}
	}

	return b.String()
}
