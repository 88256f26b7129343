package generator

import (
	"bytes"
	"fmt"
	"go/format"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// A source is one file to be: build adds its declarations.
type source struct {
	dir    string // relative to the output folder
	name   string
	pkg    string // package clause
	path   string // import path of dir
	doc    *comment
	build  func(*jen.File)
	events []*schema.Event // if build reads no others; else nil
}

// A press prints the sources of one plan.
type press struct {
	*generator
	header []string
	recall Recall // may be nil; then so is frame
	frame  *frame
}

// print prints all sources, in their order, on as many cores as there are.
func (p press) print(sources []source) ([]File, error) {
	files := make([]File, len(sources))
	errs := make([]error, len(sources))
	parallel(len(sources), func() func(int) {
		return func(i int) { files[i], errs[i] = p.tryFile(sources[i]) }
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// parallel does n things on as many cores as there are. Each worker does them with
// a function of its own.
func parallel(n int, worker func() func(int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		do := worker()
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

// tryFile turns a panic into an error: nobody else could recover it in a worker's
// goroutine, and the caller knows how to report a bug.
func (p press) tryFile(s source) (f File, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("printing %s/%s: %v\n%s", s.dir, s.name, v, debug.Stack())
		}
	}()
	return p.file(s)
}

// What the keys of a Recall begin with.
const (
	inputsKey = "inputs "
	sourceKey = "source "
)

// file prints s, as far as nobody recalls the result.
func (p press) file(s source) (File, error) {
	path := s.dir + "/" + s.name
	if p.recall != nil && s.events != nil {
		if data := p.recall(path, p.frame.key(s.events)); data != nil {
			return File{path, data}, nil
		}
	}
	src, err := p.source(s)
	if err != nil {
		return File{}, fmt.Errorf("printing %s: %w", path, err)
	}
	if p.recall != nil {
		if data := p.recall(path, sourceKey+hash(src)); data != nil {
			return File{path, data}, nil
		}
	}
	data, err := format.Source(src)
	if err != nil {
		return File{}, fmt.Errorf("formatting %s: %w", path, err)
	}
	return File{path, data}, nil
}

// source prints s without formatting it.
func (p press) source(s source) ([]byte, error) {
	f := jen.NewFilePathName(s.path, s.pkg)
	f.NoFormat = true // gofmt comes last, once
	for _, line := range p.header {
		f.HeaderComment(line)
	}
	for path, name := range p.imports {
		f.ImportName(path, name)
	}
	f.ImportAlias(runtimePath, importNames[runtimePath])
	if s.doc != nil {
		f.PackageComment(strings.TrimSuffix(s.doc.String(), "\n"))
	}
	s.build(f)
	var buf bytes.Buffer
	if err := f.Render(&buf); err != nil {
		return nil, err
	}
	return groupImports(buf.Bytes()), nil
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
