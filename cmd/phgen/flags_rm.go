package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/replace"
	"github.com/phgen/phgen/internal/unflag"
	"github.com/phgen/phgen/schema"
)

func newFlagsRm() *cobra.Command {
	var m flagRemoval
	cmd := &cobra.Command{
		Use:   "rm key --value true|false | --variant key [packages]",
		Short: "Take a flag out of the code and the plan",
		Long: `Rm rewrites Go code as if a flag had the same answer for ever: conditions and switches
fold, branches that are never reached go, and so do imports and variables that nothing
needs any more. Then it removes the flag from the plan, and experiments that it decides.
Packages default to ./... and are type-checked before anything is written.

It shows what would change; --write changes it, all files or none. Where it is not
certain it leaves the code alone, says where, and keeps the flag in the plan.

  phgen flags rm new-checkout --variant one-page --write
  phgen generate

Exit status: 1 if something is left to do by hand.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf(`name a flag; see "%s --help"`, cmd.CommandPath())
			}
			m.key, m.code.Patterns = args[0], args[1:]
			return m.run(cmd.Context(), newReport(cmd, "text"))
		},
	}
	f := cmd.Flags()
	f.StringVar(&m.plan, "plan", defaultPlan, "the tracking plan")
	f.StringVar(&m.value, "value", "", "what the flag is from now on: true, or false")
	f.StringVar(&m.variant, "variant", "", "the variant that everybody gets from now on")
	f.StringVar(&m.code.Tags, "tags", "", "build tags, separated by commas")
	f.BoolVar(&m.write, "write", false, "write what changes; without it, show it")
	return cmd
}

// A flagRemoval is what the user asks of flags rm.
type flagRemoval struct {
	key, plan      string
	value, variant string
	code           unflag.Options
	write          bool
}

func (m *flagRemoval) run(ctx context.Context, r *report) error {
	printer, findings, err := loadPlan(m.plan)
	if err != nil {
		return err
	}
	if printer == nil {
		return r.refuse(findings)
	}
	flag, err := m.flag(printer)
	if err != nil {
		return err
	}
	stop := progress(r.talk, "rewriting packages")
	result, err := unflag.Remove(ctx, flag, m.code)
	stop()
	if err != nil {
		return err
	}
	var files []replace.File
	for _, c := range result.Changes {
		files = append(files, replace.File{Name: fromHere(c.File), Old: c.Old, New: c.New})
	}
	left := len(result.Left)
	for _, p := range result.Left {
		fmt.Fprintf(r.talk, "%s:%d:%d: %s\n", printable(fromHere(p.Filename)), p.Line, p.Column, printable(p.Why))
	}
	if left == 0 {
		edited, notes, done, err := m.editPlan(printer.Plan)
		if err != nil {
			return err
		}
		if !done {
			left++
		}
		files = append(files, edited...)
		for _, note := range notes {
			fmt.Fprintln(r.talk, "phgen: "+printable(note))
		}
	} else {
		fmt.Fprintf(r.talk, "phgen: %s to look at by hand; flag %q stays in the plan until then\n", plural(left, "place"), m.key)
	}
	if err := m.finish(r, files); err != nil {
		return err
	}
	if left > 0 {
		return errFindings
	}
	return nil
}

// flag says what the flag is called in Go, and what it is to be.
func (m *flagRemoval) flag(printer *generator.Printer) (unflag.Flag, error) {
	var keys []string
	for _, f := range printer.Plan.Flags {
		keys = append(keys, f.Key)
	}
	if err := known("flag", m.key, keys); err != nil {
		return unflag.Flag{}, err
	}
	f := printer.Plan.Flags[slices.Index(keys, m.key)]
	flag := unflag.Flag{Key: f.Key, Readers: map[string]string{}}
	var variants []string
	off := ""
	for _, id := range printer.Identifiers() {
		switch {
		case id.Kind == generator.ExperimentFunc && m.decides(printer.Plan, id.Path[1]):
			flag.Readers[id.Package+"."+id.Name] = id.Path[1]
		case id.Path[0] != "flags" || id.Path[1] != m.key:
		case id.Kind == generator.FlagFunc:
			flag.Package, flag.Name = id.Package, id.Name
			flag.Readers[id.Package+"."+id.Name] = m.key
		case id.Kind == generator.VariantConst:
			flag.Consts = append(flag.Consts, id.Name)
			if len(id.Path) == 2 {
				off = id.Name
				continue
			}
			variants = append(variants, id.Path[2])
			if id.Path[2] == m.variant {
				flag.Variant = id.Name
			}
		}
	}
	switch {
	case flag.Name == "":
		return flag, fmt.Errorf("flag %q is a remote config: it has no value to fold", m.key)
	case (m.value == "") == (m.variant == ""):
		return flag, fmt.Errorf("give either --value or --variant: what flag %q is from now on", m.key)
	case m.value != "" && m.value != "true" && m.value != "false":
		return flag, fmt.Errorf("--value is %q, want true or false", m.value)
	case len(variants) == 0 && m.variant != "":
		return flag, fmt.Errorf("flag %q has no variants; give --value", m.key)
	case m.variant != "":
		return flag, known("variant", m.variant, variants)
	case len(variants) > 0 && m.value == "true":
		return flag, fmt.Errorf("flag %q has variants: give --variant %s", m.key, strings.Join(variants, "|"))
	case len(variants) > 0:
		flag.Variant = off
	}
	flag.On = m.value == "true"
	return flag, nil
}

// decides reports whether the flag decides an experiment.
func (m *flagRemoval) decides(p *schema.Plan, experiment string) bool {
	return slices.ContainsFunc(p.Experiments, func(x *schema.Experiment) bool {
		return x.Name == experiment && x.Flag != nil && x.Flag.Key == m.key
	})
}

// editPlan takes the flag and its experiments out of the files of the plan. It is not done
// if an event attaches such an experiment.
func (m *flagRemoval) editPlan(p *schema.Plan) (files []replace.File, notes []string, done bool, err error) {
	type key struct{ file, section, name string }
	var keys []key
	for _, f := range p.Flags {
		if f.Key == m.key {
			keys = append(keys, key{f.Pos.File, "flags", f.Key})
		}
	}
	for _, x := range p.Experiments {
		if x.Flag == nil || x.Flag.Key != m.key {
			continue
		}
		for _, e := range p.Events {
			if slices.Contains(e.OwnExperiments, x) {
				return nil, []string{fmt.Sprintf("event %q attaches experiment %q, which the flag decides: take it off the event's list first; the plan stays as it is", e.Name, x.Name)}, false, nil
			}
		}
		keys = append(keys, key{x.Pos.File, "experiments", x.Name})
		notes = append(notes, fmt.Sprintf("experiment %q goes with the flag that decides it", x.Name))
	}
	for _, k := range keys {
		i := slices.IndexFunc(files, func(f replace.File) bool { return f.Name == k.file })
		if i < 0 {
			text, err := os.ReadFile(k.file)
			if err != nil {
				return nil, nil, false, fmt.Errorf("reading the plan: %w", err)
			}
			i, files = len(files), append(files, replace.File{Name: k.file, Old: text, New: text})
		}
		if files[i].New, err = schema.RemoveKey(k.file, files[i].New, k.section, k.name); err != nil {
			return nil, nil, false, err
		}
	}
	return files, notes, true, nil
}

// finish writes the files, or shows what would change.
func (m *flagRemoval) finish(r *report, files []replace.File) error {
	var text strings.Builder
	if m.write {
		if err := replace.Files(files); err != nil {
			return err
		}
	}
	for _, f := range files {
		name := filepath.ToSlash(f.Name)
		if m.write {
			fmt.Fprintf(&text, "%s: changed\n", printable(name))
			continue
		}
		diff, _ := unifiedDiff(name, name, f.Old, f.New, diffLinesTotal)
		text.WriteString(printableLines(diff))
	}
	if len(files) == 0 {
		fmt.Fprintf(&text, "nothing reads flag %q that could be folded\n", m.key)
	}
	_, err := io.WriteString(r.data, text.String())
	return err
}

// fromHere names a file as seen from the working directory, if it lies below it.
func fromHere(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}
