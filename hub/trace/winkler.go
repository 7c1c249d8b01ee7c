package trace

import "math/bits"

// maxCompared is the number of letters that are compared. Names in PDS have up to 35 characters.
const maxCompared = 64

// JaroWinkler returns the similarity of two names, from 0 to 1 (Winkler 1990): Jaro's measure, plus a tenth of the
// difference to 1 for each letter of a common prefix of at most four. It doesn't allocate for names in a to z.
func JaroWinkler(a, b string) float64 {
	if a == b {
		return 1
	}
	if letters(a) && letters(b) {
		return winklerOfLetters(a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)])
	}
	return winkler([]rune(a), []rune(b))
}

// letters reports whether s consists of a to z only.
func letters(s string) bool {
	for i := range len(s) {
		if s[i]-'a' >= 26 {
			return false
		}
	}
	return true
}

// winklerOfLetters returns the same as winkler for a to z, but is several times faster: a number's bits are the
// positions of a letter in the other name.
func winklerOfLetters(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}

	var at [32]uint64 // the positions of each letter in b
	for j := range len(b) {
		at[b[j]&31] |= 1 << j
	}

	reach := max(len(a), len(b))/2 - 1
	var inA, inB uint64
	for i := range len(a) {
		if free := at[a[i]&31] &^ inB & within(i-reach, i+reach+1); free != 0 {
			inA, inB = inA|1<<i, inB|free&-free // the lowest position
		}
	}

	if inA == 0 {
		return 0
	}

	agree, astray := float64(bits.OnesCount64(inA)), 0
	for x, y := inA, inB; x != 0; x, y = x&(x-1), y&(y-1) {
		if a[bits.TrailingZeros64(x)] != b[bits.TrailingZeros64(y)] {
			astray++
		}
	}

	j := (agree/float64(len(a)) + agree/float64(len(b)) + (agree-float64(astray/2))/agree) / 3
	common := 0
	for common < min(len(a), len(b), 4) && a[common] == b[common] {
		common++
	}

	return j + float64(common)*0.1*(1-j)
}

// within returns the bits from first up to but not including end. end must be positive.
func within(first, end int) uint64 {
	return ^uint64(0) >> max(0, 64-end) &^ (1<<max(0, first) - 1)
}

// winkler returns the measure for any characters.
func winkler(a, b []rune) float64 {
	a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
	j := jaro(a, b)
	common := 0
	for common < min(len(a), len(b), 4) && a[common] == b[common] {
		common++
	}
	return j + float64(common)*0.1*(1-j)
}

// jaro returns Jaro's measure. Equal letters match if their distance is at most half the length of the longer name.
func jaro(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}

	within := max(len(a), len(b))/2 - 1
	var inA, inB uint64
	agree := 0
	for i, x := range a {
		for j := max(0, i-within); j < min(len(b), i+within+1); j++ {
			if inB&(1<<j) == 0 && b[j] == x {
				inA, inB = inA|1<<i, inB|1<<j
				agree++
				break
			}
		}
	}

	if agree == 0 {
		return 0
	}

	astray, j := 0, 0
	for i, x := range a {
		if inA&(1<<i) == 0 {
			continue
		}
		for inB&(1<<j) == 0 {
			j++
		}
		if b[j] != x {
			astray++
		}
		j++
	}

	m := float64(agree)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(astray/2))/m) / 3
}
