package hub_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"wardlight/internal/prismtest"
)

// pdsSet are the tests of the PDS API. They run against the hub directly, and through Prism.
var pdsSet = map[string]func(*testing.T, opener){
	"a person is found by the name that is shown": aPersonIsFoundByTheNameThatIsShown,
	"what a search finds":                         whatASearchFinds,
	"what a search refuses":                       whatASearchRefuses,
	"too many matches is no error":                tooManyMatchesIsNoError,
	"exact matches alone count towards too many":  exactMatchesAloneCountTowardsTooMany,
	"retrieving": retrieving,
	"a restricted record shows no whereabouts":         aRestrictedRecordShowsNoWhereabouts,
	"a search row shows only what is current":          aSearchRowShowsOnlyWhatIsCurrent,
	"an address has no blank lines":                    anAddressHasNoBlankLines,
	"a minimal patient is a patient":                   aMinimalPatientIsAPatient,
	"the wider search allows for mistakes":             theWiderSearchAllowsForMistakes,
	"a date of death orders the wider search":          aDateOfDeathOrdersTheWiderSearch,
	"the wider search says what is another":            theWiderSearchSaysWhatIsAnother,
	"the wider search hides whom the narrow hides":     theWiderSearchHidesWhomTheNarrowHides,
	"a superseded record leads to the one that stands": aSupersededRecordLeadsToTheCurrentOne,
	"every patient matched is in the audit":            everyPatientMatchedIsInTheAudit,
	"related persons":                                  relatedPersons,
	"the headers of PDS":                               theHeadersOfPDS,
	"the errors of PDS":                                theErrorsOfPDS,
	"the calls of the sandbox":                         theCallsOfTheSandbox,
	"what is quoted is clean":                          whatIsQuotedIsClean,
	"the headers come back":                            theHeadersComeBack,
}

func TestPDS(t *testing.T) {
	for name, test := range pdsSet {
		t.Run(name, func(t *testing.T) { test(t, newFixture) })
	}
}

// hubHeader is the header with the address of the hub that a request is for. Each test has its own hub, but Prism has
// one upstream: a reverse proxy that reads the header.
const hubHeader = "X-Test-Hub"

func TestPDSKeepsTheContractOfTheNHS(t *testing.T) {
	board := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			hub, err := url.Parse(r.In.Header.Get(hubHeader))
			if err != nil {
				return
			}
			r.SetURL(hub)
		},
		ModifyResponse: func(r *http.Response) error {
			if spoil := r.Request.Header.Get("X-Test-Spoil"); spoil != "" {
				r.Header.Set("X-Request-ID", spoil)
			}
			return nil
		},
	})

	t.Cleanup(board.Close)
	prism := prismtest.Proxy(t, "..", board.URL)
	through := func(t testing.TB, options ...option) *fixture {
		b := newFixture(t, options...)
		b.by = func(r *http.Request) { detour(t, b, r, prism) }
		return b
	}

	for name, test := range pdsSet {
		t.Run(name, func(t *testing.T) { test(t, through) })
	}

	t.Run("and Prism would say so if it did not", func(t *testing.T) {
		r := through(t).signIn().get(nurse, patients+"/"+tess.Digits(), nil, header("X-Test-Spoil", "no UUID"))
		if r.status != http.StatusInternalServerError || !strings.Contains(r.body, "#VIOLATIONS") {
			t.Errorf("invalid answer through Prism: got status %d, body %s; want 500 #VIOLATIONS", r.status, r.body)
		}
	})
}

// detour redirects a PDS request to Prism, with the path in PDS's API description.
func detour(t testing.TB, b *fixture, r *http.Request, prism string) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prismtest.Base)
	if !ok || r.Method != http.MethodGet {
		return
	}
	by, err := url.Parse(prism + path + "?" + r.URL.RawQuery)
	must(t, err)
	r.Header.Set(hubHeader, b.server.URL)
	r.URL, r.Host = by, ""
}
