package citest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An action is action.yml.
type action struct {
	Name        string
	Description string
	Inputs      map[string]struct{ Description, Default string }
	Runs        struct {
		Using string
		Steps []step
	}
}

type step struct {
	If               string
	Uses             string
	With             map[string]string
	Shell            string
	WorkingDirectory string `yaml:"working-directory"`
	Env              map[string]string
	Run              string
}

var inputRef = regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}`)

// script is the only step that runs something.
func script(t *testing.T) (action, step) {
	t.Helper()
	var a action
	read(t, "action.yml", &a)
	var found []step
	for _, s := range a.Runs.Steps {
		if s.Run != "" {
			found = append(found, s)
		}
	}
	if len(found) != 1 || a.Runs.Using != "composite" {
		t.Fatalf("a %s action with %d scripts, want composite with 1", a.Runs.Using, len(found))
	}
	return a, found[0]
}

// runAction runs the script as a runner does: each variable has the input's value,
// and bash reads the script from a file.
func runAction(t *testing.T, inputs map[string]string, more ...string) (string, int) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	a, s := script(t)
	env := append(os.Environ(), "GITHUB_BASE_REF=")
	for name, value := range s.Env {
		value = inputRef.ReplaceAllStringFunc(value, func(ref string) string {
			input := inputRef.FindStringSubmatch(ref)[1]
			if given, ok := inputs[input]; ok {
				return given
			}
			return a.Inputs[input].Default
		})
		env = append(env, name+"="+value)
	}
	file := filepath.Join(t.TempDir(), "script.sh")
	write(t, file, s.Run)
	cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", file)
	cmd.Env = append(env, more...)
	return run(t, cmd)
}

// Inputs are code of whoever opens a pull request: none may stand in a script.
func TestActionInputs(t *testing.T) {
	a, s := script(t)
	if strings.Contains(s.Run, "${{") {
		t.Error("an expression stands in the script")
	}
	used := map[string]bool{"setup-go": true}
	for _, step := range a.Runs.Steps {
		texts := []string{step.WorkingDirectory}
		for _, value := range step.With {
			texts = append(texts, value)
		}
		for _, value := range step.Env {
			texts = append(texts, value)
		}
		for _, text := range texts {
			for _, ref := range inputRef.FindAllStringSubmatch(text, -1) {
				used[ref[1]] = true
			}
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("input %q is not used, or not described", name)
		}
		delete(used, name)
	}
	if len(used) > 0 {
		t.Errorf("used, but no inputs: %v", used)
	}
}

// stubGo puts a go command first on the path that writes down its arguments, one a
// line, and returns the file. With status it fails.
func stubGo(t *testing.T, status string) string {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	text := "#!/bin/sh\nfor a; do printf '%s\\n' \"[$a]\" >>'" + log + "'; done\n" +
		"if [ \"$1\" = install ]; then cp \"$0\" \"$GOBIN/phgen\"; fi\nif [ \"$1\" != install ]; then exit " + status + "; fi\n"
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return log
}

func lines(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(text), " ", "␠")), " ")
}

func TestActionArguments(t *testing.T) {
	tests := []struct {
		name   string
		inputs map[string]string
		env    string
		want   string // arguments of go and phgen
	}{
		{"defaults", nil, "", "[tool] [phgen] [check] [--format=github]"},
		{"several", map[string]string{"commands": "check\nlint  fmt", "plan": "a b.yaml"}, "",
			"[tool] [phgen] [check] [--format=github] [--] [a␠b.yaml] [tool] [phgen] [lint] [--format=github] [--] [a␠b.yaml] [tool] [phgen] [fmt] [--check] [--] [a␠b.yaml]"},
		{"breaking", map[string]string{"commands": "breaking", "format": "sarif"}, "", "[tool] [phgen] [breaking] [--format=sarif] [--against=origin/main]"},
		{"breaking, of a pull request", map[string]string{"commands": "breaking"}, "release", "[tool] [phgen] [breaking] [--format=github] [--against=origin/release]"},
		{"breaking, against a ref", map[string]string{"commands": "breaking", "against": "v1.0.0"}, "release", "[tool] [phgen] [breaking] [--format=github] [--against=v1.0.0]"},
		{"version", map[string]string{"version": "v1.2.3-rc.1+x"}, "", "[install] [github.com/phgen/phgen/cmd/phgen@v1.2.3-rc.1+x] [check] [--format=github]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			log := stubGo(t, "0")
			if out, status := runAction(t, tt.inputs, "GITHUB_BASE_REF="+tt.env); status != 0 || out != "" {
				t.Errorf("status %d, output %q, want 0 and none", status, out)
			}
			if d := cmp.Diff(tt.want, lines(t, log)); d != "" {
				t.Errorf("arguments (-want +got):\n%s", d)
			}
		})
	}
}

// Whatever an input holds, nothing but phgen runs, and nothing but what the input
// is for gets it.
func TestActionHostileInputs(t *testing.T) {
	for _, hostile := range []string{
		`$(touch pwned)`, "`touch pwned`", `"; touch pwned; "`, `'; touch pwned; '`, "a\ntouch pwned", "a && touch pwned", "| touch pwned",
		"--against=x", "-o", "*", "${IFS}touch${IFS}pwned", "x[$(touch pwned)]", "\\", "::stop-commands::x", "a\n::error::x",
	} {
		for _, input := range []string{"commands", "plan", "version", "against", "format"} {
			t.Run(input+" "+hostile, func(t *testing.T) {
				t.Chdir(t.TempDir())
				write(t, "innocent", "")
				log := stubGo(t, "0")
				inputs := map[string]string{input: hostile}
				if input == "against" {
					inputs["commands"] = "breaking"
				}
				out, status := runAction(t, inputs)
				if _, err := os.Stat("pwned"); err == nil {
					t.Fatal("the input was run")
				}
				refused := input == "commands" || input == "version" || input == "format"
				if (status == 2) != refused || refused != strings.HasPrefix(out, "::error title=phgen::the input "+input) || strings.Contains(out, "\n") {
					t.Errorf("status %d, output %q; want it refused: %t", status, out, refused)
				}
				text, err := os.ReadFile(log)
				if err != nil && !refused {
					t.Fatal(err)
				}
				want := map[string]string{"plan": "[--]\n[" + hostile + "]\n", "against": "[--against=" + hostile + "]\n"}[input]
				if refused && len(text) > 0 || !strings.HasSuffix(string(text), want) {
					t.Errorf("arguments %q, want %q last, or none at all", text, want)
				}
			})
		}
	}
}

// All commands run; the first that fails gives the status.
func TestActionStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	log := stubGo(t, `"$([ "$3" = check ] && echo 3 || echo 4)"`)
	out, status := runAction(t, map[string]string{"commands": "fmt check lint"})
	if status != 4 || out != "" {
		t.Errorf("status %d, output %q, want that of fmt: 4", status, out)
	}
	if got, want := strings.Count(lines(t, log), "[phgen]"), 3; got != want {
		t.Errorf("%d commands ran, want %d", got, want)
	}
}

// With the real thing: a module that has phgen as its tool.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles phgen")
	}
	cache, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirs := strings.Fields(string(cache))
	for name, value := range map[string]string{
		"GOCACHE": dirs[0], "GOMODCACHE": dirs[1], "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod -buildvcs=false",
	} {
		t.Setenv(name, value)
	}
	module(t)
	for _, args := range [][]string{
		{"mod", "edit", "-replace=github.com/phgen/phgen=" + checkout},
		{"get", "-tool", "github.com/phgen/phgen/cmd/phgen"},
	} {
		if out, status := run(t, exec.Command("go", args...)); status != 0 {
			t.Fatalf("go %v: %s", args, out)
		}
	}
	commands := map[string]string{"commands": "check lint fmt"}
	if out, status := runAction(t, commands); status != 0 || out != "" {
		t.Errorf("on a good plan: status %d\n%s", status, out)
	}
	write(t, "tracking-plan.yaml", strings.Replace(plan, "owner: web", "owner:  app", 1))
	out, status := runAction(t, commands)
	want := `::error file=tracking-plan.yaml,line=5,col=68,title=PH203::unknown owner "app"`
	if status != 1 || strings.Count(out, want) != 2 || !strings.HasSuffix(out, "\ntracking-plan.yaml") {
		t.Errorf("on a bad plan: status %d, want 1, from check and lint each\n%s\nthen the name of the plan; got\n%s", status, want, out)
	}
}
