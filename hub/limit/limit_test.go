package limit

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

func TestABucketGivesItsBurstAndThenItsRate(t *testing.T) {
	b := NewBuckets(Rate{PerSecond: 5, Burst: 20}, 10)
	now := start
	for i := range 20 {
		if _, ok := b.Take("a", now); !ok {
			t.Fatalf("Take %d failed, want success", i)
		}
	}

	wait, ok := b.Take("a", now)
	if ok || wait != 200*time.Millisecond {
		t.Errorf("Take = %v, wait %s; want false and 200ms", ok, wait)
	}

	if _, ok := b.Take("b", now); !ok {
		t.Error("Take of another key failed, want success")
	}

	for range 100 { // failed calls take nothing
		b.Take("a", now)
	}

	now = now.Add(wait)
	if _, ok := b.Take("a", now); !ok {
		t.Error("Take after the wait failed, want success")
	}

	if _, ok := b.Take("a", now); ok {
		t.Error("second Take after the wait succeeded, want failure")
	}
}

func TestBuckets_TakeN(t *testing.T) {
	b := NewBuckets(Rate{PerSecond: 5, Burst: 20}, 10)
	for i := range 2 {
		if _, ok := b.TakeN("a", 10, start); !ok {
			t.Fatalf("TakeN %d failed, want success", i)
		}
	}

	if wait, ok := b.TakeN("a", 10, start); ok || wait != 2*time.Second {
		t.Errorf("TakeN = %v, wait %s; want false and 2s", ok, wait)
	}

	now := start.Add(time.Second) // five tokens have been added
	if wait, ok := b.TakeN("a", 10, now); ok || wait != time.Second {
		t.Errorf("TakeN = %v, wait %s; want false and 1s", ok, wait)
	}

	if _, ok := b.TakeN("a", 5, now); !ok {
		t.Error("TakeN of five failed, want success: a failed call takes nothing")
	}

	if _, ok := b.TakeN("b", 21, start); !ok {
		t.Error("TakeN of more than the burst failed, want success")
	}

	if _, ok := b.Take("b", start); ok {
		t.Error("Take after TakeN of more than the burst succeeded, want failure")
	}
}

func TestRoomSpendsNothing(t *testing.T) {
	b := NewBuckets(Rate{PerSecond: 1, Burst: 1}, 10)
	for range 3 {
		if _, ok := b.HasToken("a", start); !ok {
			t.Fatal("Room took a token")
		}
	}
	if b.Len() != 0 {
		t.Errorf("Room created %d buckets, want 0", b.Len())
	}
	b.Take("a", start)
	if wait, ok := b.HasToken("a", start); ok || wait != time.Second {
		t.Errorf("Room = %v, wait %s; want false and 1s", ok, wait)
	}
}

func TestAFloodOfAddressesIsForgottenAgain(t *testing.T) {
	b := NewBuckets(Rate{PerSecond: 1, Burst: 1}, 100)
	b.Take("first", start)
	for i := range 10_000 {
		b.Take(strconv.Itoa(i), start)
		if b.Len() > 100 {
			t.Fatalf("got %d buckets, want at most 100", b.Len())
		}
	}
	if _, ok := b.Take("first", start); !ok {
		t.Error("Take of a dropped key failed, want success")
	}
}

func TestNoLimitTakesAll(t *testing.T) {
	for _, r := range []Rate{{}, PerMinute(0), {PerSecond: 1}} {
		b := NewBuckets(r, 1)
		for range 1000 {
			if _, ok := b.Take("a", start); !ok {
				t.Fatalf("Take with rate %+v failed, want success", r)
			}
		}
	}
	if r := PerMinute(300); r != (Rate{PerSecond: 5, Burst: 20}) {
		t.Errorf("PerMinute(300) = %+v, want 5 a second and a burst of 20", r)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.0/24", "192.0.2.7", "2001:db8:1::/48", "::ffff:192.0.2.8"})
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"straight":                        {"203.0.113.5:4711", nil, "203.0.113.5"},
		"a word nobody may give":          {"203.0.113.5:4711", []string{"198.51.100.1"}, "203.0.113.5"},
		"by a proxy":                      {"10.0.0.9:80", []string{"203.0.113.5"}, "203.0.113.5"},
		"by two proxies":                  {"10.0.0.9:80", []string{"203.0.113.5, 192.0.2.7"}, "203.0.113.5"},
		"by two proxies in two headers":   {"10.0.0.9:80", []string{"203.0.113.5", "192.0.2.7"}, "203.0.113.5"},
		"what the sender wrote before it": {"10.0.0.9:80", []string{"1.2.3.4, 203.0.113.5"}, "203.0.113.5"},
		"a proxy that says nothing":       {"10.0.0.9:80", nil, "10.0.0.9"},
		"a proxy that says rubbish":       {"10.0.0.9:80", []string{"203.0.113.5, <script>"}, "10.0.0.9"},
		"only proxies":                    {"10.0.0.9:80", []string{"10.0.0.8"}, "10.0.0.8"},
		"with a port":                     {"10.0.0.9:80", []string{"203.0.113.5:99"}, "203.0.113.5"},
		"IPv6 by its /64":                 {"[2001:db8:9:9:1:2:3:4]:80", nil, "2001:db8:9:9::/64"},
		"its neighbour":                   {"[2001:db8:9:9:ffff::]:80", nil, "2001:db8:9:9::/64"},
		"IPv6 by a proxy":                 {"[2001:db8:1::5]:80", []string{"[2001:db8:7::1]:5"}, "2001:db8:7::/64"},
		"IPv4 in IPv6":                    {"[::ffff:203.0.113.5]:80", nil, "203.0.113.5"},
		"a proxy in IPv6":                 {"[::ffff:192.0.2.8]:80", []string{"203.0.113.5"}, "203.0.113.5"},
		"with a zone":                     {"[fe80::1%eth0]:80", nil, "fe80::/64"},
		"a socket without address":        {"@", nil, "unknown"},
		"a chain without end": {
			"10.0.0.9:80",
			[]string{strings.Repeat("10.0.0.1,", 1000) + "10.0.0.1"},
			"10.0.0.1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Sources{proxies}).Of(c.remote, c.forwarded); got != c.want {
				t.Errorf("Of = %s, want %s", got, c.want)
			}
		})
	}

	for _, wrong := range []string{"proxy.example", "10.0.0.0/33", ""} {
		if _, err := ParseProxies([]string{wrong}); err == nil {
			t.Errorf("ParseProxies(%q) succeeded, want error", wrong)
		}
	}
}

func FuzzSource(f *testing.F) {
	f.Add("10.0.0.9:80", "203.0.113.5, 10.0.0.1")
	f.Add("[::1]:80", ",,,")
	f.Add("@", "[")
	s := Sources{[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::/0")}}
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		got := s.Of(remote, []string{forwarded})
		if got == unknown {
			return
		}
		if p, err := netip.ParsePrefix(got); err == nil {
			if p.Bits() != 64 || p != p.Masked() {
				t.Errorf("Of(%[2]q, %[3]q) = %[1]q, want a /64 prefix", got, remote, forwarded)
			}
			return
		}
		if a, err := netip.ParseAddr(got); err != nil || !a.Is4() {
			t.Errorf("Of(%[2]q, %[3]q) = %[1]q, want a prefix, an IPv4 address or unknown", got, remote, forwarded)
		}
	})
}

func TestTheNarrowLaneHoldsUpNobodyInTheWideOne(t *testing.T) {
	l := NewLanes(1)
	leave, err := l.Enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}

	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := l.Enter(ended, true); !errors.Is(err, context.Canceled) {
		t.Errorf("second Enter of the narrow lane: got error %v, want context.Canceled", err)
	}

	wide, err := l.Enter(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}

	wide()
	leave()
	again, err := l.Enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}

	again()
}
