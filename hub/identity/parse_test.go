package identity

import (
	"net/url"
	"testing"
)

func TestWhichURLsAreTheSame(t *testing.T) {
	target, err := url.Parse("https://hub.example/oauth2/token")
	if err != nil {
		t.Fatal(err)
	}

	for htu, same := range map[string]bool{
		"https://hub.example/oauth2/token":           true,
		"https://hub.example:443/oauth2/token":       true,
		"HTTPS://HUB.Example/oauth2/token":           true,
		"https://hub.example/oauth2/token?a=b#c":     true,
		"http://hub.example/oauth2/token":            false,
		"https://hub.example:8443/oauth2/token":      false,
		"https://hub.example:80/oauth2/token":        false,
		"https://hub.example/oauth2/token/":          false,
		"https://hub.example/OAUTH2/token":           false,
		"https://hub.example/oauth2/%74oken":         true,
		"https://hub.example/oauth2%2Ftoken":         false,
		"https://hub.example/oauth2/%54oken":         false,
		"https://hub.example.evil/oauth2/token":      false,
		"https://evil@hub.example.evil/oauth2/token": false,
		"/oauth2/token":                              false,
		"":                                           false,
		"https://hub.example/%zz":                    false,
	} {
		if got := sameURL(htu, target); got != same {
			t.Errorf("sameURL(%s) = %v, want %v", htu, got, same)
		}
	}
}

func FuzzParseProof(f *testing.F) {
	f.Add("eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.AA")
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.")
	target := &url.URL{Scheme: "https", Host: "hub.example", Path: "/"}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parseProof(s, "GET", target); err == nil {
			t.Errorf("parseProof accepted an unsigned proof: %+v", p)
		}
	})
}

func FuzzParseAssertion(f *testing.F) {
	f.Add("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1YyI6WyJBQSJdfQ.e30.AA")
	f.Add("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIiwieDVjIjpbIkFBIl19.e30.")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAssertion(s); err == nil && a.parseHeader() == nil && a.verify() == nil {
			t.Errorf("verify accepted an unsigned assertion: %+v", a)
		}
	})
}

func TestHashesOfPartsAreNotConfused(t *testing.T) {
	if string(hash("a", "bc")) == string(hash("ab", "c")) ||
		string(hash("proof", "x", "y")) == string(hash("nonce", "x", "y")) {
		t.Error("different parts have the same hash")
	}
}
