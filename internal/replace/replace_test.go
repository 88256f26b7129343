package replace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes a folder with files and moves into it.
func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// tree is every regular file below the current folder, and its text.
func tree(t *testing.T) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		got[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func file(name, old, new string) File { return File{name, []byte(old), []byte(new)} }

func TestFiles(t *testing.T) {
	folder(t, map[string]string{"a": "1", "sub/b": "2", "c": "3"})
	if err := os.Chmod("a", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Files([]File{file("a", "1", "one"), file("sub/b", "2", "two")}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"a": "one", "sub/b": "two", "c": "3"}, tree(t)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	info, err := os.Stat("a")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), fs.FileMode(0o640); got != want && runtime.GOOS != "windows" {
		t.Errorf("mode %v, want %v", got, want)
	}
}

func TestFilesKeepLinks(t *testing.T) {
	folder(t, map[string]string{"real/a": "1"})
	if err := os.Symlink(filepath.Join("real", "a"), "link"); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := Files([]File{file("link", "1", "one")}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.Readlink("link"); err != nil || got != filepath.Join("real", "a") {
		t.Errorf("link leads to %q, error %v, want real/a", got, err)
	}
	if d := cmp.Diff(map[string]string{"real/a": "one"}, tree(t)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

// Whatever is wrong with one file, no other one changes and nothing is left behind.
func TestFilesAllOrNone(t *testing.T) {
	tests := []struct {
		name string
		bad  File
		is   error
	}{
		{"missing", file("missing", "", "x"), fs.ErrNotExist},
		{"changed", file("b", "not 2", "x"), ErrChanged},
		{"folder", file("sub", "", "x"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			was := map[string]string{"a": "1", "b": "2", "sub/c": "3"}
			folder(t, was)
			err := Files([]File{file("a", "1", "one"), tt.bad})
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v, want %v", err, tt.is)
			}
			if d := cmp.Diff(was, tree(t)); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
		})
	}
}

// A rename that fails takes the earlier ones back.
func TestFilesUndo(t *testing.T) {
	folder(t, map[string]string{"a": "1", "b": "2"})
	a, err := stage(file("a", "1", "one"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.commit(); err != nil {
		t.Fatal(err)
	}
	if err := undo([]*pending{a}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"a": "1", "b": "2"}, tree(t)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}
