package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"wardlight/internal/text"
)

// value is a setting in one source.
type value struct {
	text   string
	origin string
	folder string // folder of the file, if it came from one
}

// resolved returns the text with relative paths resolved: a path in a file is relative to that file.
func (v value) resolved(kind Kind) string {
	switch kind {
	case Path:
		return v.beside(v.text)
	case Paths:
		all := filepath.SplitList(v.text)
		for i, path := range all {
			all[i] = v.beside(path)
		}
		return strings.Join(all, listed)
	default:
		return v.text
	}
}

func (v value) beside(path string) string {
	if v.folder == "" || path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(v.folder, path)
}

// shown returns the text for display, without secrets.
func (v value) shown(kind Kind) string {
	if kind == Secret && v.text != "" {
		return "(kept secret)"
	}
	return text.WithoutCredentials(v.text)
}

// layer maps the settings of one source to their values.
type layer map[string]value

// lookup returns the value in the last layer that sets the key. The first layer sets all keys.
func lookup(layers []layer, key string) value {
	for i := len(layers) - 1; i > 0; i-- {
		if v, set := layers[i][key]; set {
			return v
		}
	}
	return layers[0][key]
}

// key is a Key without its type parameter.
type key struct {
	name, flag, def, form string
	kind                  Kind
}

// table lists all keys of a program.
type table struct {
	prefix, example string
	machine         string // Sources.Machine
	shared          bool
	keys            []key
}

func (t table) builtIn() layer {
	l := layer{}
	for _, k := range t.keys {
		l[k.name] = value{text: k.def, origin: "built in"}
	}
	return l
}

// tomlFile is a configuration file.
type tomlFile struct {
	path    string
	must    bool // must exist
	machine bool // the computer's own file, which may make settings final
}

// fromFile reads a TOML file. It returns its settings and the names of those it makes final. A missing file has no
// settings; it is an error if f.must is set.
func (t table) fromFile(f tomlFile) (l layer, final []string, err error) {
	k := koanf.New(".")
	err = k.Load(bomFile{file.Provider(f.path), f.path}, toml.Parser())
	var syntax interface{ Position() (row, column int) }
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.must:
		return layer{}, nil, nil
	case errors.As(err, &syntax):
		row, _ := syntax.Position()
		return nil, nil, noTOML(f.path, row, err, "write text in quotes, as in "+t.example)
	case err != nil:
		if row := duplicateLine(f.path, err); row > 0 {
			return nil, nil, noTOML(f.path, row, err, "leave one of the two")
		}
		return nil, nil, &Error{Where: f.path, Problem: "the file cannot be read: " + Reason(err)}
	}

	raw, _ := ReadFile(f.path) // only for line numbers; on an error, line 0 is omitted
	l = layer{}
	for _, name := range k.Keys() {
		origin := f.path
		if line := lineOf(string(raw), name); line > 0 {
			origin = fmt.Sprintf("%s:%d", f.path, line)
		}

		if name == finalKey && t.machine != "" {
			if final, err = t.finalIn(f, origin, k.Get(name)); err != nil {
				return nil, nil, err
			}
			continue
		}

		if empty, ok := k.Get(name).(map[string]any); ok && len(empty) == 0 && t.hasTable(name) {
			continue
		}

		text, err := t.written(name, k.Get(name), origin)
		if err != nil {
			return nil, nil, err
		}

		l[name] = value{text: text, origin: origin, folder: filepath.Dir(f.path)}
	}

	return l, final, nil
}

// written returns the text of a value in a file. The error is an *Error if the setting is unknown or the value has the
// wrong type.
func (t table) written(name string, v any, origin string) (string, error) {
	known := t.find(name)
	if known == nil {
		hint := suggest(name, t.names())
		if t.machine != "" && strings.HasSuffix(name, "."+finalKey) {
			hint = finalKey + " stands above the first table"
		}
		return "", &Error{Where: origin, Key: name, Problem: "there is no such setting", Hint: hint}
	}
	text, ok := known.kind.written(v)
	if !ok {
		problem := fmt.Sprintf("%v is not %s", v, known.kind)
		if known.kind == Secret {
			problem = "this is not " + known.kind.String()
		}
		return "", &Error{Where: origin, Key: name, Problem: problem, Hint: known.form}
	}
	return text, nil
}

// ReadFile reads a configuration file, or a file that a setting names, without the byte order mark that Windows
// programs write. Errors are those of os.ReadFile.
func ReadFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	return text.WithoutByteOrderMark(b), err
}

// bomFile makes koanf read a configuration file with ReadFile.
type bomFile struct {
	*file.File
	path string
}

// ReadBytes reads the file.
func (u bomFile) ReadBytes() ([]byte, error) { return ReadFile(u.path) }

func noTOML(path string, row int, err error, hint string) *Error {
	return &Error{
		Where: fmt.Sprintf("%s:%d", path, row), Problem: "this is not TOML: " + strings.TrimPrefix(err.Error(),
			"toml: "),
		Hint: hint,
	}
}

// duplicateLine returns the line that causes err, which is 0 if none does. The parser doesn't report the position of a
// duplicate key or table.
func duplicateLine(path string, err error) int {
	raw, _ := ReadFile(path) // an unreadable file yields 0
	lines := strings.SplitAfter(string(raw), "\n")
	for i := range lines {
		if _, found := toml.Parser().Unmarshal([]byte(strings.Join(lines[:i+1], ""))); found != nil &&
			found.Error() == err.Error() {
			return i + 1
		}
	}
	return 0
}

// written returns a TOML value as text, or false if its type doesn't fit the kind.
func (k Kind) written(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return fmt.Sprint(v), k == Number
	case bool:
		return strconv.FormatBool(v), k == Switch
	case []any:
		var all []string
		for _, e := range v {
			text, ok := e.(string)
			if !ok {
				return "", false
			}
			all = append(all, text)
		}
		return strings.Join(all, listed), k == Paths
	default:
		return "", false
	}
}

// listed separates the paths in a list, as in PATH.
const listed = string(filepath.ListSeparator)

// Reason returns the cause of a failed file operation without the path, for messages that already contain the path.
func Reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// fromEnviron reads the environment, and returns the path of the file that it names. It rejects a variable that looks
// like a misspelt setting.
func (t table) fromEnviron(environ []string) (l layer, named string, err error) {
	known := make(map[string]string, len(t.keys))
	all := make([]string, 0, len(t.keys))
	for _, k := range t.keys {
		known[Variable(t.prefix, k.name)] = k.name
		all = append(all, Variable(t.prefix, k.name))
	}

	l = layer{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if key, ok := known[name]; ok {
			l[key] = value{text: text, origin: name}
			continue
		}
		switch rest, ours := strings.CutPrefix(name, t.prefix); {
		case !ours:
		case rest == "CONFIG":
			named = text
		default:
			if hint := suggest(name, all); hint != "" || !t.shared {
				return nil, "", &Error{Where: name, Problem: "there is no such setting", Hint: hint}
			}
		}
	}

	return l, named, nil
}

func (t table) fromFlags(flags map[string]string) layer {
	l := layer{}
	for _, k := range t.keys {
		if text, set := flags[k.flag]; set && k.flag != "" {
			l[k.name] = value{text: text, origin: "--" + k.flag}
		}
	}
	return l
}

// find returns the key with that name, or nil if there is none.
func (t table) find(name string) *key {
	for i := range t.keys {
		if t.keys[i].name == name {
			return &t.keys[i]
		}
	}
	return nil
}

// hasTable reports whether any setting belongs to the table.
func (t table) hasTable(name string) bool {
	return slices.ContainsFunc(t.keys, func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

func (t table) names() []string {
	all := make([]string, len(t.keys))
	for i, k := range t.keys {
		all[i] = k.name
	}
	return all
}
