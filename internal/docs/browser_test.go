package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/schema"
)

// chromium is where Debian puts the browser.
const chromium = "/usr/bin/chromium"

// The page is driven by what it is for: .ci/browser/docs.mjs. The variable CHROMIUM names
// another browser, SCREENSHOTS a folder for pictures.
func TestPageInABrowser(t *testing.T) {
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = chromium
	}
	scripts := filepath.Join("..", "..", ".ci", "browser")
	for _, need := range []struct{ path, cure string }{
		{browser, "apt-get install chromium, or set CHROMIUM"},
		{filepath.Join(scripts, "node_modules", "playwright-core"), "npm ci in .ci/browser"},
	} {
		if _, err := os.Stat(need.path); err != nil {
			t.Skipf("%s is missing: %s", need.path, need.cure)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is missing")
	}
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, bigplan.Plan(2_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plan := range map[string]string{"shop": examplePlan, "hostile": hostilePlan, "big": big} {
		html, err := page(load(t, plan))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".html"), html, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(node, "docs.mjs", dir)
	if shots := os.Getenv("SCREENSHOTS"); shots != "" {
		cmd.Args = append(cmd.Args, shots)
	}
	cmd.Dir = scripts
	cmd.Env = append(os.Environ(), "CHROMIUM="+browser)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("the page fails in a browser: %v", err)
	}
}

const (
	examplePlan = "../../examples/tracking-plan.yaml"
	hostilePlan = "testdata/hostile.yaml"
)

func load(t testing.TB, file string) *schema.Plan {
	t.Helper()
	p, findings, err := schema.Load(file)
	if err != nil || findings.HasErrors() {
		t.Fatalf("%s: %v %v", file, findings, err)
	}
	return p
}
