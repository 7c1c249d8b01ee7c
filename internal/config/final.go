package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// finalKey is the key in the computer's own file that lists the settings it makes final. It precedes the first table.
const finalKey = "final"

// layers returns the settings of each source, lowest priority first, and the names of the final settings.
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

// fromMachine reads the computer's own file. It rejects the file, and any file to which it refers, if another user may
// have created it: otherwise any user of the computer could redirect the others to another hub.
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
		for _, path := range filepath.SplitList(v.resolved(k.kind)) {
			if err := checkOwner(path); err != nil {
				return nil, nil, &Error{Where: v.origin, Key: k.name, Problem: err.Error(), Hint: ownerHint}
			}
		}
	}
	return l, final, nil
}

// sameFile reports whether both paths refer to the same existing file.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// finalIn returns the names in the list of final settings.
func (t table) finalIn(f tomlFile, origin string, list any) ([]string, error) {
	if !f.machine {
		return nil, &Error{
			Where: origin, Key: finalKey, Problem: "only the computer's own file makes settings final",
			Hint: "that is " + t.machine,
		}
	}

	all, isList := list.([]any)
	if !isList {
		return nil, &Error{
			Where: origin, Key: finalKey, Problem: fmt.Sprintf("%v is not a list of settings", list),
			Hint: `write ["hub.url", "hub.ca_file"]`,
		}
	}

	names := make([]string, 0, len(all))
	for _, entry := range all {
		name := fmt.Sprint(entry)
		if t.find(name) == nil {
			return nil, &Error{
				Where: origin, Key: finalKey, Problem: fmt.Sprintf("there is no setting %q", name),
				Hint: suggest(name, t.names()),
			}
		}
		names = append(names, name)
	}

	return names, nil
}

// checkFinal returns an error if another source sets a final setting to another value. Ignoring the other value would
// be misleading: the user would expect another hub, for instance. Equal values are removed from the other layers.
func (t table) checkFinal(computer, others []layer, final []string) error {
	for _, name := range final {
		fixed, kind := lookup(computer, name), t.find(name).kind
		for _, l := range others {
			v, set := l[name]
			if delete(l, name); !set || v.resolved(kind) == fixed.resolved(kind) {
				continue
			}
			hint := fmt.Sprintf("leave it out: it is %q (%s)", fixed.shown(kind), fixed.origin)
			return &Error{Where: v.origin, Key: name, Problem: "this computer has a final value for it", Hint: hint}
		}
	}
	return nil
}
