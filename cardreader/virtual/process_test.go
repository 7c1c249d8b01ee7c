package virtual_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/certtest"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dialogue sends commands in hex, and compares each response with the line after it. If that line ends in "..", only
// the beginning is compared.
func dialogue(t *testing.T, card *virtual.Card, lines ...string) {
	t.Helper()
	for i := 0; i < len(lines); i += 2 {
		got := strings.ToUpper(hex.EncodeToString(card.Process(unhex(t, lines[i]))))
		want := strings.ReplaceAll(lines[i+1], " ", "")
		start, open := strings.CutSuffix(want, "..")
		if got != want && (!open || !strings.HasPrefix(got, start)) {
			t.Fatalf("step %d, %s: got %s, want %s", i/2+1, lines[i], got, want)
		}
	}
}

const (
	selectPIV = "00A4040005A00000030800"
	verifyOK  = "0020008008 32 34 36 38 31 33 FF FF"
	verifyNo  = "0020008008 39 39 39 39 39 39 FF FF"
	tries     = "00200080"
	logOut    = "0020FF80"
)

func p256(t testing.TB) *virtual.Card { return virtualtest.Card(t, virtualtest.P256(t), nil) }

func TestSelect(t *testing.T) {
	for _, c := range []struct{ name, command, want string }{
		{"whole", "00A404000BA000000308000010000100 00", "61.."},
		{"without version", "00A4040009A00000030800001000 00", "61.."},
		{"five bytes", selectPIV, "61.."},
		{"no Le, as Yubico's tool", "00A4040005A000000308", "61.."},
		{"four bytes", "00A4040004A0000003 00", "6A82"},
		{"empty", "00A4040000", "6A82"},
		{"another application", "00A4040006A00000000101 00", "6A82"},
		{"longer than PIV's", "00A404000CA0000003080000100001000100", "6A82"},
		{"by file", "00A40000023F00", "6A86"},
		{"Yubico's version", "00FD000000", "6D00"},
		{"OpenSC's probe", "00CADF3000", "6D00"},
		{"another class", "80A4040005A00000030800", "6E00"},
		{"not an APDU", "00A404", "6700"},
		{"Lc too long", "00A4040005A000", "6700"},
		{"GET DATA before SELECT", "00CB3FFF035C017E00", "6986"},
		{"GET RESPONSE of nothing", "00C0000000", "6985"},
	} {
		t.Run(c.name, func(t *testing.T) { dialogue(t, p256(t), c.command, c.want) })
	}
}

func TestObjects(t *testing.T) {
	card := p256(t)
	dialogue(
		t, card, selectPIV, "61..",
		"00CB3FFF035C017E00", "7E124F0BA0000003080000100001005F2F0240009000",
		"00CB3FFF035C017E08", "7E124F0BA0000003610C", "00C000000C", "080000100001005F2F0240009000",
		"00CB3FFF055C035FC10200", "533B3019..",
		"00CB3FFF055C035FC10700", "53..",
		"00CB3FFF055C035FC10A00", "6A82",
		"00CB3FFF055C035FC10600", "6A82",
		"00CB3FFE035C017E00", "6A86",
		"00CB3FFF025C0100", "6A80",
	)
}

func TestAResponseIsFetchedInParts(t *testing.T) {
	card := p256(t)
	dialogue(t, card, selectPIV, "61..")
	whole := card.Process(unhex(t, "00CB3FFF0000055C035FC1050000"))
	response := card.Process(unhex(t, "00CB3FFF055C035FC10508"))
	var got []byte
	for steps := 0; ; steps++ {
		n := len(response) - 2
		got = append(got, response[:n]...)
		if response[n] == 0x90 {
			break
		}
		if response[n] != 0x61 || steps > 10 {
			t.Fatalf("GET RESPONSE %d: status %X, want 61xx or 9000", steps, response[n:])
		}
		response = card.Process([]byte{0x00, 0xC0, 0x00, 0x00, response[n+1]})
	}

	if !bytes.Equal(got, whole[:len(whole)-2]) {
		t.Errorf("response in parts = %X, want %X", got, whole[:len(whole)-2])
	}

	dialogue(t, card, "00CB3FFF055C035FC10508", "53..", tries, "63C3", "00C0000000", "6985")
}

func TestPasscode(t *testing.T) {
	card := p256(t)
	dialogue(
		t, card, selectPIV, "61..",
		tries, "63C3", "0020008000", "63C3",
		verifyNo, "63C2",
		"0020008004 31 32 33 34", "6A80",
		"0020008008 31 32 33 34 FF FF FF FF", "6A80",
		"0020008008 41 32 33 34 35 36 FF FF", "6A80",
		"0020008008 31 32 FF 34 35 36 FF FF", "6A80",
		"0020000008 32 34 36 38 31 33 FF FF", "6A88",
		"0020010008 32 34 36 38 31 33 FF FF", "6A88",
		tries, "63C2",
		verifyOK, "9000", tries, "9000",
		selectPIV, "61..", tries, "9000",
		"00A4040006A00000000101 00", "6A82", tries, "9000",
		logOut, "9000", tries, "63C3",
		verifyOK, "9000",
	)

	card.Reset()
	dialogue(
		t, card, tries, "6986", selectPIV, "61..", tries, "63C3",
		verifyNo, "63C2", verifyNo, "63C1", verifyNo, "63C0",
		verifyOK, "6983", tries, "6983",
	)

	card.Reset()
	dialogue(t, card, selectPIV, "61..", tries, "6983")
	card.Unblock()
	dialogue(t, card, verifyOK, "9000")
}

func TestSignatures(t *testing.T) {
	digest := sha256.Sum256([]byte("sign in"))
	key := virtualtest.P256(t)
	card := virtualtest.Card(t, key, nil)
	sign := fmt.Sprintf("0087119A267C2482008120%X00", digest)
	dialogue(
		t, card, selectPIV, "61..", sign, "6982", verifyOK, "9000",
		fmt.Sprintf("0087079A267C2482008120%X00", digest), "6A86",
		fmt.Sprintf("0087119C267C2482008120%X00", digest), "6A88",
		"0087119A0400000000 00", "6A80",
		"0087119A047C02820000", "6A80",
		"0087119A047C02810000", "6A80",
		fmt.Sprintf("0087119A277C25820081 21%X0000", digest), "6A80",
	)
	response := card.Process(unhex(t, sign))
	if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], response[4:len(response)-2]) {
		t.Errorf("GENERAL AUTHENTICATE = %X, want a valid signature", response)
	}
}

func TestRSAInAChainAndAtOnce(t *testing.T) {
	key := virtualtest.RSA(t)
	card := virtualtest.Card(t, key, nil)
	digest := sha256.Sum256([]byte("sign in"))
	message := "3031300d060960864801650304020105000420" + hex.EncodeToString(digest[:])
	block := "0001" + strings.Repeat("FF", 256-3-len(message)/2) + "00" + message
	template := "7C82010682008182 0100" + block
	all := hex.EncodeToString(unhex(t, template))
	dialogue(t, card, selectPIV, "61..", verifyOK, "9000")
	atOnce := card.Process(unhex(t, "0087079A00010A"+all+"0000"))
	dialogue(t, card, "1087079AFF"+all[:510], "9000")
	first := card.Process(unhex(t, "0087079A0B"+all[510:]+"00"))
	if len(first) != 258 || !bytes.Equal(first[256:], []byte{0x61, 0x08}) {
		t.Fatalf("first part: got %d bytes, status %X, want 258, 6108", len(first), first[len(first)-2:])
	}

	rest := card.Process(unhex(t, "00C0000008"))
	chained := append(first[:256:256], rest...)
	if !bytes.Equal(chained, atOnce) {
		t.Error("a chained command gives another signature than an extended one")
	}

	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], atOnce[8:len(atOnce)-2]); err != nil {
		t.Error(err)
	}

	dialogue(
		t, card,
		"1087079AFF"+all[:510], "9000", tries, "9000", // another command cancels the chain
		"0087079A0B"+all[510:]+"00", "6A80",
		"1020008008 32 34 36 38 31 33 FF FF", "6E00",
		"0087079A00010A"+strings.Replace(all, "0001ffff", "ffffffff", 1)+"0000", "6A80", // not less than the modulus
	)
}

func TestProcess_ChainLimit(t *testing.T) {
	card := p256(t)
	dialogue(t, card, selectPIV, "61..")
	for range 20 {
		if got := card.Process(append([]byte{0x10, 0x87, 0x11, 0x9A, 0xFF}, make([]byte, 255)...)); got[0] == 0x67 {
			return
		}
	}
	t.Error("a chain of unlimited length is accepted, want 6700")
}

func TestNew_InvalidConfig(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1536)
	if err != nil {
		t.Fatal(err)
	}

	large, edwards := certtest.P521(t), certtest.Ed25519(t)
	good := virtualtest.P256(t)
	for name, config := range map[string]virtual.Config{
		"a container 9B": {
			Key: good, Passcode: []byte("246813"),
			Others: map[byte]virtual.Container{0x9B: {Key: good}},
		},
		"a huge object": {
			Key: good, Passcode: []byte("246813"),
			Objects: map[string][]byte{"\x7E": make([]byte, 1<<16)},
		},
		"RSA-1536":             {Key: small, Passcode: []byte("246813")},
		"P-521":                {Key: large, Passcode: []byte("246813")},
		"Ed25519":              {Key: edwards, Passcode: []byte("246813")},
		"no passcode":          {Key: good},
		"letters":              {Key: good, Passcode: []byte("abcdef")},
		"16 tries":             {Key: good, Passcode: []byte("246813"), Tries: 16},
		"a huge certificate":   {Key: good, Passcode: []byte("246813"), Certificate: make([]byte, 1<<16)},
		"too short a passcode": {Key: good, Passcode: []byte("24681")},
	} {
		if _, err := virtual.New(config); err == nil {
			t.Errorf("New with %s succeeded, want an error", name)
		}
	}
}

func TestP384(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("sign in"))
	card := virtualtest.Card(t, key, nil)
	dialogue(t, card, selectPIV, "61..", verifyOK, "9000")
	response := card.Process(unhex(t, fmt.Sprintf("0087149A267C2482008120%X00", digest)))
	if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], response[4:len(response)-2]) {
		t.Errorf("GENERAL AUTHENTICATE = %X, want a valid signature", response)
	}
}

func TestObjectsOfAConfigStandInPlaceOfTheCardsOwn(t *testing.T) {
	card := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Objects = map[string][]byte{
			"\x7E": unhex(t, "7E024F00"), "\x5F\xC1\x02": {},
			"\x5F\xC1\x06": unhex(t, "5301AA"),
		}
	})
	dialogue(
		t, card, selectPIV, "61..",
		"00CB3FFF035C017E00", "7E024F00 9000",
		"00CB3FFF055C035FC10200", "6A82", // an empty object is missing
		"00CB3FFF055C035FC10600", "5301AA 9000",
		"00CB3FFF055C035FC10500", "53..",
		"00CB3FFF055C035FC10300", "6A82",
	)
}

func TestEachKeyHasItsCertificateAndSigns(t *testing.T) {
	digest := sha256.Sum256([]byte("sign in"))
	other := virtualtest.P256(t)
	certificate := virtualtest.Certificate(t, other, nil)
	card := virtualtest.Card(t, virtualtest.RSA(t), func(c *virtual.Config) {
		c.Others = map[byte]virtual.Container{0x9C: {Key: other}, 0x9E: {Key: other, Certificate: certificate}}
	})

	sign := func(reference byte) string { return fmt.Sprintf("008711%X267C2482008120%X00", reference, digest) }
	dialogue(
		t, card, selectPIV, "61..",
		"00CB3FFF055C035FC10A00", "6A82",
		"00CB3FFF055C035FC10100", "53..",
		sign(0x9D), "6A88", sign(0x9C), "6982", sign(0x9E), "7C..", sign(0x9A), "6A86",
		verifyOK, "9000",
	)

	response := card.Process(unhex(t, sign(0x9C)))
	if !ecdsa.VerifyASN1(&other.PublicKey, digest[:], response[4:len(response)-2]) {
		t.Errorf("GENERAL AUTHENTICATE with 9C = %X, want a valid signature", response)
	}

	empty := virtualtest.Card(t, nil, func(c *virtual.Config) { c.Certificate = certificate })
	dialogue(t, empty, selectPIV, "61..", "00CB3FFF055C035FC10500", "53..", verifyOK, "9000", sign(0x9A), "6A88")
}

func TestACardOverT0LetsResponsesBeFetched(t *testing.T) {
	card := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) { c.Quirks = virtual.OverT0 })
	if atr := card.ATR(); atr[1]&0xF0 != 0 {
		t.Errorf("ATR() = %X, want one without a protocol", atr)
	}
	dialogue(
		t, card,
		"00A4040005A000000308", "6137",
		"00C0000000", "6C37", // the response is still available
		"00C0000037", "61..",
		"00CB3FFF035C017E", "6114", "00C0000010", "7E124F0B A000000308000010000100 5F 6104", "00C0000004",
		"2F024000 9000",
		"00CB3FFF055C035FC105", "6100",
		"0020008000", "63C3",
		"00CB3FFF0000055C035FC1050000", "6D00", // extended lengths
	)
	if response := card.Process(unhex(t, "00C0000000")); len(response) != 2 {
		t.Errorf("GET RESPONSE after another command = %X, want a status word only", response)
	}
}

func TestEachExchangeIsReported(t *testing.T) {
	var seen []string
	card := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.After = func(command, response []byte) { seen = append(seen, fmt.Sprintf("%X %X", command, response)) }
	})
	card.Process(unhex(t, tries))
	card.Process(nil)
	if want := []string{"00200080 6986", " 6700"}; !slices.Equal(seen, want) {
		t.Errorf("calls of After: got %q, want %q", seen, want)
	}
}

// FuzzProcess sends commands, each preceded by its length in one byte, to a card with PIV selected and the passcode
// verified.
func FuzzProcess(f *testing.F) {
	card := p256(f)
	f.Add(append([]byte{11}, unhex(f, selectPIV)...))
	f.Add(append([]byte{9}, unhex(f, "00CB3FFF035C017E00")...))
	f.Add(append([]byte{4}, unhex(f, tries)...))
	f.Add([]byte{5, 0x10, 0x87, 0x11, 0x9A, 0x00, 4, 0, 0xC0, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		card.Unblock()
		card.Process(unhex(t, selectPIV))
		card.Process(unhex(t, verifyOK))
		for len(script) > 0 {
			n := min(int(script[0]), len(script)-1)
			if response := card.Process(script[1 : 1+n]); len(response) < 2 || len(response) > 65538 {
				t.Fatalf("Process(%X): got %d bytes, want 2 to 65538", script[1:1+n], len(response))
			}
			script = script[1+n:]
		}
		card.Reset()
	})
}

func TestEveryQuirkHasAName(t *testing.T) {
	all := virtual.AllQuirks()
	names := map[string]bool{}
	for _, q := range all {
		back, found := virtual.QuirkNamed(q.String())
		if !found || back != q || names[q.String()] {
			t.Errorf("QuirkNamed(%q) = %d, %v, want %d, and names that differ", q, back, found, q)
		}
		names[q.String()] = true
	}
	if none := virtual.Quirks(0); none.String() != "none" || all[len(all)-1] != virtual.NoApplication {
		t.Errorf("Quirks(0) = %q, AllQuirks() = %v, want \"none\" and NoApplication last", none, all)
	}
}
