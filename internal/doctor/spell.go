package doctor

import "strings"

// phonetic maps letters to their names on the telephone (NATO; ICAO Annex 10).
var phonetic = map[rune]string{
	'A': "Alfa", 'B': "Bravo", 'C': "Charlie", 'D': "Delta", 'E': "Echo", 'F': "Foxtrot", 'G': "Golf", 'H': "Hotel",
	'I': "India",
	'J': "Juliett", 'K': "Kilo", 'L': "Lima", 'M': "Mike", 'N': "November", 'O': "Oscar", 'P': "Papa", 'Q': "Quebec",
	'R': "Romeo",
	'S': "Sierra", 'T': "Tango", 'U': "Uniform", 'V': "Victor", 'W': "Whiskey", 'X': "X-ray", 'Y': "Yankee",
	'Z': "Zulu",
}

// Spell returns a support code as it is read aloud: "Charlie 1 0, dash, 8 0 1 0 0 0 1 Delta". A part without digits
// after the first dash, such as ACCESS_DENIED, is read as words.
func Spell(code string) string {
	parts := strings.Split(code, "-")
	said := make([]string, len(parts))
	for i, part := range parts {
		if i > 0 && !strings.ContainsAny(part, "0123456789") {
			said[i] = strings.ToLower(strings.ReplaceAll(part, "_", " "))
			continue
		}
		var signs []string
		for _, r := range part {
			sign, letter := phonetic[r]
			if !letter {
				sign = string(r)
			}
			signs = append(signs, sign)
		}
		said[i] = strings.Join(signs, " ")
	}
	return strings.Join(said, ", dash, ")
}
