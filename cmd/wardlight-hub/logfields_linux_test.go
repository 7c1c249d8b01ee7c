package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logLine is what is the same in each log line of its kind: level, message, and the fields that it may have.
type logLine struct{ level, message string }

// logSources are the folders of the Go files that write the hub's log.
var logSources = []string{".", "../../hub", "../../internal/reread"}

// logWrappers are the functions that log a message of their caller: which argument it is, what they put before it, and
// the fields that they add themselves.
var logWrappers = map[string]struct {
	message int
	level   string
	before  string
	fields  []string
}{
	"failing":   {1, "ERROR", "", []string{"error"}},
	"Report":    {3, "ERROR", "ALARM: ", []string{"file", "error"}},
	"serverLog": {level: "WARN"}, // the words of net/http
}

// logCalls collects the log lines of the source.
type logCalls struct {
	t         *testing.T
	files     *token.FileSet
	constants map[string]string
	found     map[logLine][]string // the fields, sorted
}

// readLogCalls returns the log lines that the hub can write, each with its fields.
func readLogCalls(t *testing.T) map[logLine][]string {
	t.Helper()
	c := &logCalls{
		t: t, files: token.NewFileSet(), constants: make(map[string]string), found: make(map[logLine][]string),
	}

	var all []*ast.File
	for _, folder := range logSources {
		must(t, filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(c.files, name, nil, parser.SkipObjectResolution)
			all = append(all, file)
			return err
		}))
	}

	for _, file := range all {
		for _, d := range file.Decls {
			if g, is := d.(*ast.GenDecl); is && g.Tok == token.CONST {
				for _, s := range g.Specs {
					c.note(s.(*ast.ValueSpec)) //nolint:errcheck,forcetypeassert // a const declaration has no others
				}
			}
		}
	}

	for _, file := range all {
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Body != nil {
				c.inFunction(f)
			}
		}
	}

	return c.found
}

// note notes the constants that are strings.
func (c *logCalls) note(s *ast.ValueSpec) {
	for i, name := range s.Names {
		if i < len(s.Values) {
			if v, is := c.text(s.Values[i]); is {
				c.constants[name.Name] = v
			}
		}
	}
}

// text returns the value of a constant string.
func (c *logCalls) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		v := constant.MakeFromLiteral(e.Value, e.Kind, 0)
		if v.Kind() != constant.String {
			return "", false
		}
		return constant.StringVal(v), true
	case *ast.Ident:
		v, is := c.constants[e.Name]
		return v, is
	case *ast.BinaryExpr:
		left, leftIs := c.text(e.X)
		right, rightIs := c.text(e.Y)
		return left + right, leftIs && rightIs
	}
	return "", false
}

// inFunction collects the log lines of a function.
func (c *logCalls) inFunction(f *ast.FuncDecl) {
	fieldsOf := make(map[string][]ast.Expr) // by the variable that has them: a logger, or a slice of fields
	ast.Inspect(f.Body, func(n ast.Node) bool {
		assigned, is := n.(*ast.AssignStmt)
		if !is || len(assigned.Lhs) != 1 || len(assigned.Rhs) != 1 {
			return true
		}

		name, is := assigned.Lhs[0].(*ast.Ident)
		if !is {
			return true
		}

		switch v := assigned.Rhs[0].(type) {
		case *ast.CompositeLit:
			if a, is := v.Type.(*ast.ArrayType); is {
				if of, is := a.Elt.(*ast.Ident); is && of.Name == "any" {
					fieldsOf[name.Name] = append(fieldsOf[name.Name], v.Elts...)
				}
			}
		case *ast.CallExpr:
			switch called := v.Fun.(type) {
			case *ast.SelectorExpr:
				if called.Sel.Name == "With" {
					fieldsOf[name.Name] = append(fieldsOf[name.Name], v.Args...)
				}
			case *ast.Ident:
				if called.Name == "append" && fieldsOf[name.Name] != nil {
					fieldsOf[name.Name] = append(fieldsOf[name.Name], v.Args[1:]...)
				}
			}
		}

		return true
	})

	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		if method, is := call.Fun.(*ast.SelectorExpr); is {
			c.call(f, method, call, fieldsOf)
		}
		return true
	})
}

// call adds the log line of a call, where it is one.
func (c *logCalls) call(f *ast.FuncDecl, method *ast.SelectorExpr, call *ast.CallExpr, fieldsOf map[string][]ast.Expr) {
	level, withContext := strings.CutSuffix(method.Sel.Name, "Context")
	message, before := 0, ""
	if withContext {
		message = 1
	}

	var fields []string
	if w, is := logWrappers[method.Sel.Name]; is {
		level, message, before, fields = w.level, w.message, w.before, slices.Clone(w.fields)
	} else if level = strings.ToUpper(level); !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) {
		return
	}

	receiver, _ := method.X.(*ast.Ident)
	others := receiver != nil && (receiver.Name == "http" || receiver.Name == "t") // http.Error, t.Error
	if others || len(call.Args) <= message {                                       // err.Error()
		return
	}

	text, is := c.text(call.Args[message])
	if !is {
		if _, wrapper := logWrappers[f.Name.Name]; !wrapper {
			c.t.Errorf("%s: the message of a log line is not constant", c.files.Position(call.Pos()))
		}
		return
	}

	if receiver != nil {
		fields = append(fields, c.fields(fieldsOf[receiver.Name])...)
	}

	rest := call.Args[message+1:]
	if method.Sel.Name == "failing" { // what comes next is the error
		rest = nil
	}

	if call.Ellipsis.IsValid() {
		spread, _ := rest[len(rest)-1].(*ast.Ident)
		if spread == nil {
			c.t.Errorf("%s: the fields of a log line are not those of a variable", c.files.Position(call.Pos()))
			return
		}
		fields, rest = append(fields, c.fields(fieldsOf[spread.Name])...), rest[:len(rest)-1]
	}

	line := logLine{level, before + text}
	fields = append(append(fields, c.fields(rest)...), c.found[line]...)
	slices.Sort(fields)
	c.found[line] = slices.Compact(fields)
}

// fields returns the names among names and values in turn.
func (c *logCalls) fields(args []ast.Expr) []string {
	var all []string
	for i := 0; i < len(args); i += 2 {
		name, is := c.text(args[i])
		if !is {
			c.t.Errorf("%s: the name of a field is not constant", c.files.Position(args[i].Pos()))
		}
		all = append(all, name)
	}
	return all
}

// documentedLog returns the log lines and the fields that the handbook describes.
func documentedLog(t *testing.T) (lines map[logLine][]string, fields map[string]bool) {
	t.Helper()
	lines, fields = make(map[logLine][]string), make(map[string]bool)
	_, text, found := strings.Cut(readFile(t, monitoring), "\n## The log\n")
	if !found {
		t.Fatalf("%s has no section on the log", monitoring)
	}

	name := regexp.MustCompile("`([^`]+)`")
	for row := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}

		switch {
		case len(cells) == 4 && slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, cells[0]):
			line := logLine{cells[0], cells[1]}
			if _, twice := lines[line]; twice {
				t.Errorf("%s describes %q twice", monitoring, line.message)
			}
			lines[line] = []string{}
			for _, found := range name.FindAllStringSubmatch(cells[2], -1) {
				lines[line] = append(lines[line], found[1])
			}
			slices.Sort(lines[line])
		case len(cells) == 2 && name.MatchString(cells[0]):
			fields[strings.Trim(cells[0], "`")] = true
		}
	}

	return lines, fields
}

// TestTheLogIsDocumented compares the handbook's tables of log lines and of their fields with the source.
func TestTheLogIsDocumented(t *testing.T) {
	source := readLogCalls(t)
	lines, fields := documentedLog(t)
	if len(source) < 40 {
		t.Errorf("got %d log lines in the source, want 40 at least", len(source))
	}

	for line, want := range source {
		got, described := lines[line]
		if !described || !slices.Equal(got, want) {
			row := fmt.Sprintf("| %s | %s | %s | … |", line.level, line.message, quoted(want))
			t.Errorf("%s: got the fields %q, want a row\n%s", monitoring, got, row)
		}
		for _, name := range want {
			if !fields[name] {
				t.Errorf("%s does not describe the field %q", monitoring, name)
			}
		}
	}

	for line := range lines {
		if _, is := source[line]; !is {
			t.Errorf("%s describes %s %q, which the hub does not log", monitoring, line.level, line.message)
		}
	}

	used := slices.Concat(slices.Collect(maps.Values(source))...)
	for name := range fields {
		if !slices.Contains(used, name) && !slices.Contains([]string{"time", "level", "msg"}, name) {
			t.Errorf("%s describes the field %q, which no line has", monitoring, name)
		}
	}
}

// quoted returns names as the handbook has them.
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = "`" + n + "`"
	}
	return strings.Join(all, ", ")
}

// TestEveryAlarmHasARule compares the alarms that the hub can log with the rules that select them.
func TestEveryAlarmHasARule(t *testing.T) {
	selector := regexp.MustCompile(`alarm(=~|!~)("(?:[^"\\]|\\.)*")`)

	// These alarms have metrics of their own, which rules watch.
	metric := regexp.MustCompile(
		`^(a notification was abandoned|a privacy alert was not sent|MESH did not deliver|a person received answers about more|` +
			`records at the end of the audit)`,
	)
	for line := range readLogCalls(t) {
		alarm, is := strings.CutPrefix(line.message, "ALARM: ")
		if !is {
			continue
		}

		var rules []string
		for _, r := range readAlertRules(t) {
			for _, s := range selector.FindAllStringSubmatch(r.Expr, -1) {
				pattern, err := strconv.Unquote(s[2])
				must(t, err)
				if regexp.MustCompile("^(?:"+pattern+")$").MatchString(alarm) == (s[1] == "=~") {
					rules = append(rules, r.Alert)
				}
			}
		}

		want := 1
		if metric.MatchString(alarm) {
			want = 0
		}

		if len(rules) != want {
			t.Errorf("%q: got the rules %v, want %d", alarm, rules, want)
		}
	}
}

// checkLogged compares log lines of running hubs with the handbook.
func checkLogged(t *testing.T, logged map[string]bool) {
	t.Helper()
	lines, _ := documentedLog(t)
	kinds := make(map[logLine]bool)
	for text := range logged {
		var fields map[string]any
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			if strings.HasSuffix(text, "\n") { // a hub that is killed leaves half a line
				t.Errorf("a line of the log is no JSON: %v: %s", err, text)
			}
			continue
		}

		line := logLine{fmt.Sprint(fields["level"]), fmt.Sprint(fields["msg"])}
		if line.level == "WARN" && strings.HasPrefix(line.message, "http: ") { // net/http's own words
			continue
		}

		kinds[line] = true
		described, is := lines[line]
		if !is {
			t.Errorf("%s does not describe this line of the log: %s", monitoring, text)
		}

		for name := range fields {
			if !slices.Contains(described, name) && !slices.Contains([]string{"time", "level", "msg"}, name) {
				t.Errorf("%s does not say that this line has %q: %s", monitoring, name, text)
			}
		}
	}

	if len(kinds) < 15 {
		t.Errorf("got %d kinds of log lines, want 15 at least", len(kinds))
	}
}
