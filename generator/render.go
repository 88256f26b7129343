package generator

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/dave/jennifer/jen"
)

// A source is one file to be: build adds its declarations.
type source struct {
	dir   string // relative to the output folder
	name  string
	pkg   string // package clause
	path  string // import path of dir
	doc   *comment
	build func(*jen.File)
}

// render prints all sources, in their order, on as many cores as there are.
func render(sources []source, header []string, imports map[string]string, format Formatter) ([]File, error) {
	files := make([]File, len(sources))
	errs := make([]error, len(sources))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(sources)) {
		workers.Go(func() {
			for i := range next {
				files[i], errs[i] = sources[i].tryRender(header, imports, format)
			}
		})
	}
	for i := range sources {
		next <- i
	}
	close(next)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// tryRender turns a panic into an error: nobody else could recover it in a worker's
// goroutine, and the caller knows how to report a bug.
func (s source) tryRender(header []string, imports map[string]string, format Formatter) (f File, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("printing %s/%s: %v\n%s", s.dir, s.name, v, debug.Stack())
		}
	}()
	return s.render(header, imports, format)
}

func (s source) render(header []string, imports map[string]string, format Formatter) (File, error) {
	path := s.dir + "/" + s.name
	f := jen.NewFilePathName(s.path, s.pkg)
	f.NoFormat = true // gofmt comes last, once
	for _, line := range header {
		f.HeaderComment(line)
	}
	for path, name := range imports {
		f.ImportName(path, name)
	}
	f.ImportAlias(runtimePath, importNames[runtimePath])
	if s.doc != nil {
		f.PackageComment(strings.TrimSuffix(s.doc.String(), "\n"))
	}
	s.build(f)
	var buf bytes.Buffer
	if err := f.Render(&buf); err != nil {
		return File{}, fmt.Errorf("printing %s: %w", path, err)
	}
	data, err := format(path, groupImports(buf.Bytes()))
	if err != nil {
		return File{}, fmt.Errorf("formatting %s: %w", path, err)
	}
	return File{Path: path, Data: data}, nil
}

// groupImports puts the standard library before everything else, as people do.
// jennifer sorts all imports into one block.
func groupImports(src []byte) []byte {
	before, rest, found := bytes.Cut(src, []byte("\nimport (\n"))
	if !found {
		return src
	}
	block, after, _ := bytes.Cut(rest, []byte(")\n"))
	var std, others []byte
	for line := range bytes.Lines(block) {
		path := string(bytes.Trim(line, "\"\n"))
		if importNames[path] != "" && !strings.Contains(path, ".") {
			std = append(std, line...)
		} else {
			others = append(others, line...)
		}
	}
	if len(std) > 0 && len(others) > 0 {
		std = append(std, '\n')
	}
	return slices.Concat(before, []byte("\nimport (\n"), std, others, []byte(")\n"), after)
}
