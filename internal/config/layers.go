package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// value is a setting as one source has it.
type value struct {
	text   string
	origin string
	folder string // of the file, when it came from one
}

// beside is a path as the value's source means it: relative to the file that it stands in.
func (v value) beside(path string) string {
	if v.folder == "" || path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(v.folder, path)
}

// layer is what one source sets.
type layer map[string]value

// topmost is the value of the last layer that has one; the first layer has all.
func topmost(layers []layer, key string) value {
	for i := len(layers) - 1; i > 0; i-- {
		if v, set := layers[i][key]; set {
			return v
		}
	}
	return layers[0][key]
}

func builtIn() layer {
	l := layer{}
	for _, k := range keys {
		l[k.name] = value{text: k.usual, origin: "built in"}
	}
	return l
}

// fromFile reads a TOML file. One that is not there sets nothing, unless it must be there.
func fromFile(path string, must bool) (layer, error) {
	k := koanf.New(".")
	err := k.Load(file.Provider(path), toml.Parser())
	var syntax interface{ Position() (row, column int) }
	switch {
	case errors.Is(err, fs.ErrNotExist) && !must:
		return layer{}, nil
	case errors.As(err, &syntax):
		row, _ := syntax.Position()
		return nil, &Error{
			Where: fmt.Sprintf("%s:%d", path, row), Problem: "this is not TOML: " + strings.TrimPrefix(err.Error(), "toml: "),
			Hint: `write text in quotes, as in url = "https://hub.example"`,
		}
	case err != nil:
		return nil, &Error{Where: path, Problem: "the file cannot be read: " + reason(err)}
	}
	raw, _ := os.ReadFile(path) // for line numbers alone: without them, line 0 is left out
	l := layer{}
	for _, name := range k.Keys() {
		origin := path
		if line := lineOf(string(raw), name); line > 0 {
			origin = fmt.Sprintf("%s:%d", path, line)
		}
		known := find(name)
		if known == nil {
			return nil, &Error{Where: origin, Key: name, Problem: "there is no such setting", Hint: meant(name, names())}
		}
		text, ok := k.Get(name).(string)
		if !ok {
			return nil, &Error{Where: origin, Key: name, Problem: fmt.Sprintf("%v is not text in quotes", k.Get(name)), Hint: known.form}
		}
		l[name] = value{text: text, origin: origin, folder: filepath.Dir(path)}
	}
	return l, nil
}

// reason is the cause of a failed file operation, without the path, which stands before it anyway.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// envName is the environment variable of a setting: WARDLIGHT_HUB_CA_FILE.
func envName(key string) string {
	return "WARDLIGHT_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// fromEnviron reads the environment. A variable that looks like a misspelt setting is refused; other WARDLIGHT_ variables
// belong to somebody else.
func fromEnviron(environ []string) (layer, error) {
	known := make(map[string]string, len(keys))
	all := make([]string, 0, len(keys))
	for _, k := range keys {
		known[envName(k.name)] = k.name
		all = append(all, envName(k.name))
	}
	l := layer{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if key, ok := known[name]; ok {
			l[key] = value{text: text, origin: name}
			continue
		}
		if strings.HasPrefix(name, "WARDLIGHT_") {
			if hint := meant(name, all); hint != "" {
				return nil, &Error{Where: name, Problem: "there is no such setting", Hint: hint}
			}
		}
	}
	return l, nil
}

func fromFlags(flags map[string]string) layer {
	l := layer{}
	for _, k := range keys {
		if text, set := flags[k.flag]; set && k.flag != "" {
			l[k.name] = value{text: text, origin: "--" + k.flag}
		}
	}
	return l
}

// find is the setting of that name; nil when there is none.
func find(name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func names() []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.name
	}
	return all
}
