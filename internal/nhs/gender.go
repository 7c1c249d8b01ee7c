package nhs

// Gender is the administrative gender of FHIR R4 (value set administrative-gender). The zero value says that none was
// given.
type Gender string

// The genders that FHIR knows.
const (
	Male          Gender = "male"
	Female        Gender = "female"
	OtherGender   Gender = "other"
	UnknownGender Gender = "unknown"
)

// Display returns the gender as it is shown, in full (CUI, sex and current gender display): Male, Female, Other
// Specific, Not Known, and Not Specified for none. A code that FHIR doesn't know is Not Known.
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
