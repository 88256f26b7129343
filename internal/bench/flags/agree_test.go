//go:build linux

package main

import (
	"fmt"
	"testing"
)

// The comparison is one only if all give the same answers.
func TestEverybodyAgrees(t *testing.T) {
	p, err := newProject(3*len(kinds), 5)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	answers := make(map[string]int)
	for flag, key := range p.keys {
		for user := range users {
			var want string
			for i, c := range p.contenders {
				got, err := c.value(flag, user)
				if err != nil {
					t.Fatalf("%s: %s for user %d: %v", c.name, key, user, err)
				}
				if i == 0 {
					want = got
					answers[fmt.Sprintf("%s: %s", kinds[flag%len(kinds)], got)]++
				} else if got != want {
					t.Errorf("%s: %s for user %d: got %s, want %s as from %s", c.name, key, user, got, want, p.contenders[0].name)
				}
			}
		}
	}
	for kind, name := range kinds {
		want := []string{"true", "false"}
		if kind == multivariateKind {
			want = []string{"control", "a", "b"}
		}
		for _, value := range want {
			if n := answers[name+": "+value]; n < len(users)/4 {
				t.Errorf("%s: %d answers of %d are %s; the users are too much alike", name, n, 3*len(users), value)
			}
		}
	}
}

// Every measurement must be able to run.
func TestMeasure(t *testing.T) {
	p, err := newProject(2*len(kinds), 5)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	projects := []*project{p}
	for _, table := range []*table{kindsTable(p), seenTable(p), flatTable(projects), allTable(projects), loadTable(projects)} {
		if err := table.measure(1); err != nil {
			t.Error(err)
		}
		if err := table.print(t.Output()); err != nil {
			t.Error(err)
		}
	}
}
