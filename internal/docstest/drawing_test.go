package docstest_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/docstest"
)

// drawing is the drawing of the packages in docs/architecture.md.
type drawing struct {
	boxes  map[string][]string // the packages in each box, without the module's name
	arrows map[string][]string // the boxes to which arrows lead from each
}

var (
	drawnBox   = regexp.MustCompile(`^([a-z]+)\["(.*)"\]$`)
	drawnArrow = regexp.MustCompile(`^([a-z]+) --> ([a-z]+(?: & [a-z]+)*)$`)
)

// readDrawing reads a flowchart of Mermaid. A line of a box is a list of packages; behind a folder and a colon they are
// packages in that folder.
func readDrawing(t *testing.T, text string) drawing {
	t.Helper()
	d := drawing{boxes: make(map[string][]string), arrows: make(map[string][]string)}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if box := drawnBox.FindStringSubmatch(line); box != nil {
			for _, part := range strings.Split(box[2], "<br/>") {
				folder, names, below := strings.Cut(part, ": ")
				if !below {
					folder, names = "", part
				}
				for _, name := range strings.Split(names, ", ") {
					d.boxes[box[1]] = append(d.boxes[box[1]], strings.TrimPrefix(folder+"/"+name, "/"))
				}
			}
			continue
		}

		if arrow := drawnArrow.FindStringSubmatch(line); arrow != nil {
			d.arrows[arrow[1]] = append(d.arrows[arrow[1]], strings.Split(arrow[2], " & ")...)
			continue
		}

		if line != "" && line != "flowchart TD" {
			t.Errorf("got the line %q, want a box or an arrow", line)
		}
	}

	for from, all := range d.arrows {
		for _, to := range append(all, from) {
			if d.boxes[to] == nil {
				t.Errorf("got an arrow of %q, want a box of that name", to)
			}
		}
	}

	return d
}

// reaches returns the boxes to which a way of arrows leads from a box.
func (d drawing) reaches(from string) map[string]bool {
	all := make(map[string]bool)
	todo := slices.Clone(d.arrows[from])
	for len(todo) > 0 {
		box := todo[0]
		todo = todo[1:]
		if !all[box] {
			all[box] = true
			todo = append(todo, d.arrows[box]...)
		}
	}
	return all
}

// imports returns what each package of the module imports of the module, on all systems that it builds for, without its
// tests. The names are without the module's.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	const module = "wardlight/"
	all := make(map[string][]string)
	for _, system := range []string{"linux", "windows"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...")
		cmd.Dir = docstest.Root(t)
		cmd.Env = append(cmd.Environ(), "GOOS="+system, "CGO_ENABLED=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}

		for list := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct {
				ImportPath string
				Imports    []string
			}

			if err := list.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}

			name := strings.TrimPrefix(p.ImportPath, module)
			all[name] = append(all[name], []string{}...)
			for _, path := range p.Imports {
				if of, ours := strings.CutPrefix(path, module); ours {
					all[name] = append(all[name], of)
				}
			}
		}
	}

	for name, of := range all {
		slices.Sort(of)
		all[name] = slices.Compact(of)
	}

	return all
}

// TestDrawing_IsOfThePackages compares the drawing in docs/architecture.md with the packages: each is in exactly one
// box, and what a package imports is in its own box or in one to which a way of arrows leads. No arrow is without an
// import, and no way leads back.
func TestDrawing_IsOfThePackages(t *testing.T) {
	text := ""
	for _, d := range docstest.Documents(t) {
		for _, code := range d.Code {
			if d.Name == "docs/architecture.md" && code.Language == "mermaid" {
				text += code.Text
			}
		}
	}

	d, packages := readDrawing(t, text), imports(t)

	boxOf := make(map[string]string)
	for _, box := range slices.Sorted(maps.Keys(d.boxes)) {
		for _, name := range d.boxes[box] {
			if other, ok := boxOf[name]; ok {
				t.Errorf("got %s in the boxes %s and %s, want it in one", name, other, box)
			}
			boxOf[name] = box
			if _, ok := packages[name]; !ok {
				t.Errorf("got %s in the box %s, want only packages that there are", name, box)
			}
		}
		if d.reaches(box)[box] {
			t.Errorf("got a way of arrows from %s back to it, want none", box)
		}
	}

	used := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		from, ok := boxOf[name]
		if !ok {
			t.Errorf("got no box with %s, want one", name)
			continue
		}
		reached := d.reaches(from)
		for _, of := range packages[name] {
			to := boxOf[of]
			used[from+" "+to] = true
			if to != "" && to != from && !reached[to] {
				t.Errorf("%s imports %s: got no way of arrows from %s to %s, want one or no import", name, of, from, to)
			}
		}
	}

	for from, all := range d.arrows {
		for _, to := range all {
			if !used[from+" "+to] {
				t.Errorf("got an arrow from %s to %s, want an import for it", from, to)
			}
		}
	}
}
