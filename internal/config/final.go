package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// finalKey is the list, at the top of the computer's own file, of the settings that it makes final.
const finalKey = "final"

// layers returns what each source sets, the first that counts least, and the names of the settings that are final.
func (t table) layers(from Sources) (layers []layer, final []string, err error) {
	t.machine = from.Machine
	env, named, err := t.fromEnviron(from.Environ)
	if err != nil {
		return nil, nil, err
	}
	named = cmp.Or(from.Named, named)
	machine := layer{}
	if from.Machine != "" {
		if machine, final, err = t.fromMachine(); err != nil {
			return nil, nil, err
		}
		if sameFile(named, from.Machine) {
			named, from.Files = "", nil
		}
	}
	files := make([]tomlFile, 0, len(from.Files))
	for _, path := range from.Files {
		files = append(files, tomlFile{path: path})
	}
	if named != "" {
		files = []tomlFile{{path: named, must: true}}
		maps.DeleteFunc(machine, func(key string, _ value) bool { return !slices.Contains(final, key) })
	}
	layers = []layer{t.builtIn(), machine}
	for _, f := range files {
		l, _, err := t.fromFile(f)
		if err != nil {
			return nil, nil, err
		}
		layers = append(layers, l)
	}
	layers = append(layers, env, t.fromFlags(from.Flags))
	return layers, final, t.checkFinal(layers[:2], layers[2:], final)
}

// fromMachine reads the computer's own file. One that somebody else could have put there is refused, and so is one that
// names such a file, else any user of the computer could send the others to another hub.
func (t table) fromMachine() (layer, []string, error) {
	if err := checkOwner(t.machine); err != nil {
		return nil, nil, &Error{Where: t.machine, Problem: err.Error(), Hint: ownerHint}
	}
	l, final, err := t.fromFile(tomlFile{path: t.machine, machine: true})
	if err != nil {
		return nil, nil, err
	}
	for _, k := range t.keys {
		v, set := l[k.name]
		if !set || k.kind != Path && k.kind != Paths {
			continue
		}
		for _, path := range filepath.SplitList(v.meant(k.kind)) {
			if err := checkOwner(path); err != nil {
				return nil, nil, &Error{Where: v.origin, Key: k.name, Problem: err.Error(), Hint: ownerHint}
			}
		}
	}
	return l, final, nil
}

// sameFile reports whether both paths name the same file, which is there.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// finalIn returns the settings in the list of those that are final.
func (t table) finalIn(f tomlFile, origin string, list any) ([]string, error) {
	if !f.machine {
		return nil, &Error{
			Where: origin, Key: finalKey, Problem: "only the computer's own file makes settings final", Hint: "that is " + t.machine,
		}
	}
	all, isList := list.([]any)
	if !isList {
		return nil, &Error{
			Where: origin, Key: finalKey, Problem: fmt.Sprintf("%v is not a list of settings", list), Hint: `write ["hub.url", "hub.ca_file"]`,
		}
	}
	names := make([]string, 0, len(all))
	for _, entry := range all {
		name := fmt.Sprint(entry)
		if t.find(name) == nil {
			return nil, &Error{
				Where: origin, Key: finalKey, Problem: fmt.Sprintf("there is no setting %q", name), Hint: meant(name, t.names()),
			}
		}
		names = append(names, name)
	}
	return names, nil
}

// checkFinal refuses a setting that is final and that another source sets to something else. It is not passed over:
// whoever set it meant another hub, say, than the one that would be asked. What others set to the same is left out.
func (t table) checkFinal(computer, others []layer, final []string) error {
	for _, name := range final {
		fixed, kind := topmost(computer, name), t.find(name).kind
		for _, l := range others {
			v, set := l[name]
			if delete(l, name); !set || v.meant(kind) == fixed.meant(kind) {
				continue
			}
			hint := fmt.Sprintf("leave it out: it is %q (%s)", fixed.shown(kind), fixed.origin)
			return &Error{Where: v.origin, Key: name, Problem: "this computer has a final value for it", Hint: hint}
		}
	}
	return nil
}
