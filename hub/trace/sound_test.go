package trace_test

import (
	"math"
	"testing"

	"wardlight/hub/trace"
)

// The codes are the examples of the United States National Archives and of Knuth (The Art of Computer Programming,
// volume 3, section 6).
func TestSoundexOfPublishedExamples(t *testing.T) {
	for name, want := range map[string]string{
		"washington": "w252", "lee": "l000", "gutierrez": "g362", "pfister": "p236", "jackson": "j250",
		"tymczak": "t522", "vandeusen": "v532",
		"ashcraft": "a261", "ashcroft": "a261",
		"euler": "e460", "ellery": "e460", "gauss": "g200", "ghosh": "g200", "hilbert": "h416", "heilbronn": "h416",
		"knuth": "k530", "kant": "k530",
		"lloyd": "l300", "ladd": "l300", "lukasiewicz": "l222", "lissajous": "l222",
		"robert": "r163", "rupert": "r163", "rubin": "r150", "honeyman": "h555", "": "", "李": "",
	} {
		if got := trace.Soundex(name); got != want {
			t.Errorf("Soundex(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestNamesThatSoundAlike(t *testing.T) {
	for _, alike := range [][]string{
		{"shaun", "sean", "shawn"},
		{"mohammed", "muhammad", "mohamed", "mohammad", "muhammed", "mahomed", "mohamud"},
		{"catherine", "katherine", "kathryn", "katharine"},
		{"philip", "phillip", "filip"},
		{"geoffrey", "jeffrey", "jeffery"},
		{"stephen", "steven", "stefan"},
		{"smith", "smyth", "smythe"},
		{"vaughan", "vaughn"},
		{"wright", "right", "rite"},
		{"knight", "night"},
		{"rhys", "reece", "rees"},
		{"charlotte", "sharlotte"},
		{"christine", "kristine"},
		{"hussain", "hussein", "husayn"},
		{"reid", "reed", "read"},
		{"mcdonald", "macdonald"},
		{"owen", "ewan", "iwan"},
		{"xavier", "zavier"},
		{"李"},
	} {
		for _, name := range alike[1:] {
			if trace.Sound(name) != trace.Sound(alike[0]) {
				t.Errorf("Sound(%q) = %s, Sound(%q) = %s, want equal codes", name, trace.Sound(name), alike[0],
					trace.Sound(alike[0]))
			}
		}
	}

	if trace.Sound("smith") == trace.Sound("jones") || trace.Sound("李") == trace.Sound("王") {
		t.Error("Sound returns the same code for different names")
	}
}

// The values are those of Winkler's report "String comparator metrics and enhanced decision rules in the
// Fellegi-Sunter model of record linkage" (1990), table of examples, to its three decimal places.
func TestJaroWinklerOfPublishedExamples(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"shackleford", "shackelford", 0.982},
		{"dunningham", "cunnigham", 0.896},
		{"nichleson", "nichulson", 0.956},
		{"jones", "johnson", 0.832},
		{"massey", "massie", 0.933},
		{"abroms", "abrams", 0.922},
		{"itman", "smith", 0.467},
		{"jeraldine", "geraldine", 0.926},
		{"marhta", "martha", 0.961},
		{"michelle", "michael", 0.921},
		{"julies", "julius", 0.933},
		{"tanya", "tonya", 0.880},
		{"dwayne", "duane", 0.840},
		{"sean", "susan", 0.805},
		{"jon", "john", 0.933},
		{"dixon", "dicksonx", 0.813},
		{"", "anna", 0},
		{"анна", "анна", 1},
		{"ab", "xy", 0},
	} {
		for _, got := range []float64{trace.JaroWinkler(c.a, c.b), trace.JaroWinkler(c.b, c.a)} {
			if math.Abs(got-c.want) > 0.0006 {
				t.Errorf("JaroWinkler(%q, %q) = %.4f, want %.3f", c.a, c.b, got, c.want)
			}
		}
	}
}

func FuzzLikeness(f *testing.F) {
	f.Add("o’brien", "ÓBriain")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = trace.Fold(a), trace.Fold(b)
		one, other := trace.JaroWinkler(a, b), trace.JaroWinkler(b, a)
		if one < 0 || one > 1 || math.IsNaN(one) || math.Abs(one-other) > 0.15 || a == b && one != 1 {
			t.Errorf("JaroWinkler(%q, %q) = %v, reversed %v; want nearly equal values from 0 to 1", a, b, one, other)
		}
		for _, s := range []string{trace.Sound(a), trace.Soundex(a)} {
			if a != "" && len(s) != 0 && len(s) != 4 && s != a {
				t.Errorf("Sound or Soundex of %q = %q, want 4 characters, the name, or none", a, s)
			}
		}
	})
}
