package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tiny is a module whose tests notice some bugs.
var tiny = map[string]string{
	"go.mod": "module tiny\n\ngo 1.25\n",
	"sum/sum.go": `package sum

func Add(a, b int) int { return a + b }

func Sub(a, b int) int { return a - b }

func Fill(n int) (ns []int) {
	for len(ns) < n {
		ns = append(ns, n)
	}
	return ns
}
`,
	"sum/sum_test.go": `package sum

import "testing"

func TestAdd(t *testing.T) {
	if Add(1, 2) != 3 {
		t.Error("wrong")
	}
	if len(Fill(3)) != 3 {
		t.Error("wrong")
	}
}

func TestRed(t *testing.T) { t.Skip("not yet") }
`,
	"red/red.go":      "package red\n\nvar Red = true\n",
	"red/red_test.go": "package red\n\nimport \"testing\"\n\nfunc TestRed(t *testing.T) {\n\tif Red {\n\t\tt.Error(\"red\")\n\t}\n}\n",
}

func tinyModule(t *testing.T) *module {
	t.Helper()
	m := &module{dir: t.TempDir(), bin: filepath.Join(t.TempDir(), "mutant.exe"), timeout: 2 * time.Second}
	for name, text := range tiny {
		name = filepath.Join(m.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

var (
	plus  = mutant{name: "adds wrongly", breaks: "sums", file: "sum/sum.go", old: "a + b", new: "a + a"}
	minus = mutant{name: "subtracts wrongly", breaks: "differences", file: "sum/sum.go", old: "a - b", new: "b - a"}
	crash = mutant{name: "crashes", breaks: "sums", file: "sum/sum.go", old: "return a + b", new: "panic(a + b)"}
	hang  = mutant{name: "hangs", breaks: "ends", file: "sum/sum.go", old: "ns = append(ns, n)", new: "_ = append(ns, n)"}
)

var seconds = regexp.MustCompile(` +[0-9.]+ s\b`)

func TestTry(t *testing.T) {
	for _, c := range []struct {
		name      string
		mutants   []mutant
		survivors int
		want      string
	}{
		{"killed", []mutant{plus}, 0, `
adds wrongly killed TestAdd
1 mutants, 0 survived,
`},
		{"survived", []mutant{minus, plus}, 1, `
subtracts wrongly SURVIVED
 sum/sum.go: differences; ./sum stays green
adds wrongly killed TestAdd
2 mutants, 1 survived,
`},
		{"survived because its tests are others", []mutant{{
			name: "adds wrongly", breaks: "sums", file: "sum/sum.go", old: "a + b", new: "a * b", tests: suite{"sum", "TestR"},
		}}, 1, `
adds wrongly SURVIVED
 sum/sum.go: sums; ./sum -run 'TestR' stays green
1 mutants, 1 survived,
`},
		{"panic", []mutant{crash}, 0, `
crashes killed TestAdd
1 mutants, 0 survived,
`},
		{"hang", []mutant{hang}, 0, `
hangs killed hangs in TestAdd
1 mutants, 0 survived,
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := tinyModule(t)
			var out bytes.Buffer
			survivors, err := m.try(t.Context(), c.mutants, &out)
			if err != nil {
				t.Fatal(err)
			}
			if survivors != c.survivors {
				t.Errorf("%d survivors, want %d", survivors, c.survivors)
			}
			got := regexp.MustCompile(`[ \t]+`).ReplaceAllString(seconds.ReplaceAllString(out.String(), ""), " ")
			got = strings.ReplaceAll(got, " \n", "\n")
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), got); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
			source, err := os.ReadFile(filepath.Join(m.dir, "sum", "sum.go"))
			if err != nil || string(source) != tiny["sum/sum.go"] {
				t.Errorf("the code is not as it was: %v\n%s", err, source)
			}
		})
	}
}

func TestTryFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		mutant mutant
		want   string
	}{
		{"text that is gone", mutant{file: "sum/sum.go", old: "a % b"}, "has its text 0 times"},
		{"text that is not unique", mutant{file: "sum/sum.go", old: "return"}, "has its text 3 times"},
		{"no such file", mutant{file: "sum/gone.go", old: "x"}, "the list of mutants is out of date"},
		{"does not compile", mutant{file: "sum/sum.go", old: "a + b", new: "a + c"}, "undefined: c"},
		{"red without it", mutant{file: "red/red.go", old: "true", new: "false"}, "./red is red without a mutant"},
		{"no such tests", mutant{file: "sum/sum.go", old: "a + b", new: "a", tests: suite{"sum", "TestNone"}}, "./sum -run 'TestNone' has no such tests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := tinyModule(t).try(t.Context(), []mutant{c.mutant}, new(bytes.Buffer))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Every mutant fits the code as it stands: who changes that changes the list, too.
func TestListIsCurrent(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range mutants() {
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
		if err != nil {
			t.Error(err)
		} else if n := strings.Count(string(source), m.old); n != 1 || m.old == m.new {
			t.Errorf("%q: %s has its text %d times, want once:\n%s", m.name, m.file, n, m.old)
		}
		if names[m.name] || m.name == "" || m.breaks == "" {
			t.Errorf("%q: want a name of its own, and what it breaks", m.name)
		}
		names[m.name] = true
	}
}

func TestChoose(t *testing.T) {
	all := func() []mutant { return []mutant{plus, minus} }
	for _, c := range []struct {
		only string
		want int
	}{{"", 2}, {"^adds", 1}, {"sum/", 2}} {
		if got, err := choose(all(), c.only); err != nil || len(got) != c.want {
			t.Errorf("%q: %d mutants and %v, want %d", c.only, len(got), err, c.want)
		}
	}
	for _, only := range []string{"nobody", "("} {
		if _, err := choose(all(), only); err == nil {
			t.Errorf("%q: no error", only)
		}
	}
}

// Without git all files are copied, with it those that it knows or would take.
func TestCopy(t *testing.T) {
	from := tinyModule(t).dir
	to := &module{dir: filepath.Join(t.TempDir(), "module")}
	if err := to.copyFrom(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	for name, want := range tiny {
		if got, err := os.ReadFile(filepath.Join(to.dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole := &module{dir: filepath.Join(t.TempDir(), "module")}
	if err := whole.copyFrom(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(whole.dir, "internal", "mutants", "main.go")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(whole.dir, ".git")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf(".git is copied: %v", err)
	}
}
