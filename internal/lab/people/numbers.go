package people

import (
	"fmt"
	"iter"

	"wardlight/internal/nhs"
)

// Most is how many people one seed can make.
const Most = len(blocks) * blockSize * 10 / 11

// Numbers come from blocks of the range that is never issued; the first 100,000 of each are left to the named.
const (
	blockSize = 900_000
	blockBase = 100_000
	stride    = 611_953 // has no divisor in common with blockSize, so each number of a block comes up once
)

// blocks are the first three digits, in the order in which they are used up.
var blocks = [...]int{999, 998, 997, 996, 995, 994, 993, 992, 991, 990, 989, 988, 987, 986}

// Numbers returns valid NHS numbers, each once, until the blocks are used up.
func Numbers() iter.Seq[nhs.Number] {
	return func(yield func(nhs.Number) bool) {
		for candidate := range len(blocks) * blockSize {
			if n, ok := number(nine(candidate)); ok && !yield(n) {
				return
			}
		}
	}
}

// nine returns the first nine digits of the candidate's number.
func nine(candidate int) string {
	block, place := blocks[candidate/blockSize], candidate%blockSize*stride%blockSize
	return fmt.Sprintf("%03d%06d", block, blockBase+place)
}

// number returns the NHS number for the first nine digits; it reports false for the one in eleven that has none, and
// for ten equal digits, which are no number although their arithmetic is right.
func number(nine string) (nhs.Number, bool) {
	check, ok := nhs.CheckDigit(nine)
	if !ok {
		return "", false
	}
	n, err := nhs.ParseNumber(nine + string(check))
	return n, err == nil
}
