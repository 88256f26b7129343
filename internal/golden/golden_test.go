package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failing is a test that may fail.
type failing struct {
	testing.TB
	errors []string
}

func (f *failing) Helper()                   {}
func (f *failing) Errorf(_ string, a ...any) { f.errors = append(f.errors, a[1].(string)) }
func (f *failing) Fatal(a ...any)            { panic(a[0]) }

// updating sets -update for one test, whatever it is for all.
func updating(t *testing.T, on bool) {
	before := *update
	*update = on
	t.Cleanup(func() { *update = before })
}

func TestCompare(t *testing.T) {
	updating(t, false)
	file := filepath.Join(t.TempDir(), "golden.txt")
	if err := os.WriteFile(file, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	same, other := &failing{}, &failing{}
	Compare(same, file, "old\n")
	Compare(other, file, "new\n")
	if len(same.errors) != 0 {
		t.Errorf("the same text: got %q, want no error", same.errors)
	}
	if len(other.errors) != 1 || !strings.Contains(other.errors[0], "old") || !strings.Contains(other.errors[0], "new") {
		t.Errorf("another text: got %q, want one error with the difference", other.errors)
	}
}

func TestCompareWithoutFile(t *testing.T) {
	updating(t, false)
	defer func() {
		if err, ok := recover().(error); !ok || !os.IsNotExist(err) {
			t.Errorf("got %v, want that there is no file", err)
		}
	}()
	Compare(&failing{}, filepath.Join(t.TempDir(), "golden.txt"), "")
}

func TestUpdate(t *testing.T) {
	updating(t, true)
	file := filepath.Join(t.TempDir(), "golden.txt")
	Compare(t, file, "new\n")
	if got, err := os.ReadFile(file); string(got) != "new\n" || err != nil {
		t.Errorf("got %q and %v, want the new text", got, err)
	}
}
