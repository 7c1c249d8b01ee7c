package cardfolder

import (
	"encoding/hex"
	"regexp"
	"strings"
)

// part identifies the part of a card that a file contains.
type part struct {
	reference byte   // reference of the key whose certificate or key it is; 0 for none
	tag       string // tag of the data object in GET DATA; "" for none
	atr       bool   // answer to reset, in hex
}

// is reports whether the file is a part of a card.
func (p part) is() bool { return p != part{} }

// objectNames maps words in file names to data objects (SP 800-73-4 part 1, table 3).
var objectNames = []struct{ words, tag string }{
	{"discovery", "\x7E"},
	{"chuid", "\x5F\xC1\x02"},
	{"ccc", "\x5F\xC1\x07"},
	{"security object", "\x5F\xC1\x06"},
	{"fingerprints", "\x5F\xC1\x03"},
	{"face object", "\x5F\xC1\x08"},
	{"printed information", "\x5F\xC1\x09"},
	{"key history object", "\x5F\xC1\x0C"},
}

// keyNames maps words in file names to key references. The first match applies. Retired keys have no reference.
var keyNames = []struct {
	words     string
	reference byte
}{
	{"key_hist", 0},
	{"card_auth", 0x9E},
	{"dig_sig", 0x9C},
	{"key_mgmt", 0x9D},
	{"auth", 0x9A},
}

var (
	numbered = regexp.MustCompile(`^\d+ - `)                        // "3 - ICAM_PIV_Auth_SP_800-73-4.crt"
	byKey    = regexp.MustCompile(`(?i)^(9[ACDE])([^0-9A-Za-z]|$)`) // "9A.crt", "9a-key.pem"
	byTag    = regexp.MustCompile(`(?i)^(7E|5FC1[0-9A-F]{2})(\.bin)?$`)
)

// partOf returns the part of a card that a file with the name contains, or the zero part.
func partOf(name string) part {
	if found := byKey.FindStringSubmatch(name); found != nil {
		reference, _ := hex.DecodeString(found[1]) // hex digits by the expression
		return part{reference: reference[0]}
	}

	if found := byTag.FindStringSubmatch(name); found != nil {
		tag, _ := hex.DecodeString(found[1])
		return part{tag: string(tag)}
	}

	name = strings.ToLower(name)
	if name == "atr" || name == "atr.txt" {
		return part{atr: true}
	}

	if name = numbered.ReplaceAllString(name, ""); numberedKey(name) {
		for _, k := range keyNames {
			if strings.Contains(name, k.words) {
				return part{reference: k.reference}
			}
		}
		return part{}
	}

	for _, o := range objectNames {
		if strings.HasPrefix(name, o.words) {
			return part{tag: o.tag}
		}
	}

	return part{}
}

// keyEndings are the extensions of files with certificates and keys.
var keyEndings = []string{".crt", ".cer", ".pem", ".der", ".key", ".p12", ".pfx"}

// numberedKey reports whether the name has the extension of a certificate or key file.
func numberedKey(name string) bool {
	for _, ending := range keyEndings {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}
