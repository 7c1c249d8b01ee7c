package nhs

// Gender is the administrative gender of FHIR R4 (value set administrative-gender). The zero value means that it was
// not given.
type Gender string

// The genders that FHIR defines.
const (
	Male          Gender = "male"
	Female        Gender = "female"
	OtherGender   Gender = "other"
	UnknownGender Gender = "unknown"
)

// Display returns the gender for display, in full (CUI, sex and current gender display): Male, Female, Other Specific,
// Not Known, or Not Specified for the zero value. It returns Not Known for a code that FHIR doesn't define.
func (g Gender) Display() string {
	switch g {
	case Male:
		return "Male"
	case Female:
		return "Female"
	case OtherGender:
		return "Other Specific"
	case "":
		return "Not Specified"
	}
	return NotKnown
}
