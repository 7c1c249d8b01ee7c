package people

import "math/rand/v2"

// Names are distributed as in a country: many people share a few hundred names, and a few people have each of many
// others. The common ones are real, because they make a search difficult (Smith and Smyth, Sean and Shaun, five
// spellings of Muhammad). The rare ones are assembled from a front, a middle and a back, so that no list of real
// people is needed.
var (
	// families lists family names, roughly in order of frequency in the United Kingdom, most frequent first.
	families = []string{
		"Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Robinson", "Wright",
		"Thompson",
		"Evans", "Walker", "White", "Roberts", "Green", "Hall", "Wood", "Jackson", "Clarke", "Khan", "Hussain", "Ahmed",
		"Ali", "Begum",
		"Singh", "Kaur", "Lewis", "Harris", "Thomas", "James", "Scott", "Turner", "Hill", "Moore", "Clark", "Cooper",
		"Ward", "Morris",
		"King", "Watson", "Baker", "Harrison", "Morgan", "Edwards", "Allen", "Hughes", "Martin", "Campbell", "Mitchell",
		"Phillips",
		"Lee", "Young", "Adams", "Anderson", "Bell", "Bailey", "Collins", "Cook", "Cox", "Richardson", "Shaw",
		"Bennett", "Parker",
		"Miller", "Carter", "Marshall", "Simpson", "Price", "Murphy", "Stewart", "Kelly", "Griffiths", "Chapman",
		"Mason", "Webb",
		"Rogers", "Gray", "Hunt", "Mills", "Palmer", "Holmes", "Knight", "Russell", "Barker", "Stevens", "Dixon",
		"Fisher", "Graham",
		"Butler", "Reynolds", "Foster", "Powell", "Lloyd", "Matthews", "Barnes", "Ellis", "Pearson", "Fletcher",
		"Murray", "Gibson",
		"Ford", "Walsh", "Andrews", "Armstrong", "Howard", "Owen", "Pearce", "Saunders", "Carr", "Jenkins", "Hart",
		"Reid", "Lawrence",
		"Spencer", "Watts", "West", "Payne", "Bradley", "Ryan", "Robertson", "Hussein", "Mahmood", "Akhtar", "Miah",
		"Uddin", "Rahman",
		"Chowdhury", "Islam", "Shah", "Malik", "Iqbal", "Sharma", "Gill", "Sandhu", "Dhillon", "Nguyen", "Chen", "Wang",
		"Li", "Chan",
		"Wong", "Kowalski", "Nowak", "Wojcik", "Kaminski", "Lewandowski", "Ionescu", "Popescu", "Popa", "Silva",
		"Santos", "Costa",
		"Ferreira", "Garcia", "Rodriguez", "Fernandez", "Mensah", "Boateng", "Owusu", "Okafor", "Adeyemi", "Oyelaran",
		"Nwosu", "Abdi",
		"Mohamed", "Hassan", "Osman", "Omar", "Warsame", "Yusuf", "O'Brien", "O'Connor", "O'Neill", "O'Sullivan",
		"O'Reilly", "McDonald",
		"McCarthy", "McKenzie", "MacDonald", "MacLeod", "Fitzgerald", "Gallagher", "Byrne", "Doherty", "Quinn",
		"Kennedy", "Brennan",
		"Stephenson", "Stevenson", "Thomson", "Clarkson", "Philips", "Read", "Reed", "Reade", "Hewitt", "Nicholson",
		"Nicolson", "Whyte",
		"Browne", "Smyth", "Symonds", "Simmonds", "Leigh", "Parkinson", "Atkinson", "Bibi", "Francis", "Gordon",
		"Hudson", "Chambers",
		"Cunningham", "Burton", "Elliott", "Harvey", "Hamilton", "Higgins", "Sutton", "Wallace", "Woods", "Cole", "Kay",
		"Kemp", "Perry",
		"Berry", "Potter", "Sharp", "Weston",
	}
	fronts = []string{
		"Ash", "Brad", "Carl", "Dun", "East", "Fern", "Green", "Hart", "Inge", "Kirk", "Lang", "Mar", "North", "Oak",
		"Pem", "Rad", "Stan", "Thorn", "Under", "Wal", "Ald", "Birch", "Crom", "Den", "Elm", "Fair", "Gold", "Hazel",
		"Ir", "Keld", "Lin", "Mill", "Nor", "Orm", "Pick", "Rush", "Shep", "Tat", "Up", "Wind",
	}
	middles = []string{"er", "ing", "en", "el", "ar", "in", "es", "on"}
	backs   = []string{
		"ley", "ton", "ford", "wick", "ham", "by", "worth", "field", "well", "bourne", "combe", "croft", "stead",
		"gate", "more", "den", "hurst", "low", "man", "sett",
	}
	// others lists names with an apostrophe, an accent, a space or a hyphen, which programs often handle wrongly.
	others = []string{
		"O'Quillan", "O'Tarrow", "McFennick", "MacAldie", "D'Orsett", "St Marlow", "van der Loom", "Nwakoro",
		"Adelanwa",
		"Okimbe", "Patelwar", "Sandhavi", "Chaudrin", "Hussani", "Begumsah", "Kowalnik", "Nowaczek", "Müllerby",
		"Lêvan", "Tran-Ellwood",
	}
	// girls and boys list given names, most frequent first.
	girls = []string{
		"Olivia", "Amelia", "Isla", "Ava", "Mia", "Ivy", "Lily", "Isabella", "Rosie", "Sophia", "Grace", "Freya",
		"Willow", "Florence",
		"Emily", "Ella", "Poppy", "Evie", "Elsie", "Charlotte", "Evelyn", "Sienna", "Sofia", "Daisy", "Phoebe",
		"Sophie", "Alice",
		"Harper", "Matilda", "Ruby", "Emilia", "Maya", "Millie", "Eva", "Jessica", "Isabelle", "Maisie", "Ada", "Esme",
		"Aria", "Chloe",
		"Layla", "Thea", "Eliza", "Penelope", "Arabella", "Violet", "Orla", "Robyn", "Imogen", "Fatima", "Aisha",
		"Maryam", "Zara",
		"Aaliyah", "Hannah", "Zainab", "Khadija", "Amina", "Safa", "Priya", "Anaya", "Simran", "Jasmin", "Nadia",
		"Leila", "Noor",
		"Yasmin", "Sarah", "Rebecca", "Katherine", "Catherine", "Elizabeth", "Victoria", "Emma", "Laura", "Lauren",
		"Rachel", "Samantha",
		"Stephanie", "Nicola", "Michelle", "Claire", "Louise", "Julie", "Susan", "Margaret", "Patricia", "Christine",
		"Jennifer",
		"Linda", "Jean", "Joan", "Dorothy", "Kathleen", "Maureen", "Sandra", "Jacqueline", "Deborah", "Tracey",
		"Sharon", "Alexandra",
		"Gemma", "Amy", "Danielle", "Natalie", "Kirsty", "Siobhan", "Niamh", "Aoife", "Caitlin", "Megan", "Bethany",
		"Ffion", "Seren",
		"Cerys", "Zuzanna", "Katarzyna", "Agnieszka", "Anna", "Maria", "Ioana", "Andreea", "Chiamaka", "Ngozi", "Abena",
		"Adaeze",
		"Hodan", "Ayaan", "Mei", "Ling", "Thuy", "Tess", "Leah", "Ruth", "Edith", "Beryl", "Wanda", "Zoë", "Siân",
		"Chloé", "Anne-Marie",
		"Lily-Mae", "Ella-Rose", "Gracie-May", "Ruby-Mae",
	}
	// See girls.
	boys = []string{
		"Noah", "Muhammad", "George", "Oliver", "Leo", "Arthur", "Luca", "Theodore", "Oscar", "Henry", "Archie", "Jack",
		"Freddie",
		"Harry", "Charlie", "Alfie", "Thomas", "James", "William", "Isaac", "Lucas", "Teddy", "Theo", "Finley",
		"Joshua", "Ethan",
		"Edward", "Alexander", "Joseph", "Mohammed", "Max", "Elijah", "Jude", "Reuben", "Adam", "Samuel", "Daniel",
		"Benjamin", "Mason",
		"Logan", "Jacob", "Harrison", "Sebastian", "Louis", "Toby", "Dylan", "Hugo", "Ezra", "Mohammad", "Mohamed",
		"Ibrahim", "Yusuf",
		"Ali", "Ahmed", "Omar", "Hassan", "Hussain", "Abdullah", "Bilal", "Hamza", "Zayn", "Imran", "Arjun", "Rohan",
		"Aarav",
		"Jaspreet", "Harpreet", "Kofi", "Kwame", "Chukwuemeka", "Emeka", "Tobi", "Ayodele", "David", "Michael",
		"Christopher", "Andrew",
		"Matthew", "Robert", "Richard", "Stephen", "Steven", "Mark", "Paul", "Peter", "John", "Anthony", "Kevin",
		"Gary", "Philip",
		"Geoffrey", "Jeffrey", "Kenneth", "Derek", "Brian", "Alan", "Colin", "Graham", "Nicholas", "Jonathan", "Simon",
		"Stuart",
		"Stewart", "Sean", "Shaun", "Shawn", "Liam", "Connor", "Callum", "Kieran", "Aidan", "Declan", "Patrick",
		"Ciaran", "Rhys",
		"Owen", "Ewan", "Iwan", "Dafydd", "Gareth", "Huw", "Tomasz", "Piotr", "Jakub", "Krzysztof", "Mateusz", "Andrei",
		"Stefan", "Wei",
		"Minh", "Duc", "José", "Jean-Luc", "Tyler", "Kyle", "Ryan", "Nathan", "Aaron", "Luke", "Reece", "Jamie",
		"Stanley", "Walter",
		"Ralph", "Rupert", "Frederick", "Albert", "Ernest", "Ronald", "Gerald", "Raymond", "Abdirahman", "Abdul",
		"Mustafa", "Tariq",
		"Kai", "Zachary", "Gabriel",
	}
	// nicknames maps given names to nicknames.
	nicknames = map[string]string{
		"Alexander": "Alex", "Alexandra": "Lexi", "Elizabeth": "Lizzie", "Katherine": "Katie", "Catherine": "Cath",
		"Robert":  "Bob",
		"William": "Bill", "Margaret": "Peggy", "Frederick": "Fred", "Isabella": "Bella", "Joshua": "Josh",
		"Samuel":    "Sam",
		"Charlotte": "Lottie", "Thomas": "Tom", "Abdullah": "Abdul", "Muhammad": "Mo", "Christopher": "Chris",
		"Zachary": "Zak",
	}
	streets = []string{
		"Made Up Row", "Sample Street", "Invented Lane", "Pretend Close", "Nowhere Road", "Example Avenue",
		"Fiction Way", "Placeholder Court", "Model Terrace", "Specimen Gardens",
	}
	// towns lists towns, each with a postcode area that does not exist.
	towns = []struct{ name, area string }{
		{"Exampleton", "YA"},
		{"Samplebury", "YB"},
		{"Mockingham", "YC"},
		{"Little Fiction", "YD"},
		{"Upper Placeholder", "YE"},
	}
)

// inwards are the letters that may occur at the end of a postcode.
const inwards = "ABDEFGHJLNPQRSTUWXYZ"

// pick returns a random element, all with the same probability.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// skewed returns a random element. The first ones are far more probable than the last.
func skewed[T any](r *rand.Rand, from []T) T {
	u := r.Float64()
	return from[int(u*u*float64(len(from)))]
}

// familyName returns a random family name. Half of all people share the few hundred most frequent names, and a quarter
// of those the first few dozen.
func familyName(r *rand.Rand) string {
	switch draw := r.IntN(100); {
	case draw < 4:
		return pick(r, others)
	case draw < 8:
		return single(r) + "-" + single(r)
	default:
		return single(r)
	}
}

func single(r *rand.Rand) string {
	switch draw := r.IntN(100); {
	case draw < 50:
		return skewed(r, families)
	case draw < 65:
		return pick(r, fronts) + pick(r, backs)
	default:
		return pick(r, fronts) + pick(r, middles) + pick(r, backs)
	}
}
