package people

import "time"

// visitor is a user who has opened alerts in the past.
type visitor struct{ uuid, name, urid, role, roleName, ods, org string }

var (
	midwife = visitor{
		"999000000301", "Ms Nell Beforehand", "999000000401", "S8000:G8000:R8001", "Nurse Access Role", "X98",
		"MADE UP INFIRMARY",
	}
	triage = visitor{
		"999000000302", "Mr Obi Earlier", "999000000402", "S8000:G8000:R8001", "Nurse Access Role", "X99",
		"EXAMPLE GENERAL HOSPITAL",
	}
	doctor = visitor{
		"999000000303", "Dr Pia Lately", "999000000403", "S8000:G8000:R8000", "Clinical Practitioner Access Role",
		"X99", "EXAMPLE GENERAL HOSPITAL",
	}
	unknown = visitor{
		"999000000304", "Mr " + override + "Ned" + wipe + " Noname", "999000000404", "S8000:G8000:R8001",
		"Nurse" + conceal + " Access Role", "X96", titleBar + "HARMLESS CLINIC" + eightBit,
	}
)

// on returns the visitor's access a number of days before now, at the time of day.
func (v visitor) on(now time.Time, days, hour, minute int) Access {
	y, m, d := now.AddDate(0, 0, -days).Date()
	return Access{
		When: time.Date(y, m, d, hour, minute, 0, 0, now.Location()),
		UUID: v.uuid, Name: v.name, URID: v.urid, Role: v.role, RoleName: v.roleName, ODS: v.ods, OrgName: v.org,
	}
}

// many returns more accesses than the 25 that an opening lists.
func many(now time.Time) []Access {
	who := []visitor{triage, doctor, midwife}
	var all []Access
	for i := range 28 {
		all = append(all, who[i%len(who)].on(now, 1+3*(28-i), (7*i)%24, (13*i)%60))
	}
	return all
}
