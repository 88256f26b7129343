package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/importer"
	"github.com/phgen/phgen/internal/replace"
)

func newImport() *cobra.Command {
	var m importing
	names, about := importer.Formats()
	var formats strings.Builder
	for i, name := range append(names, "go") {
		text := "Go packages that call posthog-go; PATH is a package pattern, ./... by default"
		if i < len(about) {
			text = about[i]
		}
		fmt.Fprintf(&formats, "  %-11s %s\n", name, text)
	}
	cmd := &cobra.Command{
		Use:   "import FORMAT PATH…",
		Short: "Draft a plan from another tool's, or from code",
		Long: `Import drafts a plan and prints it, or writes it to the file of -o. A PATH is a file, a
folder, whose JSON or YAML files are read, or "-" for standard input. Formats:

` + formats.String() + `
The draft is always a valid plan. What it cannot say is left out or said otherwise, and
listed on standard error with its place and the reason; what a human has to look at has a
comment. "phgen lint" then tells what else a plan should have.

  phgen import segment plan.json -o tracking-plan.yaml
  phgen import go ./... -o tracking-plan.yaml

With --rewrite, "import go" rewrites calls of posthog-go to the code generated from the
plan: it shows what would change, and --write changes it. A call that it is not certain of
stays, and is listed.

Exit status: 1 for a file that is not of its format, and with --strict if anything is listed.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch all := append(slices.Clone(names), "go"); {
			case len(args) == 0:
				return fmt.Errorf("name a format: %s", strings.Join(all, ", "))
			case !slices.Contains(all, args[0]):
				return fmt.Errorf("unknown format %q; it is one of %s", args[0], strings.Join(all, ", "))
			case args[0] != "go" && len(args) == 1:
				return errors.New(`name a file, a folder, or "-" for standard input`)
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return append(slices.Clone(names), "go"), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			m.in, m.format, m.paths = cmd.InOrStdin(), args[0], args[1:]
			return m.run(cmd.Context(), newReport(cmd, m.print.word))
		},
	}
	m.print = &oneOf{words: []string{"text", "json"}}
	m.print.addTo(cmd, "format", "how to print what was not converted")
	f := cmd.Flags()
	f.StringVarP(&m.output, "output", "o", "", "write the plan to this file")
	f.BoolVar(&m.force, "force", false, "replace the file of -o")
	f.StringVar(&m.name, "name", "", "the name of the plan")
	f.BoolVar(&m.strict, "strict", false, "exit 1 if anything was not converted")
	f.StringVar(&m.tags, "tags", "", "build tags of Go packages, separated by commas")
	f.BoolVar(&m.rewrite, "rewrite", false, "rewrite calls of posthog-go instead of drafting a plan")
	f.BoolVar(&m.write, "write", false, "write what --rewrite changes; without it, show it")
	addPlanFlag(cmd, &m.plan)
	return cmd
}

// importing is what the user asks of import.
type importing struct {
	in             io.Reader
	format         string
	paths          []string
	print          *oneOf
	output, name   string
	tags, plan     string
	force, strict  bool
	rewrite, write bool
}

func (m *importing) run(ctx context.Context, r *report) error {
	if m.rewrite && m.format != "go" || m.write && !m.rewrite {
		return errors.New("--rewrite is for Go code, and --write for --rewrite")
	}
	if m.rewrite {
		return m.runRewrite(ctx, r)
	}
	if m.output != "" && !m.force {
		if _, err := os.Lstat(m.output); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already; --force replaces it", m.output)
		}
	}
	r.busy("reading " + m.format)
	result, err := m.convert(ctx)
	r.quiet()
	var input *importer.InputError
	if errors.As(err, &input) || errors.Is(err, importer.ErrTooLarge) {
		fmt.Fprintln(r.talk, printable(err.Error()))
		return errFindings
	}
	if err != nil {
		return err
	}
	if err := m.deliver(r, result); err != nil {
		return err
	}
	if m.strict && len(result.Losses) > 0 {
		return errFindings
	}
	return nil
}

func (m *importing) convert(ctx context.Context) (*importer.Result, error) {
	if m.format == "go" {
		return importer.Go(ctx, importer.GoSource{Patterns: m.paths, Tags: m.tags}, importer.Options{Name: m.name})
	}
	var files []importer.File
	for _, path := range m.paths {
		more, err := importFiles(m.in, path)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return importer.Convert(m.format, files, importer.Options{Name: m.name})
}

// importBytes is more than any file may have; the importer says so.
const importBytes = 17 << 20

// importFiles reads a file, the files of a folder, or standard input.
func importFiles(in io.Reader, path string) ([]importer.File, error) {
	if path == stdin {
		text, err := io.ReadAll(io.LimitReader(in, importBytes))
		return []importer.File{{Name: "<stdin>", Text: text}}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	names := []string{path}
	if info.IsDir() {
		if names, err = importFolder(path); err != nil {
			return nil, err
		}
	}
	var files []importer.File
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(f, importBytes))
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		files = append(files, importer.File{Name: filepath.ToSlash(name), Text: text})
	}
	return files, nil
}

// importFolder are the files of a folder that may be of a format, in the order of names.
func importFolder(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		if e.Type().IsRegular() && (ext == ".json" || ext == ".yaml" || ext == ".yml") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no JSON and no YAML file", dir)
	}
	return names, nil
}

// An imported is what --format json prints. Keys are only ever added to it.
type imported struct {
	Version int             `json:"version"`
	Plan    string          `json:"plan,omitempty"` // without -o
	Events  int             `json:"events"`
	Flags   int             `json:"flags"`
	Losses  []importer.Loss `json:"losses"`
}

// deliver prints or writes the plan and lists what it does not say.
func (m *importing) deliver(r *report, result *importer.Result) error {
	if m.output != "" {
		if err := writeNew(m.output, result.Plan); err != nil {
			return err
		}
	}
	if r.format == "json" {
		out := imported{Version: 1, Events: result.Events, Flags: result.Flags, Losses: append([]importer.Loss{}, result.Losses...)}
		if m.output == "" {
			out.Plan = string(result.Plan)
		}
		enc := json.NewEncoder(r.data)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(out)
	}
	if m.output == "" {
		if _, err := r.data.Write(result.Plan); err != nil {
			return err
		}
	}
	var text strings.Builder
	for _, l := range result.Losses {
		text.WriteString(printable(l.String()) + "\n")
	}
	fmt.Fprintf(&text, "phgen: %s and %s; %s not converted as %s\n",
		plural(result.Events, "event"), plural(result.Flags, "flag"), plural(len(result.Losses), "thing"), map[bool]string{true: "it is", false: "they are"}[len(result.Losses) == 1])
	_, err := io.WriteString(r.talk, text.String())
	return err
}

// writeNew writes a file, all of it or nothing.
func writeNew(name string, text []byte) error {
	old, err := os.ReadFile(name)
	if err == nil {
		return replace.Files([]replace.File{{Name: name, Old: old, New: text}})
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// runRewrite turns calls of posthog-go into calls of generated code.
func (m *importing) runRewrite(ctx context.Context, r *report) error {
	printer, findings, err := loadPlan(m.plan)
	switch {
	case err != nil:
		return err
	case printer == nil:
		return r.refuse(findings)
	}
	r.busy("rewriting packages")
	result, err := importer.Rewrite(ctx, importer.GoSource{Patterns: m.paths, Tags: m.tags}, printer)
	r.quiet()
	if err != nil {
		return err
	}
	for _, l := range result.Left {
		fmt.Fprintln(r.talk, printable(l.String()))
	}
	var files []replace.File
	var text bytes.Buffer
	for _, c := range result.Changes {
		name := fromHere(c.File)
		files = append(files, replace.File{Name: name, Old: c.Old, New: c.New})
		if !m.write {
			diff, _ := unifiedDiff(filepath.ToSlash(name), filepath.ToSlash(name), c.Old, c.New, diffLinesTotal)
			text.WriteString(printableLines(diff))
		} else {
			fmt.Fprintln(&text, printable(filepath.ToSlash(name)))
		}
	}
	if m.write {
		if err := replace.Files(files); err != nil {
			return err
		}
	}
	if _, err := r.data.Write(text.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(r.talk, "phgen: %s rewritten, %s left\n", plural(result.Rewritten, "call"), plural(len(result.Left), "call"))
	if m.strict && len(result.Left) > 0 {
		return errFindings
	}
	return nil
}
