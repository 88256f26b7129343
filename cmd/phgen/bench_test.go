package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkGenerate times the whole program, as a user meets it, on a plan of
// 2,000 events: from nothing, after the edit of one event, and with nothing to
// do. It should stay below 1.5 s, 400 ms and 50 ms on two cores. Check, which prints
// everything and lints, may take a tenth longer than the first.
func BenchmarkGenerate(b *testing.B) {
	dir := b.TempDir()
	phgen := filepath.Join(dir, "phgen.exe")
	if out, err := exec.Command("go", "build", "-o", phgen, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	write := func(name, data string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	write("go.mod", "module example.com/big\n")
	write("tracking-plan.yaml", bigPlan(2000, 0))
	run := func(command string) {
		cmd := exec.Command(phgen, command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+dir, "LocalAppData="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("phgen %s: %v\n%s", command, err, out)
		}
	}
	generate := func() { run("generate") }
	clean := func() {
		for _, name := range []string{"generated", "phgen.lock", "phgen"} {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			clean()
			b.StartTimer()
			generate()
		}
	})
	b.Run("check", func(b *testing.B) {
		generate()
		for b.Loop() {
			run("check")
		}
	})
	b.Run("one event changed", func(b *testing.B) {
		generate()
		for i := 1; b.Loop(); i++ {
			b.StopTimer()
			write("tracking-plan.yaml", bigPlan(2000, i))
			b.StartTimer()
			generate()
		}
	})
	b.Run("nothing changed", func(b *testing.B) {
		generate()
		generate() // an edit while phgen ran is never remembered; this run is
		for b.Loop() {
			generate()
		}
	})
}

// bigPlan is a plan of n events; another revision differs in one of them.
func bigPlan(n, revision int) string {
	var plan strings.Builder
	plan.WriteString(`phgen: 1
plan: {name: big}
types:
  PlanTier: {enum: [free, pro, enterprise]}
events:
`)
	for i := range n {
		rev := 0
		if i == n/2 {
			rev = revision
		}
		fmt.Fprintf(&plan, `  object%d changed:
    description: Object %d was changed by a person, in revision %d of its form.
    properties:
      object_id: uuid!
      title: {type: string, required: true, max_length: 200, description: What the person typed}
      tier: PlanTier!
      size: {type: int, min: 0, description: How large it is now}
      ratio: float
      changed_at: timestamp
`, i, i, rev)
	}
	return plan.String()
}
