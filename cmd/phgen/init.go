package main

import (
	_ "embed"
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/schema"
)

//go:embed starter-plan.yaml
var starterPlan []byte

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [dir]",
		Short: "Write a first plan",
		Long: `Init writes a first plan, tracking-plan.yaml, into dir or the current folder, the
schema that editors check it with, and a file with a go:generate line. It
overwrites nothing.`,
		Args: upTo(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return initPlan(cmd.OutOrStdout(), dir)
		},
	}
}

func initPlan(w io.Writer, dir string) error {
	plan := filepath.Join(dir, defaultPlan)
	files := []newFile{
		{plan, starterPlan},
		{filepath.Join(dir, ".phgen", "plan.schema.json"), schema.JSONSchema()},
	}
	for _, f := range files {
		if exists(f.path) {
			return fmt.Errorf("%s exists already; nothing was written", f.path)
		}
	}
	hint := ""
	if f := (newFile{filepath.Join(dir, "generate.go"), generateLine(dir)}); exists(f.path) {
		hint = fmt.Sprintf("%s exists already: give it, or another Go file, the line\n  %s\n", f.path, directive)
	} else {
		files = append(files, f)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".phgen"), 0o777); err != nil {
		return err
	}
	for i, f := range files {
		if err := f.write(); err != nil {
			return errors.Join(err, removeAll(files[:i]))
		}
	}
	var text strings.Builder
	for _, f := range files {
		fmt.Fprintln(&text, "wrote", f.path)
	}
	get := "  go get -tool " + toolPath + "\n"
	if isTool(plan) {
		get = ""
	}
	fmt.Fprintf(&text, `%s
Next:
%s  go generate %s
  go tool phgen check%s
`, hint, get, shellWord(packagePattern(dir)), planArgument(plan))
	_, err := io.WriteString(w, text.String())
	return err
}

// A newFile is a file that must not exist yet.
type newFile struct {
	path string
	data []byte
}

// write creates the file. One that cannot be written to its end is removed again.
func (f newFile) write() error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(f.data)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(f.path))
	}
	return nil
}

const toolPath = "github.com/phgen/phgen/cmd/phgen"

// isTool reports whether the module around the plan has phgen as a tool.
func isTool(plan string) bool {
	module, err := os.ReadFile(filepath.Join(moduleFolder(plan), "go.mod"))
	return err == nil && strings.Contains(string(module), toolPath)
}

func removeAll(files []newFile) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, os.Remove(f.path))
	}
	return errors.Join(errs...)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// directive makes "go generate" run phgen in the folder of its file.
const directive = "//go:generate go tool phgen generate"

// generateLine is a Go file that runs phgen on "go generate", in the package that
// dir holds already or else one named after it.
func generateLine(dir string) []byte {
	return []byte("package " + packageName(dir) + "\n\n" + directive + "\n")
}

// packageName is the name of the package in dir. A folder without Go files is
// named after itself.
func packageName(dir string) string {
	if pkg, err := build.ImportDir(dir, 0); err == nil {
		return pkg.Name
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "plan"
	}
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(filepath.Base(abs)))
	// A package main without a main function does not build.
	if name == "main" || !token.IsIdentifier(name) {
		return "plan"
	}
	return name
}

// packagePattern names the package in dir as the go command does.
func packagePattern(dir string) string {
	dir = filepath.ToSlash(dir)
	if filepath.IsAbs(dir) || dir == "." || strings.HasPrefix(dir, "./") || strings.HasPrefix(dir, "../") {
		return dir
	}
	return "./" + dir
}

// planArgument is what follows a command to name the plan, if anything must.
func planArgument(plan string) string {
	if plan == defaultPlan {
		return ""
	}
	return " " + shellWord(filepath.ToSlash(plan))
}

// shellWord quotes word where a POSIX shell would not take it as it is.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("./_-+@:", r)
	}
	if strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
