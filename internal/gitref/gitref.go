// Package gitref reads files as they were at a commit, through the git binary.
//
// A [Repository] is found with [Open], a commit with [Repository.At], and its
// files are a [Commit], an fs.FS whose root is that of the repository. Nothing is
// checked out and nothing is written. What a user names is given to git only
// after [Check] has refused what git could take for an option or an expression
// of more than one commit, and never through a shell.
package gitref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// The states in which there is nothing to read.
var (
	ErrNoGit        = errors.New("git is not installed, or not in PATH")
	ErrNoRepository = errors.New("not in a git repository")
)

// maxRef bounds the length of what names a commit.
const maxRef = 512

// A BadRefError tells that a text cannot name a commit. Git was not asked.
type BadRefError struct {
	Ref  string
	What string // is wrong with it
}

func (e *BadRefError) Error() string { return fmt.Sprintf("git ref %q %s", e.Ref, e.What) }

// Check reports what keeps ref from naming one commit. What it lets through is a
// branch, a tag, a hash, or an expression such as HEAD~3, main^2 and v1^{commit};
// whether there is such a commit only git knows.
func Check(ref string) error {
	bad := func(what string) error { return &BadRefError{Ref: ref, What: what} }
	switch {
	case ref == "":
		return bad("is empty")
	case len(ref) > maxRef:
		return &BadRefError{Ref: ref[:32] + "…", What: fmt.Sprintf("is longer than %d bytes", maxRef)}
	case ref[0] == '-':
		return bad("begins with a hyphen")
	case strings.Contains(ref, ".."):
		return bad(`holds "..": name one commit`)
	case strings.ContainsFunc(ref, unicode.IsSpace):
		return bad("holds a space")
	case strings.ContainsFunc(ref, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return bad("holds a control character")
	}
	if i := strings.IndexAny(ref, `:*?[\`); i >= 0 {
		return bad(fmt.Sprintf("holds %q", ref[i:i+1]))
	}
	return nil
}

// A Repository is a checkout, or a repository without one.
type Repository struct {
	dir  string // in which git runs
	root string // of the checkout; dir if there is none
}

// Open finds the repository that dir is in. The error is ErrNoGit or
// ErrNoRepository where one of them is the reason.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{dir: dir}
	if _, err := r.git(ctx, "rev-parse", "--git-dir"); err != nil {
		var said *gitError
		if errors.As(err, &said) && strings.Contains(said.stderr, "not a git repository") {
			return nil, ErrNoRepository
		}
		return nil, err
	}
	r.root = dir
	if out, err := r.git(ctx, "rev-parse", "--show-toplevel"); err == nil && len(out) > 0 {
		r.root = filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	}
	return r, nil
}

// Path is the name of file in the repository, slash separated. It fails for a
// file outside.
func (r *Repository) Path(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	// The file may be gone, and its folder, too; git's root has no links in it.
	for dir, rest := filepath.Dir(abs), filepath.Base(abs); ; {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			abs = filepath.Join(real, rest)
			break
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest)
	}
	root, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s is outside the git repository %s", file, r.root)
	}
	return filepath.ToSlash(rel), nil
}

// DefaultBranch is the branch that a clone follows, such as "origin/main". It
// fails where git has not recorded one.
func (r *Repository) DefaultBranch(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
	if err != nil {
		return "", err
	}
	branch := strings.TrimSpace(string(out))
	return branch, Check(branch)
}

// A gitError is a run of git that ended with a status other than 0.
type gitError struct {
	command string // of git
	stderr  string
	err     error
}

func (e *gitError) Error() string {
	first, _, _ := strings.Cut(strings.TrimSpace(e.stderr), "\n")
	if first == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.err)
	}
	return fmt.Sprintf("git %s: %s", e.command, strings.TrimPrefix(first, "fatal: "))
}

func (e *gitError) Unwrap() error { return e.err }

// maxOutput bounds what git may print in answer to one question.
const maxOutput = 64 << 20

// git runs git with args and returns what it prints.
func (r *Repository) git(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.dir
	cmd.Env = environment()
	out := limited{left: maxOutput}
	var errs limited
	errs.left = 64 << 10
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, ErrNoGit
	case err != nil:
		return nil, &gitError{command: args[0], stderr: errs.String(), err: err}
	case out.cut:
		return nil, fmt.Errorf("git %s printed more than %d MiB", args[0], maxOutput>>20)
	}
	return out.Bytes(), nil
}

// environment is that of this process, for git to answer in English, ask nobody
// and take no lock. In a hook git names the repository relative to a folder that
// may be another: it is left to find it.
func environment() []string {
	env := os.Environ()
	if dir := os.Getenv("GIT_DIR"); dir != "" && !filepath.IsAbs(dir) { //nolint:forbidigo // it is git's own, and goes to git
		env = slices.DeleteFunc(env, func(v string) bool {
			name, _, _ := strings.Cut(v, "=")
			return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}, name)
		})
	}
	return append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat")
}

// limited keeps the first bytes written to it.
type limited struct {
	bytes.Buffer
	left int
	cut  bool
}

func (l *limited) Write(p []byte) (int, error) {
	keep := min(len(p), l.left)
	l.left -= keep
	l.cut = l.cut || keep < len(p)
	l.Buffer.Write(p[:keep])
	return len(p), nil
}
