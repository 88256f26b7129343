package vet

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

func TestMain(m *testing.M) {
	if IsToolCall(os.Args[1:]) {
		Tool()
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if sampleDir, err = os.MkdirTemp("", "vet"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(sampleDir)
	return m.Run()
}

// self is this test as a program, which answers as the tool does.
func self(t testing.TB) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// offline lets the go command use nothing but what is on the disk.
func offline(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"GOFLAGS": "-mod=mod -buildvcs=false", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"} {
		t.Setenv(name, value)
	}
}

// sample is a module: testdata/sample and the code that is generated from its plan.
// Nobody may change it.
func sample(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	offline(t)
	makeSample.Do(func() { newSample(t, sampleDir) })
	return sampleDir
}

var (
	makeSample sync.Once
	sampleDir  string // made by TestMain
)

func newSample(t testing.TB, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS("testdata/sample")); err != nil {
		t.Fatal(err)
	}
	writeModule(t, dir)
	generate(t, filepath.Join(dir, "tracking-plan.yaml"))
}

func writeModule(t testing.TB, dir string) {
	t.Helper()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sums))
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("module example.com/sample\n\ngo 1.25.0\n\nrequire (\n"+
		"\tgithub.com/google/uuid v1.6.0\n\tgithub.com/phgen/phgen v0.0.0\n)\n\nreplace github.com/phgen/phgen => %s\n", checkout))
}

func generate(t testing.TB, planFile string) {
	t.Helper()
	p, findings, err := schema.Load(planFile)
	if err != nil || findings.HasErrors() {
		t.Fatalf("loading %s: %v, %v", planFile, err, findings)
	}
	files, err := generator.Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, filepath.Join(p.Go.OutDir, filepath.FromSlash(f.Path)), string(f.Data))
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Each planted defect is found, and nothing else.
func TestSample(t *testing.T) {
	dir := sample(t)
	results, err := Run(t.Context(), Options{Tool: self(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range results.Findings {
		got = append(got, fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Code, f.Message))
	}
	want := wanted(t, dir)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

var wantComment = regexp.MustCompile("want(-above)? `([^`]*)`")

// wanted reads the comments that say what is to be found.
func wanted(t *testing.T, dir string) []string {
	t.Helper()
	var want []string
	for _, folder := range []string{"shop", "clean", "wrap", "raw"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", folder, files, err)
		}
		for _, file := range files {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			lines := bufio.NewScanner(f)
			for n := 1; lines.Scan(); n++ {
				for _, m := range wantComment.FindAllStringSubmatch(lines.Text(), -1) {
					at := n
					if m[1] != "" {
						at--
					}
					want = append(want, fmt.Sprintf("%s/%s:%d: %s", folder, filepath.Base(file), at, m[2]))
				}
			}
		}
	}
	return want
}

// The go command's own output names the same defects.
func TestVetTool(t *testing.T) {
	dir := sample(t)
	cmd := exec.Command("go", "vet", "-vettool="+self(t), "./shop", "./clean")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("go vet found nothing")
	}
	got := 0
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, ": PHV0") {
			got++
		}
		if strings.Contains(line, "clean") && strings.Contains(line, "PHV") {
			t.Errorf("got a finding in a clean package: %s", line)
		}
	}
	if want := len(wanted(t, dir)); got != want {
		t.Errorf("got %d findings, want %d:\n%s", got, want, out)
	}
}

// What only a whole program can tell.
func TestWholeProgram(t *testing.T) {
	dir := sample(t)
	results, err := Run(t.Context(), Options{Tool: self(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range results.ByString(dir) {
		got = append(got, fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Code, f.Message))
	}
	for _, r := range results.Unused() {
		got = append(got, fmt.Sprintf("%s %s", r.Kind, r.Name))
	}
	want := []string{
		`raw/raw.go:12: PHV002: event "order_paid" is in the plan: send it with tracking.OrderPaid, whose properties the compiler checks`,
		`raw/raw.go:15: PHV002: flag "fast-path" is in the plan: read it with flags.FastPath, which cannot be misspelt`,
		"flag unread",
		"event never_used",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// Nothing is found in the examples, tests included.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	results, err := Run(t.Context(), Options{Tool: self(t), Dir: "../..", Patterns: []string{"./examples/..."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(results.Findings, results.ByString("../..")...) {
		t.Errorf("%s:%d:%d: %s: %s", f.File, f.Line, f.Col, f.Code, f.Message)
	}
	if len(results.Records) == 0 {
		t.Error("nothing was looked at")
	}
}

// A package that does not compile is an error, and no result.
func TestBroken(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	dir := t.TempDir()
	offline(t)
	writeModule(t, dir)
	write(t, filepath.Join(dir, "a.go"), "package broken\n\nimport ph \"github.com/phgen/phgen/runtime\"\n\nvar x ph.Option = 1\n")
	_, err := Run(t.Context(), Options{Tool: self(t), Dir: dir})
	var build *BuildError
	if !errors.As(err, &build) || !strings.Contains(build.Output, "a.go:5:19") {
		t.Errorf("got error %v, want one that names a.go:5:19", err)
	}
}

func TestSplit(t *testing.T) {
	out := "# a/b\n{\n\t\"a\": {}\n}\n{}\ngo: talk\n# c\n{\n\t\"c\": {\n\t}\n}\n"
	objects, rest := split([]byte(out))
	if got, want := len(objects), 2; got != want {
		t.Fatalf("got %d objects, want %d", got, want)
	}
	if got, want := string(objects[1]), "{\n\t\"c\": {\n\t}\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := string(rest), "go: talk\n"; got != want {
		t.Errorf("got rest %q, want %q", got, want)
	}
}

func TestIsToolCall(t *testing.T) {
	for args, want := range map[string]bool{
		"":                         false,
		"-V=full":                  true,
		"-flags":                   true,
		"vet.cfg":                  true,
		"-json -phv001 /tmp/b.cfg": true,
		"validate plan.cfg":        false,
		"version":                  false,
		"-V=full version":          false,
	} {
		if got := IsToolCall(strings.Fields(args)); got != want {
			t.Errorf("IsToolCall(%q) = %t, want %t", args, got, want)
		}
	}
}
