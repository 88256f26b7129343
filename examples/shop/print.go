package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// print writes the timelines, the exceptions and the groups into w, which is in memory.
func (r *report) print(w io.Writer) {
	for _, p := range r.people {
		p.print(w)
	}
	fmt.Fprintf(w, "%d EXCEPTIONS\n", len(r.exceptions))
	for _, x := range r.exceptions {
		x.print(w)
	}
	fmt.Fprintf(w, "\n%d GROUPS\n", len(r.groups))
	for _, g := range r.groups {
		g.print(w)
	}
	for _, p := range r.problems {
		fmt.Fprintln(w, "PROBLEM", p)
	}
}

func (p *person) print(w io.Writer) {
	fmt.Fprintln(w, p)
	if len(p.properties) > 0 {
		fmt.Fprintf(w, "  %s\n", settings(p.properties))
	}
	for _, s := range p.sessions {
		fmt.Fprintf(w, "  session %s\n", s)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range p.entries {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", e.at.Format("15:04:05.000"), e.name, e.where, e.what)
	}
	_ = table.Flush() // w is in memory
	fmt.Fprintln(w)
}

// String says who p is.
func (p *person) String() string {
	switch {
	case p.id == "":
		return fmt.Sprintf("NOBODY, with %d random IDs and without a profile", len(p.others))
	case len(p.others) > 0:
		return "PERSON " + p.id + ", before that " + strings.Join(p.others, ", ")
	}
	return "PERSON " + p.id
}

func (x *exception) print(w io.Writer) {
	first := x.items[0]
	handled := "not handled"
	if first.handled {
		handled = "handled"
	}
	fmt.Fprintf(w, "\n%s, %s\n  %s, %s, %s%s\n", cmp.Or(x.person, "nobody"), x.where, x.level, first.mechanism, handled, x.status)
	for i, it := range x.items {
		prefix := ""
		if i > 0 {
			prefix = "caused by "
		}
		fmt.Fprintf(w, "  %s%s\n", prefix, it.title())
		for _, call := range it.calls {
			fmt.Fprintf(w, "      %s\n", call)
		}
	}
}

func (g *group) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", g)
	if len(g.properties) > 0 {
		fmt.Fprintf(w, "  %s\n", settings(g.properties))
	}
}

// String names g and its members.
func (g *group) String() string {
	var members []string
	for _, id := range slices.Sorted(maps.Keys(g.events)) {
		members = append(members, fmt.Sprintf("%s (%d events)", cmp.Or(id, "nobody"), g.events[id]))
	}
	return g.id + ": " + strings.Join(members, ", ")
}
