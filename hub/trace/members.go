package trace

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// The functions in this file read JSON in place, so that what a search shows is copied only once, and members unknown
// to the hub remain unchanged. Their input must be valid JSON.

// members returns the members of an object in order. It returns none if the value isn't an object.
func members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		if !opens(object, '{') {
			return
		}
		for i := after(object, 0, '{'); i < len(object) && object[i] != '}'; i = after(object, i, ',') {
			name := object[i:end(object, i)]
			i = after(object, i+len(name), ':')
			value := object[i:end(object, i)]
			i += len(value)
			if len(value) == 0 || !yield(unquoted(name), value) {
				return
			}
		}
	}
}

// elements returns the elements of an array in order. It returns none if the value isn't an array.
func elements(array []byte) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		if !opens(array, '[') {
			return
		}
		for i := after(array, 0, '['); i < len(array) && array[i] != ']'; i = after(array, i, ',') {
			value := array[i:end(array, i)]
			i += len(value)
			if len(value) == 0 || !yield(value) {
				return
			}
		}
	}
}

// opens reports whether a value begins with that bracket.
func opens(value []byte, bracket byte) bool {
	i := blank(value, 0)
	return i < len(value) && value[i] == bracket
}

// unquoted decodes a JSON string as encoding/json does, which replaces bytes that aren't UTF-8. It returns "" if the
// value isn't a string.
func unquoted(quoted []byte) string {
	if len(quoted) < 2 || quoted[0] != '"' {
		return ""
	}
	if bytes.IndexByte(quoted, '\\') >= 0 || !utf8.Valid(quoted) {
		var s string
		if json.Unmarshal(quoted, &s) != nil {
			return ""
		}
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// after returns the index of the next value after white space and, if present, that sign.
func after(b []byte, i int, sign byte) int {
	i = blank(b, i)
	if i < len(b) && b[i] == sign {
		i = blank(b, i+1)
	}
	return i
}

func blank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// end returns the index after the value that begins at i.
func end(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(b))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}

	return len(b)
}
