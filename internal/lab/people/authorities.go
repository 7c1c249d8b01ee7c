package people

// Authority is a local authority with the two numbers to ring.
type Authority struct {
	ID        string // of a form that is not given out: "V991"
	Name      string
	Office    string // in office hours
	Emergency string // the emergency duty team
}

// Authorities returns those of the bench. Their phone numbers belong to nobody (Ofcom's numbers for drama).
func Authorities() []Authority {
	return []Authority{
		{ID: "V991", Name: "EXAMPLESHIRE COUNCIL", Office: "01632960101", Emergency: "01632960102"},
		{ID: "V992", Name: "SAMPLEBURY BOROUGH COUNCIL", Office: "01632960111", Emergency: "01632960112"},
		{ID: "V993", Name: "MOCKINGHAM CITY COUNCIL", Office: "01632960121", Emergency: "01632960122"},
	}
}
