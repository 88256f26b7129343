//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// A table has a row for each thing that is measured and a cell for each contender.
type table struct {
	title string
	rows  []*row
	races []race
	mean  bool // the rows are alike, so that their ratios have a mean
}

// A race is between two cells of each row.
type race struct {
	title      string
	slow, fast int
}

// The races where everybody has a cell.
var races = []race{{"evaluator: × posthog-go", 0, 2}, {"× LaunchDarkly", 1, 2}, {"client: × posthog-go", 0, 3}}

type row struct {
	title string
	cells []*cell
}

// kindsTable is about one flag of each kind.
func kindsTable(p *project) *table {
	t := &table{title: fmt.Sprintf("one flag of %d", len(p.keys)), races: races, mean: true}
	for kind, title := range kinds {
		t.add(title, p, func(c *contender) func(int) error { return evaluate(c, kind) })
	}
	return t
}

// seenTable is about the clients as they are used: the first reading of each value by each user
// was sent as an event, and each later one finds out that it was.
func seenTable(p *project) *table {
	t := &table{title: "one flag, of a value that was reported before", races: []race{{"× posthog-go", 0, 1}}, mean: true}
	for kind, title := range kinds {
		t.add(title, p, func(c *contender) func(int) error {
			if c.seen == nil {
				return nil
			}
			return func(i int) error { return c.seen(kind, i%len(users)) }
		})
	}
	return t
}

// flatTable is about one flag of more and more.
func flatTable(projects []*project) *table {
	t := &table{title: "one exact flag of so many", races: races}
	for _, p := range projects {
		middle := len(p.keys) / 2 / len(kinds) * len(kinds)
		t.add(fmt.Sprint(len(p.keys)), p, func(c *contender) func(int) error { return evaluate(c, middle+exactKind) })
	}
	return t
}

// evaluate returns what evaluates a flag for one user after the other.
func evaluate(c *contender, flag int) func(int) error {
	return func(i int) error { return c.one(flag, i%len(users)) }
}

// allTable is about all flags at once.
func allTable(projects []*project) *table {
	t := &table{title: "all flags of so many; phgen's evaluator reuses a slice, the others return maps", races: races}
	for _, p := range projects {
		t.add(fmt.Sprint(len(p.keys)), p, func(c *contender) func(int) error {
			return func(i int) error { return c.all(i % len(users)) }
		})
	}
	return t
}

// loadTable is about reading definitions.
func loadTable(projects []*project) *table {
	t := &table{title: "loading definitions: posthog-go's JSON step alone, LaunchDarkly from its own format", races: races[:2]}
	for _, p := range projects {
		t.add(fmt.Sprintf("%d, %d KB", len(p.keys), len(p.document)/1000), p, func(c *contender) func(int) error {
			if c.load == nil {
				return nil
			}
			return func(int) error { return c.load() }
		})
	}
	return t
}

// add adds a row with what every contender does, if anything.
func (t *table) add(title string, p *project, op func(*contender) func(int) error) {
	r := &row{title: title}
	for _, c := range p.contenders {
		if do := op(c); do != nil {
			r.cells = append(r.cells, &cell{contender: c.name, op: do})
		}
	}
	t.rows = append(t.rows, r)
}

// measure adds a round to every cell.
func (t *table) measure(budget time.Duration) error {
	for _, r := range t.rows {
		for _, c := range r.cells {
			if err := c.measure(budget); err != nil {
				return fmt.Errorf("%s, %s, %s: %w", t.title, r.title, c.contender, err)
			}
		}
	}
	return nil
}

func (t *table) print(to io.Writer) error {
	fmt.Fprintf(to, "\n%s\n", t.title)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range t.rows[0].cells {
		fmt.Fprintf(w, "\t%s\tallocs", c.contender)
	}
	for _, race := range t.races {
		fmt.Fprintf(w, "\t%s", race.title)
	}
	fmt.Fprintln(w, "\t")
	for _, r := range t.rows {
		fmt.Fprint(w, r.title)
		for _, c := range r.cells {
			fmt.Fprintf(w, "\t%s\t%.0f", nanoseconds(c.median()), c.allocs)
		}
		for _, race := range t.races {
			fmt.Fprintf(w, "\t%.1f", r.ratio(race))
		}
		fmt.Fprintln(w, "\t")
	}
	if t.mean {
		fmt.Fprint(w, "geometric mean", strings.Repeat("\t\t", len(t.rows[0].cells)))
		for _, race := range t.races {
			fmt.Fprintf(w, "\t%.1f", t.geometric(race))
		}
		fmt.Fprintln(w, "\t")
	}
	return w.Flush()
}

// ratio is how many times as much CPU time the slow cell takes.
func (r *row) ratio(of race) float64 {
	return r.cells[of.slow].median() / r.cells[of.fast].median()
}

// geometric is the geometric mean of the rows' ratios.
func (t *table) geometric(of race) float64 {
	var sum float64
	for _, r := range t.rows {
		sum += math.Log(r.ratio(of))
	}
	return math.Exp(sum / float64(len(t.rows)))
}

// nanoseconds writes ns with a unit that fits.
func nanoseconds(ns float64) string {
	switch {
	case ns < 10e3:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 10e6:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	}
	return fmt.Sprintf("%.1f ms", ns/1e6)
}
