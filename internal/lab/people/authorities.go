package people

// Authority is a local authority with its two telephone numbers.
type Authority struct {
	ID        string // in a form that is never assigned: "V991"
	Name      string
	Office    string // number in office hours
	Emergency string // number of the emergency duty team
}

// Authorities returns the synthetic authorities. Their telephone numbers are reserved by Ofcom for fiction.
func Authorities() []Authority {
	return []Authority{
		{ID: "V991", Name: "EXAMPLESHIRE COUNCIL", Office: "01632960101", Emergency: "01632960102"},
		{ID: "V992", Name: "SAMPLEBURY BOROUGH COUNCIL", Office: "01632960111", Emergency: "01632960112"},
		{ID: "V993", Name: "MOCKINGHAM CITY COUNCIL", Office: "01632960121", Emergency: "01632960122"},
	}
}
