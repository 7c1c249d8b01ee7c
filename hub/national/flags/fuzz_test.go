package flags

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// FuzzRead checks by other means what an answer that reads "none recorded" consists of: it is a searchset with a total
// and with a self link that names the patient, nothing in it is a code of child protection, and no Flag in it is of
// another patient by NHS number. Everything that is shown of an answer is printable.
func FuzzRead(f *testing.F) {
	for _, resources := range [][]string{
		nil,
		{protectionFlag},
		{protectionFlag, planResource, teamResource},
		{adjustmentsFlag, adjustment, impairment},
		{fgmFlag, otherFlag},
		{planResource},
		{`{"resourceType":"OperationOutcome"}`},
	} {
		f.Add([]byte(searchset(resources...)))
		f.Add([]byte(bundle("collection", selfLink, "match", resources...)))
		f.Add([]byte(bundle("searchset", `"timestamp":"2026-07-15T13:00:00Z"`, "include", resources...)))
	}
	f.Add([]byte(`<html>403</html>`))
	f.Add([]byte(`{"resourceType":"Bundle","type":"searchset","total":0,"TOTAL":1}`))

	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := read(tess, body, now, now)
		if err != nil {
			return
		}

		for _, category := range []string{codeProtection, codeAdjustments, codeFGM} {
			found, err := a.of(category)
			if err == nil && len(found) == 0 {
				checkEmpty(t, body, category)
			}
		}

		plans, err := a.plans(t.Context(), a.active[codeProtection], uk, noFetch)
		if err == nil && len(plans) < len(a.active[codeProtection]) {
			t.Errorf("got %d plans of %d flags, want at least one of each", len(plans), len(a.active[codeProtection]))
		}
		for _, p := range plans {
			shown := p.By.Code + p.By.Name + p.By.OfficePhone + p.By.DutyPhone
			if strings.ContainsFunc(shown, unicode.IsControl) || p.By.Name == "" || len([]rune(shown)) > 4*(maxText+1) {
				t.Errorf("got authority %+v, want a name and short printable texts", p.By)
			}
		}
	})
}

// checkEmpty fails unless the answer may be read as "no flag of this category of this patient".
func checkEmpty(t *testing.T, body []byte, category string) {
	t.Helper()
	var b map[string]any
	if json.Unmarshal(body, &b) != nil {
		t.Fatal("got no flag from an answer that is no JSON object")
	}

	get := func(name string) any {
		for k, v := range b {
			if strings.EqualFold(k, name) {
				return v
			}
		}
		return nil
	}
	if _, counted := get("total").(float64); get("resourceType") != "Bundle" || get("type") != "searchset" || !counted {
		t.Error("got no flag from an answer that is no searchset with a total")
	}

	links, err := json.Marshal(get("link"))
	if err != nil || !strings.Contains(string(links), tess.Digits()) || strings.Contains(string(links), noah.Digits()) {
		t.Errorf("got no flag from an answer whose links don't name the patient: %s", links)
	}

	everything, err := json.Marshal(b) // without escapes that hide a code
	if err != nil || strings.Contains(strings.ToLower(string(everything)), `"`+category+`"`) {
		t.Errorf("got no flag of %s from an answer that has its code", category)
	}
}
