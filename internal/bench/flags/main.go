//go:build linux

// Command flags measures the local evaluation of feature flags side by side: posthog-go's
// client, LaunchDarkly's evaluator, this project's evaluator and its client. All get the same
// flags and the same users, in turns, round after round; a test sees to it that all give
// the same answers. It prints CPU time, which holds on a busy machine better than wall
// time does. It needs Linux.
//
//	go run . -rounds 7
//
// LaunchDarkly hashes a flag's key, a salt and an attribute as PostHog hashes a key and an
// ID. So the keys, salts and attributes here are such that both hash the same bytes.
//
// What callers build once for a user is built before: maps, contexts, queries. posthog-go
// exports no evaluator, so it is measured through its client, and phgen through both. Both
// evaluators get a flag's key and look the flag up. What posthog-go takes depends on how
// many properties a user has, because it copies them for flags that look at properties.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flags:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	set := flag.NewFlagSet("flags", flag.ContinueOnError)
	rounds := set.Int("rounds", 7, "how often everything is measured")
	budget := set.Duration("d", 30*time.Millisecond, "about how long one measurement takes")
	properties := set.Int("props", 12, "properties of each user; flags look at four")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *rounds < 1 || *budget <= 0 || *properties < 4 {
		return errors.New("-rounds and -d must be positive, -props at least 4")
	}
	var projects []*project
	for _, n := range []int{100, 1000, 5000} {
		p, err := newProject(n, *properties)
		if err != nil {
			return err
		}
		defer p.close()
		projects = append(projects, p)
	}
	tables := []*table{kindsTable(projects[0]), seenTable(projects[0]), flatTable(projects), allTable(projects), loadTable(projects)}
	for range *rounds {
		for _, t := range tables {
			if err := t.measure(*budget); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d users with %d properties in turn; CPU time, medians of %d rounds\n", len(users), *properties, *rounds)
	for _, t := range tables {
		if err := t.print(os.Stdout); err != nil {
			return err
		}
	}
	return nil
}
