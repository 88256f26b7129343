package golangci

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"
)

// golangci-lint finds the plugin by its name, and gets analyzers that are sound.
func TestPlugin(t *testing.T) {
	newPlugin, err := register.GetPlugin("phgen")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(map[string]any{"unknown": true})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := p.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	if err := analysis.Validate(analyzers); err != nil {
		t.Error(err)
	}
	if got, want := len(analyzers), 9; got != want {
		t.Errorf("got %d analyzers, want %d", got, want)
	}
	if got, want := p.GetLoadMode(), register.LoadModeTypesInfo; got != want {
		t.Errorf("got load mode %q, want %q", got, want)
	}
}
