package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/watch"
	"github.com/phgen/phgen/schema"
)

// loadIfThere reads the plan for dev. There need be none, unless the user named one.
func loadIfThere(r *report, path string, named bool) (*schema.Plan, error) {
	if _, err := os.Stat(path); !named && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return soundPlan(r, path)
}

// A planFollower hands on a plan whenever it is saved.
type planFollower struct {
	*report
	path  string
	watch *watch.Watcher
	set   func(*schema.Plan, error) // gets a plan, or why there is none now
	told  string                    // what is wrong with the plan, as far as the user knows
}

// followPlan begins to watch the plan; what is saved from now on is not missed. close ends it.
func followPlan(r *report, path string, set func(*schema.Plan, error)) (*planFollower, error) {
	w, err := watch.New(path)
	if err != nil {
		return nil, err
	}
	return &planFollower{report: r, path: path, watch: w, set: set}, nil
}

func (f *planFollower) close() {
	_ = f.watch.Close() // it only let go of folders
}

// run hands on the plan until ctx ends.
func (f *planFollower) run(ctx context.Context) {
	const quiet = 80 * time.Millisecond
	for {
		if globs, err := schema.Includes(f.path); err == nil {
			if err := f.watch.Include(globs); err != nil {
				f.tell(err.Error())
			}
		}
		if err := f.watch.Wait(ctx, quiet); err != nil {
			if ctx.Err() == nil {
				f.tell(err.Error() + "; the plan is watched no more")
			}
			return
		}
		f.load()
	}
}

// load hands on the plan as it is now. What is wrong with it is said once.
func (f *planFollower) load() {
	printer, findings, err := loadPlan(f.path)
	if printer != nil {
		f.told = ""
		f.set(printer.Plan, nil)
		f.tell(planLine(f.path, printer.Plan))
		return
	}
	if err == nil {
		err = fmt.Errorf("%s: %s", f.path, plural(len(errorsOf(findings)), "error"))
	}
	f.set(nil, firstOf(errorsOf(findings), err))
	wrong := err.Error()
	for _, d := range errorsOf(findings) {
		wrong += "\n" + d.String()
	}
	if wrong == f.told {
		return
	}
	f.told = wrong
	for _, d := range errorsOf(findings) {
		fmt.Fprintln(f.talk, f.line(d))
	}
	f.tell(err.Error() + "; the plan before that goes on judging")
}

// firstOf is the first error of a plan, for whom there is no room for all; err if it has none.
func firstOf(errs schema.Diagnostics, err error) error {
	switch len(errs) {
	case 0:
		return err
	case 1:
		return errors.New(errs[0].String())
	}
	return fmt.Errorf("%s (and %s)", errs[0], plural(len(errs)-1, "more error"))
}

func (f *planFollower) tell(what string) {
	fmt.Fprintf(f.talk, "phgen: %s\n", printable(what))
}

// planLine says which plan judges.
func planLine(path string, p *schema.Plan) string {
	parts := []string{plural(len(p.Events), "event")}
	if n := len(p.Flags); n > 0 {
		parts = append(parts, plural(n, "flag"))
	}
	return fmt.Sprintf("plan %s: %s", path, strings.Join(parts, ", "))
}
