package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/replace"
	"github.com/phgen/phgen/schema"
)

func newFmt() *cobra.Command {
	var f formatting
	cmd := &cobra.Command{
		Use:   "fmt [file...]",
		Short: "Lay out plans in one way",
		Long: `Fmt lays out plans, together with the files that they include, and prints the names
of those it changed. The plan defaults to tracking-plan.yaml; "-" formats standard
input to standard output.

  - blocks stand two columns inside the key they belong to, lists too
  - one space behind ":", "-" and ",", none inside brackets and braces
  - at most one empty line in a row, none at the start and the end
  - lines end with a line feed and without spaces, the last one too
  - words that older YAML takes for booleans, such as yes and no, get quotes

Every value and comment stays, in its order, and so do quotes, line breaks, and the
space before a comment beside something. So do short and long forms of properties,
unless a flag asks for one of them:

  --compact   x: {type: string, required: true}   becomes   x: string!
  --expand    x: string!   becomes   x: {type: string, required: true}

A long form that says more than a short one can, such as a description, stays long.
A form with a comment inside stays as it is.

Exit status: 1 for a file that is no YAML, and then nothing is written; 3 with --check
or --diff if a file would change.`,
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing, print the names of files that would change")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "write nothing, print what would change")
	cmd.Flags().BoolVar(&f.compact, "compact", false, "write properties in short form where it says all")
	cmd.Flags().BoolVar(&f.expand, "expand", false, "write properties in long form")
	cmd.MarkFlagsMutuallyExclusive("compact", "expand")
	return cmd
}

// formatting is one run of fmt.
type formatting struct {
	check, diff     bool
	compact, expand bool
}

const stdin = "-"

func (f formatting) run(cmd *cobra.Command, args []string) error {
	if slices.Contains(args, stdin) && len(args) > 1 {
		return errors.New(`"-" is standard input, and the only file then`)
	}
	if len(args) == 0 {
		args = []string{defaultPlan}
	}
	r := newReport(cmd, "text")
	r.busy("laying out " + args[0])
	defer r.quiet()
	names, found, err := planFiles(args)
	if err != nil {
		return err
	}
	var files []replace.File
	for _, name := range names {
		file, more, err := f.layOut(cmd.InOrStdin(), name)
		if err != nil {
			return err
		}
		files, found = append(files, file), append(found, more...)
	}
	if len(found) > 0 {
		return r.refuse(found)
	}
	r.quiet()
	if args[0] == stdin && !f.check && !f.diff {
		_, err := cmd.OutOrStdout().Write(files[0].New)
		return err
	}
	return f.finish(cmd.OutOrStdout(), files)
}

// planFiles are the files that args name and those that they include.
func planFiles(args []string) ([]string, schema.Diagnostics, error) {
	var names []string
	var found schema.Diagnostics
	for _, arg := range args {
		files := []string{arg}
		if arg != stdin {
			var findings schema.Diagnostics
			var err error
			if files, findings, err = schema.Files(arg); err != nil {
				return nil, nil, err
			}
			found = append(found, findings...)
		}
		for _, name := range files {
			name = filepath.Clean(filepath.FromSlash(name))
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, found, nil
}

// stdinBytes is more than any plan file may have; the formatter says so.
const stdinBytes = 8 << 20

// layOut reads a file and formats it.
func (f formatting) layOut(in io.Reader, name string) (replace.File, schema.Diagnostics, error) {
	var old []byte
	var err error
	if name == stdin {
		name = "<stdin>"
		old, err = io.ReadAll(io.LimitReader(in, stdinBytes))
	} else {
		old, err = os.ReadFile(name)
	}
	if err != nil {
		return replace.File{}, nil, err
	}
	text, err := f.format(filepath.ToSlash(name), old)
	var syntax *schema.SyntaxError
	if errors.As(err, &syntax) {
		return replace.File{}, syntax.Diagnostics, nil
	}
	if err != nil {
		return replace.File{}, nil, bugError{err}
	}
	return replace.File{Name: name, Old: old, New: text}, nil, nil
}

// format writes the forms that were asked for and lays out the text.
func (f formatting) format(name string, text []byte) ([]byte, error) {
	var err error
	switch {
	case f.compact:
		text, err = schema.Compact(name, text)
	case f.expand:
		text, err = schema.Expand(name, text)
	}
	if err != nil {
		return nil, err
	}
	return schema.Format(name, text)
}

// finish writes what changed, or tells about it.
func (f formatting) finish(w io.Writer, files []replace.File) error {
	var text strings.Builder
	var changed []replace.File
	for _, file := range files {
		if bytes.Equal(file.Old, file.New) {
			continue
		}
		changed = append(changed, file)
		if f.check || !f.diff {
			fmt.Fprintln(&text, printable(filepath.ToSlash(file.Name)))
		}
		if f.diff {
			name := filepath.ToSlash(file.Name)
			diff, _ := unifiedDiff(name, name, file.Old, file.New, diffLinesTotal)
			text.WriteString(printableLines(diff))
		}
	}
	if !f.check && !f.diff {
		if err := replace.Files(changed); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return err
	}
	if (f.check || f.diff) && len(changed) > 0 {
		return errOutOfDate
	}
	return nil
}
