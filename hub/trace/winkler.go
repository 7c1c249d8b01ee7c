package trace

import "unicode/utf8"

// longestCompared is how much of a name is compared; PDS has names of up to 35 characters.
const longestCompared = 64

// JaroWinkler is how alike two names are, from 0 to 1 (Winkler 1990: Jaro's measure, with a tenth of what lacks to 1 given
// back for each letter of a common beginning, of four at most). It allocates nothing for names in a to z.
func JaroWinkler(a, b string) float64 {
	if a == b {
		return 1
	}
	if !ascii(a) || !ascii(b) {
		return winkler([]rune(a), []rune(b))
	}
	return winkler([]byte(a), []byte(b))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func winkler[T byte | rune](a, b []T) float64 {
	a, b = a[:min(len(a), longestCompared)], b[:min(len(b), longestCompared)]
	j := jaro(a, b)
	common := 0
	for common < min(len(a), len(b), 4) && a[common] == b[common] {
		common++
	}
	return j + float64(common)*0.1*(1-j)
}

// jaro is Jaro's measure. Letters agree when they are the same and not further apart than half the longer name.
func jaro[T byte | rune](a, b []T) float64 {
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
