// Package golangci makes "phgen vet" a linter of golangci-lint, by its module plugin
// system. Build a golangci-lint that has it from this .custom-gcl.yml:
//
//	version: v2.15.0
//	plugins:
//	  - module: github.com/phgen/phgen/golangci
//	    import: github.com/phgen/phgen/golangci
//	    version: latest
//
// with "golangci-lint custom", and switch it on in .golangci.yml:
//
//	version: "2"
//	linters:
//	  enable: [phgen]
//	  settings:
//	    custom:
//	      phgen:
//	        type: module
//	        description: misuse of code generated from a tracking plan
//
// A finding is ignored by //nolint:phgen // and the reason.
package golangci

import (
	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/phgen/phgen/internal/vet"
)

func init() { register.Plugin("phgen", New) }

// New returns the linter. It has no settings, and ignores those it is given.
func New(any) (register.LinterPlugin, error) { return plugin{}, nil }

type plugin struct{}

// BuildAnalyzers returns the checks that look at one package and what it imports.
func (plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return vet.Analyzers(), nil }

// GetLoadMode says that the checks want types; the name is golangci-lint's.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
