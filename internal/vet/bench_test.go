package vet

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkVet compares phgen vet with go vet on a module of 100 packages that all use
// generated code: "cold" has them checked anew, after a change of a package that all
// import, and "warm" finds every result in the build cache. The metric ×vet is the ratio of
// their CPU time, child processes included.
func BenchmarkVet(b *testing.B) {
	for name, value := range map[string]string{"GOFLAGS": "-mod=mod -buildvcs=false", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"} {
		b.Setenv(name, value)
	}
	dir := b.TempDir()
	newSample(b, dir)
	bigModule(b, dir)
	touched := 0
	touch := func() {
		touched++
		write(b, filepath.Join(dir, "base", "touched.go"), fmt.Sprintf("package base\n\nconst touched = %d\n", touched))
	}
	vet := func(args ...string) time.Duration {
		cmd := exec.Command("go", append([]string{"vet", "-json"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	theirs := func() time.Duration { return vet("./many/...") }
	ours := func() time.Duration { return vet("-vettool="+self(b), "-"+recording.Name+".on", "./many/...") }
	theirs()
	ours() // both have the standard library now
	for _, mode := range []string{"cold", "warm"} {
		b.Run(mode, func(b *testing.B) {
			var v, p time.Duration
			for b.Loop() {
				for _, run := range []struct {
					f    func() time.Duration
					took *time.Duration
				}{{theirs, &v}, {ours, &p}} {
					if mode == "cold" {
						touch()
						buildBase(b, dir)
					}
					*run.took += run.f()
				}
			}
			b.ReportMetric(p.Seconds()/v.Seconds(), "×vet")
			b.ReportMetric(v.Seconds()/float64(b.N), "vet-CPU-s")
			b.ReportMetric(p.Seconds()/float64(b.N), "phgen-CPU-s")
		})
	}
}

// buildBase compiles all packages, so that neither tool is measured doing it.
func buildBase(b *testing.B, dir string) {
	b.Helper()
	cmd := exec.Command("go", "build", "./many/...")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

// bigModule adds 100 packages of 10 functions each.
func bigModule(b *testing.B, dir string) {
	b.Helper()
	write(b, filepath.Join(dir, "base", "base.go"), "// Package base is imported by all.\npackage base\n\n// Name is a name.\nfunc Name() string { return \"x\" }\n")
	for i := range 100 {
		text := fmt.Sprintf("package p%d\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"example.com/sample/base\"\n\t\"example.com/sample/generated/flags\"\n\t\"example.com/sample/generated/tracking\"\n)\n", i)
		for j := range 10 {
			text += fmt.Sprintf(`
// F%d does something.
func F%d(ctx context.Context, id string, n int64) error {
	e := tracking.OrderPaid(id, base.Name())
	if n > %d {
		e = e.WithItems(n)
	}
	for i := range int(n) {
		if id == fmt.Sprint(i) {
			return fmt.Errorf("order %%q: %%d", id, i)
		}
	}
	if flags.FastPath(ctx) {
		tracking.OrderShipped(id, tracking.CourierSnail).Capture(ctx)
	}
	e.Capture(ctx)
	return nil
}
`, j, j, j)
		}
		write(b, filepath.Join(dir, "many", fmt.Sprintf("p%d", i), "p.go"), text)
	}
}
