// Command phgen turns a tracking plan into Go packages: one function for each
// event, types for people, groups and flags. It also judges plans, and tells whether
// generated code is up to date.
//
// Add it to a module and write a first plan with
//
//	go get -tool github.com/phgen/phgen/cmd/phgen
//	go tool phgen init
//
// Data goes to standard output, talk to standard error. The exit status is 0 if
// all is clean, 1 if the plan has findings, 2 for a bad flag or a file that
// cannot be read or written, 3 if generated output is out of date, 4 for a breaking
// change, 5 if PostHog did not take everything, and 70 for a bug in phgen itself. Commands
// that run another one, dev and ci, end with its exit status unless that is 0.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	exitClean     = 0
	exitFindings  = 1
	exitUnable    = 2
	exitOutOfDate = 3
	exitBreaking  = 4
	exitRemote    = 5
	exitBug       = 70
)

// A command that has printed all there is to say returns one of these; main adds
// no second message.
var (
	errFindings  = errors.New("the plan has findings")
	errOutOfDate = errors.New("generated code is out of date")
	errBreaking  = errors.New("the plan has breaking changes")
	errRemote    = errors.New("PostHog did not take everything")
)

// A bugError is a failure that no plan and no file system can cause.
type bugError struct{ err error }

func (e bugError) Error() string { return e.err.Error() }
func (e bugError) Unwrap() error { return e.err }

// A childStatus is the exit status of a command that phgen ran; it becomes phgen's own.
type childStatus int

func (s childStatus) Error() string { return fmt.Sprintf("the command ended with %d", int(s)) }

func main() {
	spendMemory()
	vetTool()
	os.Exit(run(newRoot(), os.Args[1:]))
}

// run executes root and returns the exit status. A panic becomes the report of a
// bug.
func run(root *cobra.Command, args []string) (status int) {
	defer func() {
		if v := recover(); v != nil {
			status = reportBug(root, fmt.Sprintf("%v\n\n%s", v, debug.Stack()))
		}
	}()
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	var bug bugError
	var child childStatus
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &child):
		return int(child)
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errOutOfDate):
		return exitOutOfDate
	case errors.Is(err, errBreaking):
		return exitBreaking
	case errors.Is(err, errRemote):
		return exitRemote
	case errors.As(err, &bug):
		return reportBug(root, bug.Error())
	}
	fmt.Fprintf(root.ErrOrStderr(), "phgen: %s\n", printableLines(err.Error()))
	return exitUnable
}

func reportBug(root *cobra.Command, what string) int {
	fmt.Fprintf(root.ErrOrStderr(), `phgen: bug: %s

Please report this at https://github.com/phgen/phgen/issues with the text above,
the output of "phgen version" and, if you may share it, the plan.
`, what)
	return exitBug
}

// newRoot returns the whole command tree.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "phgen",
		Short: "Typed events from a tracking plan",
		Long: `phgen turns a tracking plan into Go packages: one function for each event, types
for people, groups and flags. The compiler then catches the misspelt event, the
missing property and the wrong type.

Exit status: 0 clean, 1 findings, 2 a bad flag or a file that cannot be read or
written, 3 generated output out of date, 4 a breaking change, 5 PostHog did not take
everything, 70 a bug in phgen. dev and ci end as the command that they run, unless
that ends with 0.`,
		Args:              noCommand,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(os.Stdout)
	root.SetErr(os.Stderr)
	root.SetFlagErrorFunc(unknownFlag)
	root.AddCommand(
		newInit(),
		newValidate(),
		newGenerate(),
		newCheck(),
		newWatch(),
		newDiff(),
		newBreaking(),
		newLint(),
		newLock(),
		newFmt(),
		newImport(),
		newSchema(),
		newExplain(),
		newDocs(),
		newVerify(),
		newCoverage(),
		newVet(),
		newUsage(),
		newFlags(),
		newDev(),
		newCI(),
		newReplay(),
		newSpool(),
		newVersion(),
		newCompletion(),
	)
	root.SetHelpCommand(newHelp())
	return root
}
