package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/internal/bigplan"
)

// BenchmarkLint times the whole program on a plan of 2,000 events. It should stay
// below 500 ms on two cores.
func BenchmarkLint(b *testing.B) {
	dir := b.TempDir()
	phgen := filepath.Join(dir, "phgen.exe")
	if out, err := exec.Command("go", "build", "-o", phgen, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "tracking-plan.yaml"), bigplan.Plan(2000), 0o666); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.Command(phgen, "lint")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			b.Fatalf("phgen lint: %v\n%s", err, out)
		}
	}
}
