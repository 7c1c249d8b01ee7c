package hubbench

import (
	"math/rand/v2"
	"net/http"
	"net/url"

	"wardlight/hub/store"
	"wardlight/internal/bench/corrupt"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// target is a person to request, with the values typed for the search.
type target struct {
	number        nhs.Number
	family, given string
	born          string
	typed         corrupt.Typed // with a mistake
}

// targets are the people to request. Each is used once before any is used again, in an order unrelated to the storage
// order.
type targets struct {
	all     []target
	planned []store.Plan // of children
	next    int
	plan    int
}

// take returns the next n people.
func (t *targets) take(n int) []target {
	taken := make([]target, n)
	for i := range taken {
		taken[i] = t.all[t.next%len(t.all)]
		t.next++
	}
	return taken
}

// takePlan returns the next child's plan. Openings of the same child are far apart.
func (t *targets) takePlan() store.Plan {
	t.plan++
	return t.planned[t.plan%len(t.planned)]
}

// maxPlanned is the number of children with a plan for lamps and openings.
const maxPlanned = 500

// draw selects the people to request at random, each with the same probability, independent of their order.
type draw struct {
	rand    *rand.Rand
	quota   int
	met     int
	all     []target
	plans   []store.Plan
	metPlan int
}

func newDraw(o Options) *draw {
	// Each line uses other people, and as many for reading the store alone. Measuring shared commits needs two more
	// runs.
	if o.Beside {
		return &draw{rand: rand.New(rand.NewPCG(o.Seed, 0x4b)), quota: 2 * uploadRows}
	}
	quota := len(o.Clients)*len(kinds)*(2*o.Requests+warmUp) + 2*o.Requests + 2*rounds
	return &draw{rand: rand.New(rand.NewPCG(o.Seed, 0x4b)), quota: quota}
}

func (d *draw) see(p *people.Person) {
	if p.Patient.Confidentiality() != "U" {
		return // searches with a postcode don't find them
	}

	for _, plan := range p.Plans {
		if !plan.End.IsZero() {
			continue
		}
		d.metPlan++
		one := store.Plan{
			ID: "bench-" + p.Patient.ID, Number: p.Number(), Kind: store.PlanKind(plan.Kind), Start: plan.Start,
			Authority: plan.Authority,
		}
		if len(d.plans) < maxPlanned {
			d.plans = append(d.plans, one)
		} else if j := d.rand.IntN(d.metPlan); j < maxPlanned {
			d.plans[j] = one
		}
	}

	d.met++
	at := len(d.all)
	if at == d.quota {
		if at = d.rand.IntN(d.met); at >= d.quota {
			return
		}
	}

	mistakes := corrupt.Kinds()
	typed, ok := mistakes[d.met%len(mistakes)].Type(d.rand, &p.Patient)
	if !ok {
		typed, ok = mistakes[0].Type(d.rand, &p.Patient)
	}

	if !ok {
		return
	}

	one := target{p.Number(), p.Patient.Name[0].Family, p.Patient.Name[0].Given[0], p.Patient.BirthDate, typed}
	if at == len(d.all) {
		d.all = append(d.all, one)
		return
	}

	d.all[at] = one
}

func (d *draw) done() *targets {
	d.rand.Shuffle(len(d.all), func(i, j int) { d.all[i], d.all[j] = d.all[j], d.all[i] })
	return &targets{all: d.all, planned: d.plans}
}

// kind is a kind of request.
type kind struct {
	name   string
	path   func(t target, plan store.Plan) (path string, query url.Values)
	status int
	who    func(t target, plan store.Plan) nhs.Number // returns the number that the answer should contain
}

const (
	patients = "/personal-demographics/FHIR/R4/Patient"
	flag     = "/cpis/FHIR/R4/Flag"
	careTeam = "/cpis/FHIR/R4/CareTeam"
)

func targetNumber(t target, _ store.Plan) nhs.Number { return t.number }
func planNumber(_ target, p store.Plan) nhs.Number   { return p.Number }

func about(p store.Plan) url.Values {
	return url.Values{"patient:identifier": {fhir.SystemNHSNumber + "|" + p.Number.Digits()}}
}

// exact is a search by exact values.
var exact = kind{"exact trace", func(t target, _ store.Plan) (string, url.Values) {
	return patients, url.Values{"family": {t.family}, "given": {t.given}, "birthdate": {"eq" + t.born}}
}, http.StatusOK, targetNumber}

// lamp checks whether there is an alert.
var lamp = kind{
	"lamp", func(_ target, p store.Plan) (string, url.Values) { return flag, about(p) }, http.StatusOK, planNumber,
}

var kinds = []kind{
	// Measures the work common to all requests: proof, session, role, audit.
	{"a search that is refused", func(t target, _ store.Plan) (string, url.Values) {
		return patients, url.Values{"family": {t.family}}
	}, http.StatusBadRequest, nil},
	exact,
	{"fuzzy trace", func(t target, _ store.Plan) (string, url.Values) {
		v := url.Values{
			"_fuzzy-match": {"true"}, "family": {t.typed.Family}, "given": {t.typed.Given},
			"birthdate": {"eq" + t.typed.Born.FHIR()},
		}
		if t.typed.Gender != "" {
			v.Set("gender", t.typed.Gender)
		}
		if t.typed.Postcode != "" {
			v.Set("address-postalcode", t.typed.Postcode)
		}
		return patients, v
	}, http.StatusOK, targetNumber},
	{"retrieve", func(t target, _ store.Plan) (string, url.Values) {
		return patients + "/" + t.number.Digits(), nil
	}, http.StatusOK, targetNumber},
	lamp,
	{"opening", func(_ target, p store.Plan) (string, url.Values) {
		return careTeam, about(p)
	}, http.StatusOK, planNumber},
}
