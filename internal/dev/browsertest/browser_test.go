// Package browsertest drives phgen dev with browsers, real clients and hostile ones.
package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/internal/dev/devprocess"
)

// chromium is where Debian puts the browser.
const chromium = "/usr/bin/chromium"

const examplePlan = "../../../examples/tracking-plan.yaml"

// The page does what it is for: .ci/browser/dev.mjs. The variable CHROMIUM names another
// browser, SCREENSHOTS a folder for pictures, FLOWS a word in the names of the flows to run.
func TestPageInABrowser(t *testing.T) { runNode(t, "dev.mjs") }

// PostHog's own clients take phgen dev for PostHog: .ci/browser/clients.mjs.
func TestClientsInABrowser(t *testing.T) { runNode(t, "clients.mjs") }

// runNode runs a script of .ci/browser, which starts phgen dev as often as it likes.
func runNode(t *testing.T, script string) {
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = chromium
	}
	scripts := filepath.Join("..", "..", "..", ".ci", "browser")
	for _, need := range []struct{ path, cure string }{
		{browser, "apt-get install chromium, or set CHROMIUM"},
		{filepath.Join(scripts, "node_modules", "playwright-core"), "npm ci in .ci/browser"},
		{filepath.Join(scripts, "node_modules", "posthog-js"), "npm ci in .ci/browser"},
	} {
		if _, err := os.Stat(need.path); err != nil {
			t.Skipf("%s is missing: %s", need.path, need.cure)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is missing")
	}
	if testing.Short() {
		t.Skip("this takes a minute")
	}
	program, err := devprocess.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := filepath.Abs(examplePlan)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, script)
	if shots := os.Getenv("SCREENSHOTS"); shots != "" {
		cmd.Args = append(cmd.Args, shots)
	}
	cmd.Dir = scripts
	cmd.Env = append(os.Environ(), "CHROMIUM="+browser, "PHGEN="+program, "PLAN="+plan)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%s fails: %v", script, err)
	}
}
