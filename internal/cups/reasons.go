package cups

import (
	"slices"
	"strings"

	"wardlight/internal/text"
)

// reasonWords maps the printer states in which no page is printed (RFC 8011 §5.4.12, PWG 5100.9, and CUPS's own
// "offline") to plain words.
var reasonWords = map[string]string{
	"offline": "switched off or not connected", "shutdown": "switched off", "connecting-to-device": "not answering",
	"timed-out":   "not answering",
	"media-empty": "out of paper", "media-needed": "out of paper", "media-jam": "jammed",
	"door-open": "open", "cover-open": "open", "interlock-open": "open", "input-tray-missing": "missing a tray",
	"toner-empty": "out of toner or ink", "marker-supply-empty": "out of toner or ink",
	"developer-empty":  "out of toner or ink",
	"output-area-full": "full", "spool-area-full": "full", "paused": "stopped", "moving-to-paused": "stopped",
	"stopping": "stopped",
}

// reasonsOf returns why no page is printed, from the line "Alerts:" of lpstat -l, which lists the
// printer-state-reasons. It returns "" if there is no error. Warnings are omitted, because pages are printed in spite
// of them.
func reasonsOf(alerts string) string {
	var all []string
	for _, reason := range strings.FieldsFunc(alerts, func(r rune) bool { return r == ' ' || r == ',' }) {
		keyword, fails := strings.CutSuffix(reason, "-error")
		keyword = strings.TrimSuffix(keyword, "-report")
		said := reasonWords[keyword]
		if said == "" && fails && !strings.ContainsFunc(keyword, notKeyword) {
			said = strings.ReplaceAll(keyword, "-", " ")
		}
		if said != "" && !slices.Contains(all, said) {
			all = append(all, said)
		}
	}
	return text.Clean(strings.Join(all, ", "), maxMessage)
}

// notKeyword reports whether r can't occur in an IPP keyword (RFC 8011 §5.1.4).
func notKeyword(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}
