//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"text/tabwriter"
)

// A table holds the results of every client in every mode.
type table struct {
	base job // what all have in common
	rows []row
}

type row struct {
	job     job
	results []result
}

func newTable(base job) *table {
	t := &table{base: base}
	for _, zip := range []bool{false, true} {
		for _, client := range []string{posthogGo, phgenMap, phgenTyped} {
			j := base
			j.Client, j.Gzip = client, zip
			t.rows = append(t.rows, row{job: j})
		}
	}
	return t
}

// jobs returns what one round measures.
func (t *table) jobs() []job {
	jobs := make([]job, len(t.rows))
	for i, r := range t.rows {
		jobs[i] = r.job
	}
	return jobs
}

func (t *table) add(j job, r result) {
	i := slices.IndexFunc(t.rows, func(r row) bool { return r.job == j })
	t.rows[i].results = append(t.rows[i].results, r)
}

// median returns the result in the middle by CPU time, and the extremes.
func (r row) median() (mid, low, high result) {
	sorted := slices.SortedFunc(slices.Values(r.results), func(a, b result) int {
		return cmp.Compare(a.cpuPerMillion(), b.cpuPerMillion())
	})
	return sorted[(len(sorted)-1)/2], sorted[0], sorted[len(sorted)-1]
}

// lost adds up what was lost in all rounds, and how often there was no room.
func (r row) lost() (lost uint64, refused int) {
	for _, result := range r.results {
		lost += result.Lost
		refused += result.Refused
	}
	return lost, refused
}

// print writes the table, and how many times as much CPU time posthog-go took.
func (t *table) print(to io.Writer) error {
	fmt.Fprintf(to, "%d events of %d properties, batch size %d, %s; the round in the middle of %d by CPU time, losses of all rounds\n\n",
		t.base.N, t.base.Props, t.base.Batch, t.base.pace(), len(t.rows[0].results))
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "client\tmode\tdelivered\tlost\tno room\tCPU s/M\tmin–max\twall s\tpeak MB\tevents/request\tB/event\tconnections\t")
	for _, r := range t.rows {
		mid, low, high := r.median()
		lost, refused := r.lost()
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%.2f\t%.2f–%.2f\t%.2f\t%.1f\t%.0f\t%d\t%d\t\n",
			r.job.about(), r.job.mode(), mid.Delivered, lost, refused,
			mid.cpuPerMillion(), low.cpuPerMillion(), high.cpuPerMillion(),
			mid.Wall.Seconds(), float64(mid.Peak)/(1<<20),
			float64(mid.Delivered)/float64(mid.Wire.Requests), uint64(mid.Wire.Bytes)/mid.Delivered, mid.Wire.Conns)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(to, "\nCPU time per delivered event, posthog-go over phgen:")
	for _, r := range t.rows {
		if r.job.Client == posthogGo {
			continue
		}
		rival := r.job
		rival.Client = posthogGo
		i := slices.IndexFunc(t.rows, func(r row) bool { return r.job == rival })
		theirs, _, _ := t.rows[i].median()
		ours, _, _ := r.median()
		fmt.Fprintf(to, "  %-16s  %-5s  %5.1f×\n", r.job.Client, r.job.mode(), theirs.cpuPerMillion()/ours.cpuPerMillion())
	}
	return nil
}

func (j job) pace() string {
	if j.Rate == 0 {
		return "as fast as the client takes them"
	}
	return fmt.Sprintf("%d a second", j.Rate)
}

// about names the client and, if it is not of this repository, its version.
func (j job) about() string {
	if info, ok := debug.ReadBuildInfo(); ok && j.Client == posthogGo {
		for _, m := range info.Deps {
			if m.Path == "github.com/posthog/posthog-go" {
				return j.Client + " " + m.Version
			}
		}
	}
	return j.Client
}
