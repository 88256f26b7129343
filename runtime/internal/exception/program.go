package exception

import (
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// A program knows which packages are the user's own.
type program struct {
	modules []module // the main module is the first; empty without build information
}

// A module is one that the program was built from.
type module struct {
	path string
	own  bool // it was built from a folder that somebody works in
}

// self is the running program.
var self = sync.OnceValue(func() *program {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return &program{}
	}
	return newProgram(info)
})

func newProgram(info *debug.BuildInfo) *program {
	p := &program{}
	if info.Main.Path != "" {
		p.modules = append(p.modules, module{info.Main.Path, true})
	}
	vendored := slices.ContainsFunc(info.Deps, isVendored)
	for _, m := range info.Deps {
		own := isFolder(m) // of a workspace, which is never vendored
		if m.Replace != nil {
			own = isFolder(m.Replace) && !vendored
		}
		p.modules = append(p.modules, module{m.Path, own})
	}
	return p
}

// isFolder reports whether m has no version.
func isFolder(m *debug.Module) bool { return m.Version == "" || m.Version == "(devel)" }

// isVendored reports whether m is from the folder vendor, as all others are then: a module that
// was downloaded has a checksum. With -trimpath the names of the files do not tell.
func isVendored(m *debug.Module) bool { return m.Replace == nil && !isFolder(m) && m.Sum == "" }

// inApp reports whether a function is the user's own, rather than one of Go, of somebody's
// module or of this library. PostHog groups exceptions by such frames.
func (p *program) inApp(function, file string) bool {
	pkg := packageOf(function)
	if isLibrary(pkg) && !strings.HasSuffix(file, "_test.go") || strings.HasPrefix(pkg, "vendor/") {
		return false
	}
	if strings.Contains(file, "/vendor/") {
		return false
	}
	if m, ok := p.moduleOf(pkg); ok {
		return m.own
	}
	if pkg == "" || isCopy(file) {
		return false
	}
	if pkg == "main" || pkg == "command-line-arguments" {
		return true
	}
	first, _, _ := strings.Cut(pkg, "/")
	return strings.Contains(first, ".") // else it is one of Go's
}

// moduleOf returns the module that a package belongs to.
func (p *program) moduleOf(pkg string) (best module, ok bool) {
	for _, m := range p.modules {
		if rest, under := strings.CutPrefix(pkg, m.path); under && len(m.path) >= len(best.path) &&
			(rest == "" || rest[0] == '/' || rest == "_test") {
			best, ok = m, true
		}
	}
	return best, ok
}

// isCopy reports whether a file is one of a module that was downloaded.
func isCopy(file string) bool {
	if strings.Contains(file, "/pkg/mod/") {
		return true
	}
	// With -trimpath, and in other caches: example.com/module@v1.2.3/file.go
	for {
		_, rest, ok := strings.Cut(file, "@v")
		if !ok {
			return false
		}
		if rest != "" && '0' <= rest[0] && rest[0] <= '9' {
			return true
		}
		file = rest
	}
}

// packageOf returns the import path of the package that a function is in.
func packageOf(function string) string {
	function, _, _ = strings.Cut(function, "[") // type parameters hold paths, too
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return unescape(function[:slash] + name)
}

// unescape reverts what the compiler does to dots in the last element of a path, and to some other
// bytes.
func unescape(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			if hi, lo := hexDigit(path[i+1]), hexDigit(path[i+2]); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c) }

// library is the path of this library's packages.
var library = strings.TrimSuffix(reflect.TypeFor[Report]().PkgPath(), "/internal/exception")

func isLibrary(pkg string) bool {
	rest, ok := strings.CutPrefix(pkg, library)
	return ok && (rest == "" || rest[0] == '/')
}
