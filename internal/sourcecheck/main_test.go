package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestCheck(t *testing.T) {
	const insert = "INS" + "ERT" // in two, for the check reads this file, too
	long := strings.Repeat("x", 111)
	for name, c := range map[string]struct {
		src  string
		want string // the reason, "" where the file is accepted
	}{
		"function is":      {"// f is the sum.\nfunc f() {}\n", `the comment begins "f is"`},
		"method tells":     {"// m tells the sum.\nfunc (t T) m() {}\n", `the comment begins "m tells"`},
		"function returns": {"// f returns what is the sum.\nfunc f() {}\n", ""},
		"function is like": {"// f is like g, for a file.\nfunc f() {}\n", ""},
		"type is":          {"// T is a number.\ntype T int\n", ""},
		"issues":           {"// f issues a card.\nfunc f() {}\n", ""},
		"120 columns":      {"\t// 34" + long + "\nvar a int\n", ""},
		"121 columns":      {"\t// 345" + long + "\nvar a int\n", "121 columns"},
		"umlauts":          {"\t// 34" + strings.Repeat("ü", 111) + "\nvar a int\n", ""},
		"raw string":       {"var a = `\n1234567890" + long + "`\n", ""},
		"after raw string": {"var a = `\n`\n\n// 1234567890" + long + "\n", "columns"},
		"INSERT":           {"const q = `" + insert + " INTO plan VALUES (?)`\n", "INSERT without"},
		"INSERT SELECT":    {"const q = `" + insert + " OR REPLACE INTO a.plan SELECT 1`\n", "INSERT without"},
		"named columns":    {"const q = `" + insert + " INTO plan (number) VALUES (?)`\n", ""},
		"inserted":         {"const q = `the plans inserted into values`\n", ""},
	} {
		found, err := check([]byte("package p\n\n" + c.src))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}

		got := ""
		for _, f := range found {
			got += f.text
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: check() = %q, want %q", name, got, c.want)
		}
	}
}

func TestCheckTree(t *testing.T) {
	tree := fstest.MapFS{
		"a/a.go":      {Data: []byte("package a\n\n// f is 1.\nfunc f() {}\n")},
		".bin/b.go":   {Data: []byte("package b\n\n// f is 1.\nfunc f() {}\n")},
		"a/notes.txt": {Data: []byte("// f is 1.")},
	}
	want := `a/a.go:3: the comment begins "f is": say what the function returns or does`
	if got, err := checkTree(tree); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("checkTree() = %q, %v, want %q", got, err, want)
	}

	tree["a/broken.go"] = &fstest.MapFile{Data: []byte("package")}
	if _, err := checkTree(tree); err == nil || !strings.HasPrefix(err.Error(), "a/broken.go: ") {
		t.Errorf("checkTree() of a file that does not parse: got error %v, want one that names it", err)
	}
}
