package sqlite

import (
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// people returns n patients.
func people(n int) []store.Patient {
	var all []store.Patient
	for i := range n {
		number := digitsOf(int64(9990000018 + (i*7)%n))
		all = append(all, store.Patient{
			Number: number, Body: []byte(`{"id":"` + number.Digits() + `"}`), Confidential: i%3 == 0,
			Related: [][]byte{[]byte(`{"id":"R1"}`)},
			Keys: store.Keys{
				Gender: "female", Born: nhs.Date{Year: 2016, Month: 3, Day: 1 + i%20},
				Names: []store.NameKey{{
					Family: "example", Given: []string{"tess"}, Spelt: "example tess",
					Sounds: []store.Sound{
						{Family: "a251", Given: "t200"}, {Family: "a251", Given: "m600"},
					},
				}},
				Near: []store.NearKey{{Key: "a251", Ends: 1 << 53}, {Key: "^ex", Ends: 3}},
				Marks: []store.Mark{
					{Kind: store.Postcode, Value: "ls14ap", Ends: nhs.Date{Year: 2020, Month: 1, Day: 1}},
					{Kind: store.Postcode, Value: "ls14ap"},
				},
			},
		})
	}

	all[n-1].SupersededBy = all[0].Number
	return all
}
