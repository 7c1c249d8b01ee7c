package people

import (
	"fmt"
	"iter"

	"wardlight/internal/nhs"
)

// MaxPeople is the maximum number of people that one seed can generate.
const MaxPeople = len(blocks) * blockSize * 10 / 11

// Generated numbers are in blocks of the range that is never issued. The first 100,000 of each block are reserved for
// named people.
const (
	blockSize = 900_000
	blockBase = 100_000
	stride    = 611_953 // coprime to blockSize, so that each number of a block occurs once
)

// blocks are the first three digits of the blocks, in the order of use.
var blocks = [...]int{999, 998, 997, 996, 995, 994, 993, 992, 991, 990, 989, 988, 987, 986}

// Numbers returns a sequence of distinct valid NHS numbers, until the blocks are exhausted.
func Numbers() iter.Seq[nhs.Number] {
	return func(yield func(nhs.Number) bool) {
		for candidate := range len(blocks) * blockSize {
			if n, ok := number(nine(candidate)); ok && !yield(n) {
				return
			}
		}
	}
}

// nine returns the first nine digits of a candidate.
func nine(candidate int) string {
	block, place := blocks[candidate/blockSize], candidate%blockSize*stride%blockSize
	return fmt.Sprintf("%03d%06d", block, blockBase+place)
}

// number returns the NHS number for the first nine digits. It returns false if there is no check digit, as for one in
// eleven, or if all ten digits are equal, which is invalid.
func number(nine string) (nhs.Number, bool) {
	check, ok := nhs.CheckDigit(nine)
	if !ok {
		return "", false
	}
	n, err := nhs.ParseNumber(nine + string(check))
	return n, err == nil
}
