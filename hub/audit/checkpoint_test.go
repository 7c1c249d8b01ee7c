package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"wardlight/hub/audit"
)

const logName = "hub.example"

var noon = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

// checkpoints creates a key, and a file of checkpoints in a new folder.
func checkpoints(t testing.TB) (f *audit.CheckpointFile, v note.Verifier, name, private string) {
	t.Helper()
	private, public, err := audit.NewCheckpointKey(rand.Reader, logName)
	must(t, err)
	folder := t.TempDir()
	f, err = audit.OpenCheckpointFile(folder, private+"\n")
	must(t, err)
	v, err = audit.Verifier(public + "\n")
	must(t, err)
	return f, v, filepath.Join(folder, audit.CheckpointFileName), private
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func add(t testing.TB, f *audit.CheckpointFile, c audit.Checkpoint) audit.SignedCheckpoint {
	t.Helper()
	signed, err := f.Append(c)
	must(t, err)
	return signed
}

func of(m memory, n int) audit.Checkpoint {
	return audit.Checkpoint{
		Origin: logName, Records: int64(n), Hash: m[n-1].Hash,
		At: noon.Add(time.Duration(n) * time.Second),
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

func TestCheckpointsAreReadAsTheyWereWritten(t *testing.T) {
	f, v, name, private := checkpoints(t)
	if _, ok, err := f.Last(); ok || err != nil {
		t.Errorf("Last of an empty file = %v, %v; want false", ok, err)
	}

	m := chain(7)
	for _, n := range []int{2, 5, 7} {
		add(t, f, of(m, n))
		again, err := audit.OpenCheckpointFile(filepath.Dir(name), private)
		must(t, err)
		if last, ok, err := again.Last(); !ok || err != nil || last.Records != int64(n) ||
			!bytes.Equal(last.Hash, m[n-1].Hash) {
			t.Errorf("Last = %+v, %v, %v; want the latest one", last, ok, err)
		}
	}

	list, err := audit.ReadCheckpoints(strings.NewReader(read(t, name)), v)
	must(t, err)
	all := list.Checkpoints
	if len(all) != 3 || all[1].Records != 5 || !bytes.Equal(all[1].Hash, m[4].Hash) ||
		!all[1].At.Equal(noon.Add(5*time.Second)) || all[1].Origin != logName {
		t.Errorf("ReadCheckpoints = %+v, want the three appended ones", all)
	}

	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file = %v, %v; want 0600", info.Mode(), err)
	}
}

// TestTheFormOfACheckpointIsTheSignedNotes checks a checkpoint against c2sp.org/signed-note without the library: the
// text, and an Ed25519 signature of it after the four bytes of the key's number.
func TestTheFormOfACheckpointIsTheSignedNotes(t *testing.T) {
	f, _, name, private := checkpoints(t)
	m := chain(3)
	add(t, f, of(m, 3))
	text := logName + "\n3\n" + base64.StdEncoding.EncodeToString(m[2].Hash) + "\ntime 2026-07-15T12:00:03Z\n"
	signature, ok := strings.CutPrefix(read(t, name), text+"\n— "+logName+" ")
	if !ok {
		t.Fatalf("got the note %q, want the text and a signature line", read(t, name))
	}
	signed, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(signature, "\n"))
	must(t, err)
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(private, "+", 5)[4])
	must(t, err)
	key := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ed25519.Verify(key, []byte(text), signed[4:]) {
		t.Error("the signature does not verify")
	}
}

func TestCheckpointsThatAreRefusedAreNamedByTheirLine(t *testing.T) {
	f, v, name, _ := checkpoints(t)
	m := chain(5)
	for _, n := range []int{1, 3, 5} {
		add(t, f, of(m, n))
	}

	good := read(t, name)
	notes := strings.SplitAfter(strings.ReplaceAll(good, "\n\n"+logName, "\n\n\x00"+logName), "\x00")
	for i := range notes {
		notes[i] = strings.Trim(notes[i], "\x00")
	}

	_, other, _, _ := checkpoints(t)
	for name, c := range map[string]struct {
		text string
		by   note.Verifier
		line int
	}{
		"another's key":             {good, other, 1},
		"the count changed":         {strings.Replace(good, "\n3\n", "\n2\n", 1), v, 8},
		"the time changed":          {strings.Replace(good, "12:00:05", "12:00:06", 1), v, 15},
		"the signature changed":     {strings.Replace(good, "— "+logName+" ", "— "+logName+" A", 1), v, 1},
		"only half a checkpoint":    {good[:100], v, 1},
		"out of order":              {notes[0] + notes[2] + "\n" + notes[1], v, 15},
		"an earlier one again":      {notes[0] + notes[1] + notes[0], v, 15},
		"nothing":                   {"\n\n", v, 1},
		"something else":            {"hello\n", v, 1},
		"a very long line":          {strings.Repeat("x", 1<<20), v, 1},
		"a very long note":          {strings.Repeat("x\n", 1<<12), v, 1},
		"something else in between": {notes[0] + "hello\n\n" + notes[1], v, 8},
	} {
		var bad *audit.CheckpointsError
		if all, err := audit.ReadCheckpoints(strings.NewReader(c.text), c.by); !errors.As(err, &bad) ||
			bad.Line != c.line {
			t.Errorf("%s: ReadCheckpoints = %v, %v; want an error in line %d", name, all, err, c.line)
		}
	}

	if all, err := audit.ReadCheckpoints(strings.NewReader(notes[1]), v); err != nil || len(all.Checkpoints) != 1 {
		t.Errorf("ReadCheckpoints of one note = %v; want nil", err)
	}
}

// TestAppend_InterruptedWrites ends a write after each of its bytes, three times one after the other. Nothing of it is
// removed, and the checkpoints around it stay valid.
func TestAppend_InterruptedWrites(t *testing.T) {
	f, v, name, _ := checkpoints(t)
	m := chain(4)
	whole := add(t, f, of(m, 2)).Note
	more := add(t, f, of(m, 3)).Note
	for end := 1; end < len(more); end++ {
		must(t, os.WriteFile(name, []byte(whole+"\n"+more[:end]), 0o600))
		if last, ok, err := f.Last(); !ok || err != nil || last.Records != 2 {
			t.Fatalf("Last with %d bytes of a checkpoint = %+v, %v; want the first checkpoint", end, last, err)
		}
		if list, err := audit.ReadCheckpoints(strings.NewReader(read(t, name)), v); err != nil ||
			len(list.Checkpoints)+len(list.Incomplete) != 2 {
			t.Fatalf("ReadCheckpoints with %d bytes of a checkpoint = %v, %v; want one and the beginning of one", end,
				list, err)
		}

		if end%8 != 0 && end < len(more)-2 {
			continue // appending waits for the disk
		}
		for range 2 { // the next writes are interrupted, too
			_, err := audit.AppendNote(filepath.Dir(name), audit.CheckpointFileName, []byte(more[:end]))
			must(t, err)
		}
		before := read(t, name)
		if signed := add(t, f, of(m, 4)); !signed.AfterIncomplete {
			t.Errorf("Append after %d bytes of a checkpoint reports nothing, want an incomplete one", end)
		}
		if !strings.HasPrefix(read(t, name), before) {
			t.Fatalf("Append after %d bytes of a checkpoint changed what the file had", end)
		}

		// Only the newline is missing: the next write adds it.
		want, incomplete := []int64{2, 4}, 3
		if end == len(more)-1 {
			want, incomplete = []int64{2, 3, 4}, 0
		}
		list, err := audit.ReadCheckpoints(strings.NewReader(read(t, name)), v)
		if err != nil || len(list.Checkpoints) != len(want) || len(list.Incomplete) != incomplete ||
			list.Checkpoints[len(want)-1].Records != 4 {
			t.Fatalf("after %d bytes: ReadCheckpoints = %+v, %v; want those of %v records, and %d incomplete ones", end,
				list, err, want, incomplete)
		}
		if last, ok, err := f.Last(); !ok || err != nil || last.Records != 4 {
			t.Fatalf("Last after %d bytes = %+v, %v; want the last checkpoint", end, last, err)
		}
		if signed := add(t, f, of(m, 4)); signed.AfterIncomplete {
			t.Errorf("Append after a complete checkpoint reports an incomplete one")
		}
	}

	must(t, os.WriteFile(name, []byte(strings.Repeat("another file\n", 1000)), 0o600))
	if _, ok, err := f.Last(); ok || err == nil {
		t.Error("Last of an unrelated file succeeded, want error")
	}
}

func TestKeysThatAreNone(t *testing.T) {
	private, public, err := audit.NewCheckpointKey(rand.Reader, logName)
	must(t, err)
	for _, text := range []string{"", "x", public, private[:len(private)-4], private + "AAAA"} {
		if audit.CheckSigner(text) == nil {
			t.Errorf("CheckSigner(%.20q) succeeded, want error", text)
		}
	}
	if _, err := audit.Verifier(private); err == nil || strings.Contains(err.Error(), private) {
		t.Errorf("Verifier with a private key: got error %v, want one without the key", err)
	}
	for _, name := range []string{"", "two words", "a+b", "hüb", "a\nb"} {
		if _, _, err := audit.NewCheckpointKey(rand.Reader, name); err == nil {
			t.Errorf("NewCheckpointKey(%q) succeeded, want error", name)
		}
	}
}

func TestACheckpointShowsWhatTheChainAloneDoesNot(t *testing.T) {
	m := chain(9)
	signed := []audit.Checkpoint{of(m, 3), of(m, 6), of(m, 9)}

	// restamped returns a valid chain that differs from the signed one from record n on.
	restamped := func(n int) memory {
		r := append(memory{}, m[:n-1]...)
		prev := audit.Genesis()
		if n > 1 {
			prev = m[n-2].Hash
		}
		for i := n - 1; i < len(m); i++ {
			x := m[i]
			x.Person = "another"
			x = audit.Seal(x, x.Seq, prev)
			r, prev = append(r, x), x.Hash
		}
		return r
	}

	for name, c := range map[string]struct {
		log       memory
		signed    []audit.Checkpoint
		at        int64 // the checkpoint that contradicts the chain; 0 for none
		confirmed int64
	}{
		"whole":                    {m, signed, 0, 0},
		"grown since":              {m, signed[:2], 0, 0},
		"the last one cut off":     {m[:8], signed, 9, 6},
		"nearly all cut off":       {m[:2], signed, 3, 0},
		"all cut off":              {nil, signed, 3, 0},
		"cut off at a checkpoint":  {m[:6], signed, 9, 6},
		"written anew from 1":      {restamped(1), signed, 3, 0},
		"written anew from 5":      {restamped(5), signed, 6, 3},
		"the last one anew":        {restamped(9), signed, 9, 6},
		"anew after the last one":  {restamped(9), signed[:2], 0, 0},
		"cut off, and then longer": {append(m[:7:7], restamped(8)[7:]...), signed, 9, 6},
	} {
		if _, err := audit.Verify(t.Context(), c.log); err != nil {
			t.Errorf("%s: Verify without checkpoints: %v", name, err)
		}
		_, err := audit.Check{Checkpoints: c.signed}.Verify(t.Context(), c.log)
		var found *audit.ContradictedError
		switch {
		case c.at == 0 && err != nil:
			t.Errorf("%s: Verify: %v", name, err)
		case c.at != 0 && (!errors.As(err, &found) || found.Checkpoint.Records != c.at ||
			found.Confirmed != c.confirmed):
			t.Errorf("%s: got error %v, want a contradiction at checkpoint %d, confirmed up to %d", name, err, c.at,
				c.confirmed)
		}
	}
}

func FuzzReadCheckpoints(f *testing.F) {
	file, v, name, _ := checkpoints(f)
	m := chain(4)
	for _, n := range []int{1, 2, 4} {
		add(f, file, of(m, n))
	}

	good := read(f, name)
	f.Add([]byte(good))
	f.Add([]byte(good[10:]))
	f.Add([]byte("\n\n— \n"))
	genuine, err := audit.ReadCheckpoints(strings.NewReader(good), v)
	must(f, err)

	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := audit.ReadCheckpoints(bytes.NewReader(text), v)
		if err != nil {
			return
		}
		for _, c := range list.Checkpoints {
			signed := false
			for _, g := range genuine.Checkpoints {
				signed = signed || g.Records == c.Records && bytes.Equal(g.Hash, c.Hash) && g.At.Equal(c.At)
			}
			if !signed {
				t.Errorf("%+v was not signed, but is read from the file", c)
			}
		}
	})
}
