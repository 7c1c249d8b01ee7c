package audit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/hub/audit"
	"wardlight/internal/need"
)

// appendOnly makes files append-only, as an operator does with chattr +a, until the test ends.
func appendOnly(t *testing.T, names ...string) {
	t.Helper()
	chattr := need.Program(t, "chattr", "apt-get install e2fsprogs")
	for _, name := range names {
		if out, err := exec.CommandContext(t.Context(), chattr, "+a", name).CombinedOutput(); err != nil {
			need.Absent(t, "needs root, and a file system that supports chattr +a: "+string(out))
		}
		t.Cleanup(func() {
			if out, err := exec.Command(chattr, "-a", name).CombinedOutput(); err != nil { //nolint:noctx // t's is done
				t.Errorf("chattr -a %s: %v, want nil: %s", name, err, out)
			}
		})
	}
}

func TestAppend_AppendOnlyFileAndFolder(t *testing.T) {
	f, v, name, _ := checkpoints(t)
	appendOnly(t, filepath.Dir(name))
	m := chain(4)
	add(t, f, of(m, 1))
	appendOnly(t, name)
	if os.Truncate(name, 0) == nil || os.Remove(name) == nil || os.Rename(name, name+".old") == nil {
		t.Fatal("the file was changed, want an error: it is append-only")
	}

	add(t, f, of(m, 2))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = file.WriteString("\n" + logName + "\n3\n")
	must(t, err)
	must(t, file.Close())
	if signed := add(t, f, of(m, 4)); !signed.AfterIncomplete {
		t.Error("Append reports nothing, want an incomplete checkpoint before it")
	}

	list, err := audit.ReadCheckpoints(strings.NewReader(read(t, name)), v)
	if err != nil || len(list.Checkpoints) != 3 || len(list.Incomplete) != 1 || list.Incomplete[0] != 15 {
		t.Errorf("ReadCheckpoints = %+v, %v; want three checkpoints, and one of line 15 that is incomplete", list, err)
	}
}
