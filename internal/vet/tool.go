package vet

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// IsToolCall reports whether args are those with which "go vet -vettool" calls its tool:
// -V=full, -flags, or flags and the file of one package.
func IsToolCall(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	if len(args) == 1 && (last == "-V=full" || last == "-flags") {
		return true
	}
	return strings.HasSuffix(last, ".cfg") && !slices.ContainsFunc(args[:len(args)-1], func(a string) bool { return !strings.HasPrefix(a, "-") })
}

// Tool does what "go vet -vettool" asks of its tool by os.Args, and exits.
func Tool() {
	if last := os.Args[len(os.Args)-1]; strings.HasSuffix(last, ".cfg") && nothingToSee(last) {
		os.Exit(0)
	}
	unitchecker.Main(toolAnalyzers()...)
}

func toolAnalyzers() []*analysis.Analyzer { return append(Analyzers(), recording) }

// nothingToSee reports whether the package that the file describes can neither use the
// runtime nor see a generated package, and says so to the packages that import it. Most
// of a program is like that: it need not be parsed.
func nothingToSee(file string) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	var unit unitchecker.Config
	if json.Unmarshal(data, &unit) != nil {
		return false
	}
	for _, path := range unit.ImportMap {
		if path == runtimePath {
			return false
		}
	}
	for _, facts := range unit.PackageVetx {
		if stat, err := os.Stat(facts); err != nil || stat.Size() > 0 {
			return false
		}
	}
	return unit.VetxOutput == "" || os.WriteFile(unit.VetxOutput, nil, 0o666) == nil
}
