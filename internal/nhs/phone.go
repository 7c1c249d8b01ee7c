package nhs

import "strings"

// DisplayPhone groups a British number of eleven digits as it is read aloud. It returns any other number unchanged.
// The area code has three digits if it is like 020, four if it is like 011x, 01x1 or non-geographic, and otherwise
// five.
func DisplayPhone(phone string) string {
	if len(phone) != 11 || phone[0] != '0' || strings.Trim(phone, "0123456789") != "" {
		return phone
	}
	switch {
	case phone[1] == '2':
		return phone[:3] + " " + phone[3:7] + " " + phone[7:]
	case phone[1] == '1' && (phone[2] == '1' || phone[3] == '1'), phone[1] == '3', phone[1] == '8':
		return phone[:4] + " " + phone[4:7] + " " + phone[7:]
	default:
		return phone[:5] + " " + phone[5:]
	}
}
