package client_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/internal/need"
)

// public are the packages that another module imports (docs/integrating.md).
var public = []string{
	"wardlight/client", "wardlight/rbac", "wardlight/cardreader", "wardlight/cardreader/pcsc",
	"wardlight/cardreader/piv", "wardlight/cardreader/pkcs11", "wardlight/cardreader/virtual",
}

// TestOutside_EveryTypeHasAName looks at all that the public packages export: a type of a package below internal, which
// no other module can import, needs a name in one of the public ones.
func TestOutside_EveryTypeHasAName(t *testing.T) {
	seen := exposure{named: make(map[*types.TypeName]bool), from: make(map[*types.TypeName]string)}
	packages := load(t, public)

	for _, p := range packages {
		for _, name := range p.Scope().Names() {
			alias, is := p.Scope().Lookup(name).(*types.TypeName)
			if is && alias.Exported() && alias.IsAlias() {
				if n, is := types.Unalias(alias.Type()).(*types.Named); is {
					seen.named[n.Obj()] = true
				}
			}
		}
	}

	for _, p := range packages {
		for _, name := range p.Scope().Names() {
			if o := p.Scope().Lookup(name); o.Exported() {
				seen.object(o, p.Path()+"."+name)
			}
		}
	}

	if len(seen.from) == 0 {
		t.Error("got no type of an internal package, want at least the NHS number: the test looks at nothing")
	}

	for n, from := range seen.from {
		if !seen.named[n] {
			t.Errorf("got %s.%s in %s, want a name for it that another module can use", n.Pkg().Path(), n.Name(), from)
		}
	}
}

// load returns packages as the compiler sees them.
func load(t *testing.T, paths []string) []*types.Package {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, paths...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}

	exports := make(map[string]string)
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
	}

	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})

	all := make([]*types.Package, len(paths))
	for i, path := range paths {
		if all[i], err = imports.Import(path); err != nil {
			t.Fatal(err)
		}
	}

	return all
}

// exposure gathers the types of internal packages that exported names need.
type exposure struct {
	named map[*types.TypeName]bool   // they have a name in a public package
	from  map[*types.TypeName]string // each type, and a name that needs it
	seen  []types.Type
}

// object looks at an exported name of a package.
func (e *exposure) object(o types.Object, from string) {
	named, is := o.Type().(*types.Named)
	if _, isType := o.(*types.TypeName); !isType || !is {
		e.look(o.Type(), from)
		return
	}
	e.inside(named, from)
}

// inside looks at the fields and methods of a type that another module can use.
func (e *exposure) inside(n *types.Named, from string) {
	e.look(n.Underlying(), from)
	for m := range n.Methods() {
		if m.Exported() {
			e.look(m.Type(), from+"."+m.Name())
		}
	}
}

// look looks at a type, and at all that it is made of.
func (e *exposure) look(t types.Type, from string) {
	if slices.Contains(e.seen, t) {
		return
	}

	e.seen = append(e.seen, t)

	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && strings.HasPrefix(p.Path(), "wardlight/internal/") {
			e.from[t.Obj()] = from
			e.inside(t, from)
		}
		for a := range t.TypeArgs().Types() {
			e.look(a, from)
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				e.look(f.Type(), from+"."+f.Name())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			e.look(m.Type(), from+"."+m.Name())
		}
	case *types.Signature:
		e.look(t.Params(), from)
		e.look(t.Results(), from)
	case *types.Tuple:
		for v := range t.Variables() {
			e.look(v.Type(), from)
		}
	case *types.Map:
		e.look(t.Key(), from)
		e.look(t.Elem(), from)
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		e.look(t.Elem(), from)
	}
}

// TestOutside_AnotherModule builds a program in a module of its own, which has nothing but the public packages, and
// runs it against a hub.
func TestOutside_AnotherModule(t *testing.T) {
	checkout, err := need.Module()
	if err != nil {
		t.Fatal(err)
	}

	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}

	program, err := os.ReadFile(filepath.Join("testdata", "outside", "main.go.txt"))
	if err != nil {
		t.Fatal(err)
	}

	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}

	write("main.go", program)
	write("go.sum", sums)
	const module = "module supplier.example/ward\n\ngo 1.26\n\nrequire wardlight v0.0.0\n\nreplace wardlight => %s\n"
	write("go.mod", fmt.Appendf(nil, module, checkout))

	hub := hubtest.New(t, at(noon))
	trusted := write("hub-ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hub.Certificate().Raw}))
	run := func(name string, args ...string) string {
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir = folder
		c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "CGO_ENABLED=0", "GOWORK=off")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		return string(out)
	}

	binary := filepath.Join(folder, "ward.exe")
	run("go", "build", "-o", binary, ".")

	for number, want := range map[string]string{
		hubtest.WithAlert: "999 000 0018: ALERT\n",
		hubtest.NoAlert:   "999 000 0026: none recorded\n",
		"9990000042":      "999 000 0042: could not check: no current patient has this number\n",
	} {
		if got := run(binary, hub.URL, trusted, number); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	if n := hub.LiveSessions(); n != 0 {
		t.Errorf("got %d sessions at the end, want none", n)
	}
}
