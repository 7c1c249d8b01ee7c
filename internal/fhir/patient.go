package fhir

// Patient is a patient in PDS (PDS FHIR R4 API). A minimal patient may lack name, gender and birth date.
type Patient struct {
	ResourceType         string         `json:"resourceType"` // "Patient"
	ID                   string         `json:"id,omitempty"` // NHS number; the current one, if superseded
	Meta                 *Meta          `json:"meta,omitempty"`
	Identifier           []Identifier   `json:"identifier,omitempty"`
	Name                 []HumanName    `json:"name,omitempty"`
	Telecom              []ContactPoint `json:"telecom,omitempty"`
	Gender               string         `json:"gender,omitempty"`    // male, female, other or unknown
	BirthDate            string         `json:"birthDate,omitempty"` // yyyy, yyyy-mm or yyyy-mm-dd
	DeceasedDateTime     string         `json:"deceasedDateTime,omitempty"`
	Address              []Address      `json:"address,omitempty"`
	MultipleBirthInteger *int           `json:"multipleBirthInteger,omitempty"`
	GeneralPractitioner  []Practice     `json:"generalPractitioner,omitempty"`
}

// HumanName is a name with its period of use. Use is usual, temp, nickname, old or maiden.
type HumanName struct {
	ID     string   `json:"id,omitempty"`
	Use    string   `json:"use,omitempty"`
	Period *Period  `json:"period,omitempty"`
	Family string   `json:"family,omitempty"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
	Suffix []string `json:"suffix,omitempty"`
}

// Address has up to five lines by convention. Use is home, temp, billing or work.
type Address struct {
	ID         string   `json:"id,omitempty"`
	Use        string   `json:"use,omitempty"`
	Period     *Period  `json:"period,omitempty"`
	Line       []string `json:"line,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
}

// Practice is the general practice with which a patient is registered, by ODS code.
type Practice struct {
	ID         string     `json:"id,omitempty"`
	Type       string     `json:"type,omitempty"` // "Organization"
	Identifier Identifier `json:"identifier"`
}

// Confidentiality returns the patient's code in system v3-Confidentiality: U unrestricted, R restricted, V very
// restricted, or REDACTED. If there are several it returns the strictest, if there are none "".
func (p *Patient) Confidentiality() string {
	if p.Meta == nil {
		return ""
	}
	strictest := ""
	for _, c := range p.Meta.Security {
		if (c.System == "" || c.System == SystemConfidential) &&
			(strictest == "" || strictness(c.Code) > strictness(strictest)) {
			strictest = c.Code
		}
	}
	return strictest
}

// strictness returns the rank of a code of v3-Confidentiality. An unknown code ranks above the unrestricted codes and
// below R.
func strictness(code string) int {
	switch code {
	case "", "U", "L", "M", "N":
		return 0
	case "R":
		return 2
	case "V":
		return 3
	case "REDACTED":
		return 4
	default:
		return 1
	}
}

// Restricted reports whether everything that discloses where the patient lives must be withheld. It is true for R and
// V, and for unknown codes.
func (p *Patient) Restricted() bool {
	code := p.Confidentiality()
	return code != "REDACTED" && strictness(code) > 0
}
