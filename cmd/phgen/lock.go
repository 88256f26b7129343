package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

func newLock() *cobra.Command {
	var (
		format                   *oneOf
		rebuild, resolve, accept bool
	)
	cmd := &cobra.Command{
		Use:   "lock [plan]",
		Short: "Show phgen.lock, or mend it",
		Long: `Lock prints what phgen.lock records: the Go names of a plan and the parameters of
its functions, one line for each event, type, group and flag. Generate keeps it
current; commit it with the plan.

After a merge --resolve takes the plan, which must be merged already, and writes
the lock anew, provided that the plan keeps to what either side recorded: arguments
that the sides have in different places are reported (PH701), and so are other Go
names (PH702). --accept takes the plan's.

--rebuild writes the lock anew from the plan alone, for one that cannot be read. Both
leave generated code to "phgen generate". The plan defaults to tracking-plan.yaml.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, plan := newReport(cmd, format.word), planPath(args)
			switch {
			case accept && !resolve:
				return errors.New(`--accept goes with --resolve; "phgen generate --accept" takes a changed plan`)
			case rebuild || resolve:
				return rewriteLock(r, plan, resolve, accept)
			}
			return showLock(r.data, plan)
		},
	}
	format = formatFlag(cmd)
	cmd.Flags().BoolVar(&resolve, "resolve", false, "write the lock anew after a merge")
	cmd.Flags().BoolVar(&accept, "accept", false, "with --resolve: take what the sides have differently from the plan")
	cmd.Flags().BoolVar(&rebuild, "rebuild", false, "write the lock anew, whatever it says")
	cmd.MarkFlagsMutuallyExclusive("resolve", "rebuild")
	return cmd
}

// showLock prints the lock of a plan as it is on disk, once it can be read.
func showLock(w io.Writer, planFile string) error {
	locked, err := openLock(planFile)
	if err != nil {
		return err
	}
	defer locked.close()
	if locked.data == nil {
		return fmt.Errorf(`there is no %s yet; "phgen generate" writes it`, locked.name)
	}
	l, err := lock.Parse(locked.name, locked.data)
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(printableLines(string(l.Text()))))
	return err
}

// conflicts are the errors of a plan that does not keep to what either side of a
// merge recorded. Without a conflict both sides are the file.
func (l *lockFile) conflicts(now *lock.Lock, files []string) (schema.Diagnostics, error) {
	ours, theirs, err := lock.Sides(l.name, l.data)
	if err != nil {
		return nil, err
	}
	var findings schema.Diagnostics
	for _, side := range [][]byte{ours, theirs} {
		was, err := lock.Parse(l.name, side)
		if err != nil {
			return nil, fmt.Errorf("one side of the merge: %w", err)
		}
		findings = append(findings, lock.Compare(was, now)...)
	}
	return findings.Sort(files), nil
}

// rewriteLock makes the lock of a plan what generate would make it. If both sides
// of a merge are to be kept to, a plan that does not is an error, unless that is
// accepted.
func rewriteLock(r *report, planFile string, keep, accept bool) error {
	printer, findings, err := loadPlan(planFile)
	if err != nil {
		return err
	}
	if printer == nil {
		return r.refuse(findings)
	}
	locked, err := openLock(planFile)
	if err != nil {
		return err
	}
	defer locked.close()
	now := lock.Of(printer)
	if keep && locked.data != nil {
		findings, err := locked.conflicts(now, printer.Plan.Files)
		if err != nil {
			return err
		}
		if len(findings) > 0 && !accept {
			return r.refuse(findings)
		}
	}
	todo := locked.changes(now)
	if err := locked.write(todo); err != nil {
		return err
	}
	done := "up to date"
	if len(todo) > 0 {
		done = past(todo[0].kind())
	}
	return r.done("", todo, fmt.Sprintf("%s: %s\n", locked.name, done))
}
