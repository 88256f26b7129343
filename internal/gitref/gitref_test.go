package gitref

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository makes a repository with two commits, the first of them tagged v1.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "-b", "main")
	files(t, dir, map[string]string{"plan.yaml": "one\n", "events/a.yaml": "a\n", "events/b.yaml": "", "deep/er/x y\n.yaml": "odd\n"})
	for link, target := range map[string]string{
		"link.yaml": "plan.yaml", "events/up.yaml": "../plan.yaml", "linked": "events", "out.yaml": "/etc/passwd", "out2.yaml": "../../x", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("no links here")
		}
	}
	commit(t, dir, "first")
	git(t, dir, "tag", "v1")
	files(t, dir, map[string]string{"plan.yaml": "two\n", "new.yaml": "new\n"})
	commit(t, dir, "second")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.c", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.c")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func commit(t *testing.T, dir, message string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", message)
}

func files(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, dir string) *Repository {
	t.Helper()
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(t *testing.T, r *Repository, ref string) *Commit {
	t.Helper()
	c, err := r.At(context.Background(), ref) // the test's own ends before its clean-up
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Close(); err != nil {
			t.Error("the second Close:", err)
		}
	})
	return c
}

func TestRefs(t *testing.T) {
	dir := repository(t)
	r := open(t, filepath.Join(dir, "events"))
	for ref, want := range map[string]string{
		"main": "two\n", "HEAD": "two\n", "HEAD~1": "one\n", "HEAD^": "one\n", "v1": "one\n", "v1^{commit}": "one\n", "refs/heads/main": "two\n", "@": "two\n", "main@{0}": "two\n",
	} {
		got, err := fs.ReadFile(at(t, r, ref), "plan.yaml")
		if err != nil || string(got) != want {
			t.Errorf("plan.yaml at %s = %q, %v; want %q", ref, got, err, want)
		}
	}
	_, err := fs.ReadFile(at(t, r, "v1"), "new.yaml")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("new.yaml at v1: %v, want %v", err, fs.ErrNotExist)
	}
}

// Nothing that git could take for something else reaches it.
func TestCheck(t *testing.T) {
	for ref, want := range map[string]string{
		"":                    `git ref "" is empty`,
		"-x":                  `git ref "-x" begins with a hyphen`,
		"--output=/tmp/x":     `git ref "--output=/tmp/x" begins with a hyphen`,
		"a b":                 `git ref "a b" holds a space`,
		"a\tb":                `git ref "a\tb" holds a space`,
		"a\nb":                `git ref "a\nb" holds a space`,
		"main..v1":            `git ref "main..v1" holds "..": name one commit`,
		"../x":                `git ref "../x" holds "..": name one commit`,
		"main:plan.yaml":      `git ref "main:plan.yaml" holds ":"`,
		":/first":             `git ref ":/first" holds ":"`,
		"a*":                  `git ref "a*" holds "*"`,
		"a\x00b":              `git ref "a\x00b" holds a control character`,
		"a\x1b[2J":            `git ref "a\x1b[2J" holds a control character`,
		"a\u202eb":            `git ref "a\u202eb" holds a control character`,
		"a\xffb":              `git ref "a\xffb" holds a control character`,
		`a\b`:                 `git ref "a\\b" holds "\\"`,
		"$(touch x)":          `git ref "$(touch x)" holds a space`,
		"main":                "",
		"feature/größe-1_2.3": "",
		"v1^{tree}":           "",
		"`x`;y&z|$PATH":       "", // no shell reads it
	} {
		got := ""
		if err := Check(ref); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Check(%q) = %q, want %q", ref, got, want)
		}
	}
	if err := Check(strings.Repeat("x", maxRef+1)); err == nil {
		t.Error("a very long ref is let through")
	}
}

func TestUnknownRef(t *testing.T) {
	dir := repository(t)
	git(t, dir, "branch", "release-2")
	git(t, dir, "update-ref", "refs/remotes/origin/develop", "HEAD")
	r := open(t, dir)
	for ref, want := range map[string]string{
		"mian":      `unknown git ref "mian"; did you mean "main"?`,
		"release-3": `unknown git ref "release-3"; did you mean "release-2"?`,
		"develop":   `unknown git ref "develop"; did you mean "origin/develop"?`,
		"HEAD~9":    `unknown git ref "HEAD~9"`,
		"v1^{tree}": `unknown git ref "v1^{tree}"`,
		"`x`;y|z":   "unknown git ref \"`x`;y|z\"",
	} {
		_, err := r.At(t.Context(), ref)
		if err == nil || err.Error() != want {
			t.Errorf("At(%q): %v, want %s", ref, err, want)
		}
		if unknown := new(UnknownRefError); !errors.As(err, &unknown) || unknown.Shallow {
			t.Errorf("At(%q): %#v, want an *UnknownRefError of a full clone", ref, err)
		}
	}
}

func TestShallow(t *testing.T) {
	dir := repository(t)
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", "--depth=1", "file://"+filepath.ToSlash(dir), clone)
	_, err := open(t, clone).At(t.Context(), "HEAD~1")
	want := `unknown git ref "HEAD~1"; this clone is shallow, so fetch the whole history: "git fetch --unshallow", or fetch-depth: 0 for actions/checkout`
	if err == nil || err.Error() != want {
		t.Errorf("At: %v, want %s", err, want)
	}
}

// A hook of git runs in the root of the checkout, and says so to all it starts.
func TestInHook(t *testing.T) {
	dir := repository(t)
	t.Setenv("GIT_DIR", ".git")
	t.Setenv("GIT_INDEX_FILE", ".git/index")
	if got, err := fs.ReadFile(at(t, open(t, filepath.Join(dir, "events")), "v1"), "plan.yaml"); err != nil || string(got) != "one\n" {
		t.Errorf("plan.yaml at v1 = %q, %v", got, err)
	}
}

func TestNoRepository(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNoRepository) {
		t.Errorf("Open: %v, want %v", err, ErrNoRepository)
	}
}

func TestNoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context(), "."); !errors.Is(err, ErrNoGit) {
		t.Errorf("Open: %v, want %v", err, ErrNoGit)
	}
}

func TestDefaultBranch(t *testing.T) {
	dir := repository(t)
	if got, err := open(t, dir).DefaultBranch(t.Context()); err == nil {
		t.Errorf("DefaultBranch of a repository without a remote = %q", got)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", dir, clone)
	if got, err := open(t, clone).DefaultBranch(t.Context()); got != "origin/main" || err != nil {
		t.Errorf("DefaultBranch of a clone = %q, %v; want origin/main", got, err)
	}
}

// Files, folders and links of a commit are those that were committed.
func TestFS(t *testing.T) {
	dir := repository(t)
	for _, link := range []string{"out.yaml", "out2.yaml", "loop"} {
		git(t, dir, "rm", "-q", link)
	}
	commit(t, dir, "without")
	c := at(t, open(t, dir), "HEAD")
	for name, want := range map[string]string{
		"events/a.yaml": "a\n", "events/b.yaml": "", "link.yaml": "two\n", "events/up.yaml": "two\n", "linked/a.yaml": "a\n", "deep/er/x y\n.yaml": "odd\n",
	} {
		got, err := fs.ReadFile(c, name)
		if err != nil || string(got) != want {
			t.Errorf("%q = %q, %v; want %q", name, got, err, want)
		}
	}
	got, err := fs.Glob(c, "events/*.yaml")
	if want := []string{"events/a.yaml", "events/b.yaml", "events/up.yaml"}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("events/*.yaml = %q, %v; want %q", got, err, want)
	}
	if got, err := fs.Glob(c, "linked/[ab].yaml"); err != nil || len(got) != 2 {
		t.Errorf("linked/[ab].yaml = %q, %v; want two files", got, err)
	}
	if _, err := fs.Stat(c, "plan.yaml/x"); err == nil {
		t.Error("a file has something in it")
	}
}

// A link leads nowhere outside the commit.
func TestLinks(t *testing.T) {
	c := at(t, open(t, repository(t)), "HEAD")
	for name, want := range map[string]string{
		"out.yaml":  "open out.yaml: a link that leaves the repository",
		"out2.yaml": "open out2.yaml: a link that leaves the repository",
		"loop":      "open loop: too many links",
		"events":    "open events: a folder",
		"../x":      "open ../x: invalid argument",
	} {
		_, err := c.Open(name)
		if err == nil || err.Error() != want {
			t.Errorf("Open(%q): %v, want %s", name, err, want)
		}
	}
}

func TestPath(t *testing.T) {
	dir := repository(t)
	r := open(t, filepath.Join(dir, "events"))
	for file, want := range map[string]string{
		filepath.Join(dir, "plan.yaml"):            "plan.yaml",
		filepath.Join(dir, "gone", "or", "x.yaml"): "gone/or/x.yaml",
		filepath.Join(dir, "events", "..", "x"):    "x",
	} {
		if got, err := r.Path(file); got != want || err != nil {
			t.Errorf("Path(%s) = %q, %v; want %q", file, got, err, want)
		}
	}
	if got, err := r.Path(filepath.Dir(dir)); err == nil {
		t.Errorf("Path of a file outside = %q", got)
	}
}

// The files of a large plan are read by one git, not by one each.
func TestManyFiles(t *testing.T) {
	dir := repository(t)
	texts := map[string]string{}
	for i := range 300 {
		texts[fmt.Sprintf("many/%d.yaml", i)] = strings.Repeat(fmt.Sprint(i), i)
	}
	files(t, dir, texts)
	commit(t, dir, "many")
	c := at(t, open(t, dir), "HEAD")
	for name, want := range texts {
		if got, err := fs.ReadFile(c, name); err != nil || string(got) != want {
			t.Fatalf("%s has %d bytes, %v; want %d", name, len(got), err, len(want))
		}
	}
}
