package corrupt

import (
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"wardlight/internal/fhir"
)

// similarNames lists groups of given names that sound alike.
var similarNames = [][]string{
	{"Sean", "Shaun", "Shawn", "Shane"},
	{"Muhammad", "Mohammed", "Mohammad", "Mohamed", "Muhammed", "Mohamad", "Mohamud"},
	{"Katherine", "Catherine", "Kathryn", "Catharine"},
	{"Stephen", "Steven", "Stephan"},
	{"Geoffrey", "Jeffrey", "Jeffery"},
	{"Philip", "Phillip", "Filip"},
	{"Claire", "Clare", "Clair"},
	{"Sara", "Sarah"},
	{"Hannah", "Hanna", "Hana"},
	{"Niamh", "Neve", "Neave"},
	{"Siobhan", "Shivaun", "Chevonne"},
	{"Caitlin", "Kaitlyn", "Katelyn", "Kathleen"},
	{"Aoife", "Eefa"},
	{"Rhys", "Reece", "Rees"},
	{"Ewan", "Euan", "Ewen", "Iwan"},
	{"Isabelle", "Isabel", "Isobel", "Isabella"},
	{"Sofia", "Sophia", "Sofiya"},
	{"Sophie", "Sofie"},
	{"Aisha", "Ayesha", "Aysha"},
	{"Yusuf", "Yousef", "Youssef", "Usuf"},
	{"Hussain", "Hussein", "Husain"},
	{"Hassan", "Hasan"},
	{"Ahmed", "Ahmad", "Achmed"},
	{"Ibrahim", "Ebrahim"},
	{"Fatima", "Fatimah", "Fathima"},
	{"Zainab", "Zaynab"},
	{"Zayn", "Zain", "Zane"},
	{"Noor", "Nur", "Nour"},
	{"Layla", "Leila", "Laila"},
	{"Maryam", "Mariam", "Miriam"},
	{"Omar", "Umar"},
	{"Bilal", "Belal"},
	{"Khadija", "Khadijah", "Kadija"},
	{"Callum", "Calum"},
	{"Connor", "Conor"},
	{"Kieran", "Ciaran", "Kieron"},
	{"Aidan", "Aiden", "Aden"},
	{"Jon", "John"},
	{"Jonathan", "Jonathon", "Johnathan"},
	{"Nicola", "Nichola"},
	{"Michelle", "Michele"},
	{"Tracey", "Tracy"},
	{"Deborah", "Debra"},
	{"Alan", "Allan", "Allen"},
	{"Brian", "Bryan"},
	{"Graham", "Graeme"},
	{"Stuart", "Stewart"},
	{"Lily", "Lilly"},
	{"Elsie", "Elsey"},
	{"Daisy", "Daisey"},
	{"Phoebe", "Pheobe", "Feebee"},
	{"Chloe", "Khloe", "Cloe"},
	{"Zoe", "Zoey"},
	{"Maisie", "Maisy", "Mazie"},
	{"Rebecca", "Rebekah"},
	{"Rachel", "Rachael"},
	{"Emily", "Emilie"},
	{"Amelia", "Emelia"},
	{"Olivia", "Alivia"},
	{"Eva", "Ava"},
	{"Harry", "Harrie"},
	{"Isaac", "Isaak", "Izaac"},
	{"Theo", "Teo"},
	{"Jakub", "Jacob", "Yakub"},
	{"Lucas", "Lukas"},
	{"Mark", "Marc"},
	{"Liam", "Leam"},
	{"Owen", "Owain"},
	{"Abdullah", "Abdallah"},
	{"Mustafa", "Mostafa"},
	{"Tariq", "Tarek", "Tarik"},
	{"Gareth", "Garreth"},
	{"Dafydd", "Davith"},
	{"Anna", "Ana"},
	{"Maria", "Mariya"},
	{"Yasmin", "Jasmin", "Yasmeen"},
}

// short maps given names to their short forms.
var short = map[string][]string{
	"Robert": {"Bob", "Rob", "Bobby"}, "William": {"Bill", "Will", "Billy", "Liam"},
	"Richard": {"Dick", "Rick", "Rich"}, "Margaret": {"Peggy", "Maggie", "Meg"}, "Elizabeth": {
		"Liz", "Beth", "Betty",
		"Libby",
	},
	"Katherine": {"Kate", "Kathy", "Katie"}, "Catherine": {"Cathy", "Kate", "Cath"},
	"Alexander": {"Alex", "Sandy", "Xander"}, "Alexandra": {"Alex", "Sandra", "Lexi"}, "Thomas": {"Tom", "Tommy"},
	"James": {"Jim", "Jamie", "Jimmy"},
	"John":  {"Jack", "Johnny"}, "Joseph": {"Joe", "Joey"}, "Edward": {"Ted", "Ed", "Ned"},
	"Charles": {"Charlie", "Chuck"}, "Charlotte": {"Lottie", "Charlie"}, "Christopher": {"Chris", "Kit"},
	"Christine": {"Chris", "Tina"},
	"Daniel":    {"Dan", "Danny"}, "Danielle": {"Dani"}, "David": {"Dave", "Davey"}, "Matthew": {"Matt", "Matty"},
	"Michael": {"Mike", "Mick", "Mikey"}, "Andrew": {"Andy", "Drew"}, "Anthony": {"Tony", "Ant"},
	"Benjamin": {"Ben", "Benji"},
	"Samuel":   {"Sam", "Sammy"}, "Samantha": {"Sam"}, "Stephen": {"Steve", "Stevie"}, "Steven": {"Steve"},
	"Stephanie": {"Steph"}, "Susan": {"Sue", "Susie"}, "Patricia": {"Pat", "Tricia", "Trish"},
	"Patrick": {"Paddy", "Pat"}, "Peter": {"Pete"},
	"Philip": {"Phil", "Pip"}, "Jennifer": {"Jen", "Jenny"}, "Jessica": {"Jess", "Jessie"},
	"Jonathan": {"Jon", "Jonny"}, "Joshua": {"Josh"}, "Nicholas": {"Nick", "Nicky"}, "Nicola": {"Nicky"},
	"Rebecca": {"Becky", "Becca"}, "Victoria": {"Vicky", "Tori"},
	"Isabella": {"Bella", "Izzy"}, "Isabelle": {"Izzy", "Belle"}, "Florence": {"Flo", "Florrie"}, "Matilda": {"Tilly"},
	"Theodore": {"Theo", "Ted"}, "Frederick": {"Fred", "Freddie"}, "Albert": {"Bert", "Bertie"},
	"Arthur": {"Art", "Artie"},
	"Henry":  {"Harry", "Hal"}, "Archie": {"Arch"}, "Oliver": {"Olly", "Ollie"}, "Olivia": {"Liv", "Livvy"},
	"Amelia": {"Millie", "Amy"}, "Emily": {"Em", "Emmie"}, "Abigail": {"Abi", "Abbie"}, "Gabriel": {"Gabe"},
	"Zachary": {"Zac", "Zak"}, "Sebastian": {"Seb"},
	"Penelope": {"Penny", "Poppy"}, "Eleanor": {"Ellie", "Nell"}, "Dorothy": {"Dot", "Dolly"},
	"Kathleen": {"Kath", "Kathy"}, "Jacqueline": {"Jackie"}, "Deborah": {"Debbie", "Deb"}, "Sandra": {"Sandy"},
	"Ronald": {"Ron", "Ronnie"}, "Gerald": {"Gerry"},
	"Raymond": {"Ray"}, "Kenneth": {"Ken"}, "Geoffrey": {"Geoff"}, "Muhammad": {"Mo"}, "Mohammed": {"Mo"},
	"Mohammad": {"Mo"}, "Abdullah": {"Abdul"}, "Jaspreet": {"Jas"}, "Harpreet": {"Harp"}, "Katarzyna": {"Kasia"},
	"Zuzanna": {"Zuza"}, "Agnieszka": {"Aga"},
	"Krzysztof": {"Kris"}, "Mateusz": {"Matt"}, "Tomasz": {"Tomek"}, "Jakub": {"Kuba"}, "Chiamaka": {"Amaka"},
	"Chukwuemeka": {"Emeka"}, "Ayodele": {"Ayo"}, "Nathan": {"Nate"}, "Harrison": {"Harry"}, "Evelyn": {"Evie", "Eve"},
	"Sophia": {"Sophie"}, "Maryam": {"Mimi"},
	"Reuben": {"Ruby", "Rube"}, "Ibrahim": {"Ibby"}, "Hannah": {"Han"}, "Lauren": {"Loz"}, "Megan": {"Meg"},
	"Bethany": {"Beth"}, "Natalie": {"Nat"}, "Simran": {"Simmi"}, "Priya": {"Pri"}, "Lucas": {"Luke"},
	"Logan": {"Loges"}, "Finley": {"Fin"},
}

// givenByEar replaces the name by one that sounds alike, or calls byEar.
func givenByEar(r *rand.Rand, name *string) bool {
	for _, group := range similarNames {
		if slices.Contains(group, *name) {
			other := group[r.IntN(len(group))]
			changed := other != *name
			*name = other
			return changed
		}
	}
	return byEar(r, name)
}

func shorten(r *rand.Rand, name *string) bool {
	all := short[*name]
	if len(all) == 0 {
		return false
	}
	*name = all[r.IntN(len(all))]
	return true
}

// otherSpellings maps names of foreign origin to other spellings.
var otherSpellings = map[string][]string{
	"Nguyen": {"Ngyuen", "Nguyn", "Nuygen"}, "Wojcik": {"Wójcik", "Voycik"}, "Kowalski": {
		"Kowalsky", "Kovalski",
		"Kowalska",
	}, "Kaminski": {"Kamiński", "Kaminsky"}, "Lewandowski": {"Levandovski", "Lewandowska"},
	"Nowak":   {"Novak"},
	"Hussain": {"Hussein", "Hossain", "Husain"}, "Hussein": {"Hussain", "Hossein"}, "Ahmed": {"Ahmad", "Achmed"},
	"Rahman": {"Rehman", "Raman"}, "Chowdhury": {"Choudhury", "Chaudhry", "Choudhry"}, "Uddin": {"Udin", "Ud-Din"},
	"Mahmood": {"Mahmoud", "Mehmood"}, "Akhtar": {"Akter", "Aktar"}, "Mohamed": {"Mohammed", "Muhammad"},
	"Hassan": {"Hasan", "Hassen"}, "Osman": {"Usman", "Othman"}, "Omar": {"Umar"}, "Yusuf": {"Yousuf", "Yusef"},
	"Abdi":   {"Abdy"},
	"Okafor": {"Okafo", "Okafour"}, "Adeyemi": {"Adeyem", "Adayemi"}, "Owusu": {"Owuso"}, "Boateng": {"Boatang"},
	"Mensah": {"Mensa"}, "Chen": {"Chan", "Cheng"}, "Wang": {"Wong"}, "Wong": {"Wang"}, "Li": {"Lee", "Ly"},
	"Chan":      {"Chen"},
	"Rodriguez": {"Rodríguez", "Rodrigues"}, "Fernandez": {"Fernández", "Fernandes"}, "Garcia": {"García", "Garsia"},
	"Ionescu": {"Ionesco", "Yonescu"}, "Popescu": {"Popesku"}, "Müllerby": {"Muellerby", "Mullerby"},
	"Lêvan":  {"Levan", "Le Van"},
	"Sandhu": {"Sandu"}, "Dhillon": {"Dillon"}, "Begum": {"Begam", "Bagum"}, "Miah": {"Mia", "Miya"},
	"Iqbal": {"Ikbal"}, "Malik": {"Malick"}, "Shah": {"Sha"}, "Warsame": {"Warsama"},
}

// foreign replaces a name of foreign origin by another spelling, or removes its accents.
func foreign(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	if all := otherSpellings[t.Family]; len(all) > 0 {
		t.Family = all[r.IntN(len(all))]
		return true
	}
	bare := func(s string) string {
		return strings.Map(func(c rune) rune {
			if c < 0x80 {
				return c
			}
			return -1
		}, norm.NFD.String(s))
	}
	family, given := bare(t.Family), bare(t.Given)
	if family == t.Family && given == t.Given {
		return false
	}
	t.Family, t.Given = family, given
	return true
}
