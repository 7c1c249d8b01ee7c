package people

import "math/rand/v2"

// Family names are put together from a front and a back, so that no list of real people is needed, and drawn so that
// some are common and most are rare, as in life.
var (
	fronts = []string{
		"Ash", "Brad", "Carl", "Dun", "East", "Fern", "Green", "Hart", "Inge", "Kirk", "Lang", "Mar", "North", "Oak",
		"Pem", "Rad", "Stan", "Thorn", "Under", "Wal", "Ald", "Birch", "Crom", "Den", "Elm", "Fair", "Gold", "Hazel",
		"Ir", "Keld", "Lin", "Mill", "Nor", "Orm", "Pick", "Rush", "Shep", "Tat", "Up", "Wind",
	}
	backs = []string{
		"ley", "ton", "ford", "wick", "ham", "by", "worth", "field", "well", "bourne", "combe", "croft", "stead",
		"gate", "more", "den", "hurst", "low", "man", "sett",
	}
	// others are whole: names with an apostrophe, an accent, a space or a hyphen are where programs go wrong.
	others = []string{
		"O'Quillan", "O'Tarrow", "McFennick", "MacAldie", "D'Orsett", "St Marlow", "van der Loom", "Nwakoro", "Adelanwa",
		"Okimbe", "Patelwar", "Sandhavi", "Chaudrin", "Hussani", "Begumsah", "Kowalnik", "Nowaczek", "Müllerby", "Lêvan", "Tran-Ellwood",
	}
	girls = []string{
		"Amelia", "Olive", "Isla", "Ava", "Lily", "Mia", "Freya", "Grace", "Ella", "Poppy", "Ivy", "Willow", "Rosie",
		"Sophia", "Evie", "Alice", "Maya", "Aisha", "Zara", "Fatima", "Priya", "Anya", "Zoë", "Siân", "Niamh", "Chloé",
		"Hannah", "Ruth", "Edith", "Joan", "Margaret", "Beryl", "Anne-Marie", "Leah", "Tess", "Nadia", "Ngozi", "Wanda",
	}
	boys = []string{
		"Oliver", "George", "Arthur", "Noah", "Leo", "Theo", "Archie", "Jack", "Harry", "Oscar", "Alfie", "Finley",
		"Mohammed", "Yusuf", "Ibrahim", "Arjun", "Rohan", "Kofi", "Tomasz", "Piotr", "Rhys", "Iwan", "Callum", "Ewan",
		"Owen", "Samuel", "Ben", "Max", "Ralph", "Stanley", "Walter", "Derek", "Kenneth", "Jean-Luc", "José", "Luca",
	}
	streets = []string{
		"Made Up Row", "Sample Street", "Invented Lane", "Pretend Close", "Nowhere Road", "Example Avenue",
		"Fiction Way", "Placeholder Court", "Model Terrace", "Specimen Gardens",
	}
	// towns stand with a postcode area that no real place has.
	towns = []struct{ name, area string }{
		{"Exampleton", "YA"}, {"Samplebury", "YB"}, {"Mockingham", "YC"}, {"Little Fiction", "YD"}, {"Upper Placeholder", "YE"},
	}
)

// inwards are the letters that the end of a postcode may have.
const inwards = "ABDEFGHJLNPQRSTUWXYZ"

// pick draws evenly.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// skewed draws the first ones far more often than the last.
func skewed[T any](r *rand.Rand, from []T) T {
	u := r.Float64()
	return from[int(u*u*float64(len(from)))]
}

func familyName(r *rand.Rand) string {
	switch draw := r.IntN(100); {
	case draw < 8:
		return pick(r, others)
	case draw < 11:
		return compound(r) + "-" + compound(r)
	default:
		return compound(r)
	}
}

func compound(r *rand.Rand) string { return skewed(r, fronts) + skewed(r, backs) }
