package worklist_test

import (
	"strings"
	"testing"

	"wardlight/internal/worklist"
)

func TestLineNotes(t *testing.T) {
	const notUTF8 = "This line is not UTF-8: letters of the name may be wrong."
	for want, p := range map[string]worklist.Patient{
		"":                {Line: 3},
		"Also on line 7.": {Again: []int{7}},
		"Also on lines 7, 9. The same number stands there under another name. Check both. " +
			notUTF8: {Again: []int{7, 9}, OtherName: true, NotUTF8: true},
		notUTF8: {NotUTF8: true},
	} {
		if got := strings.Join(worklist.LineNotes(p), " "); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
}
