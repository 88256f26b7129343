package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// cacheBytes bounds the file of a cache; a real one is far smaller.
const cacheBytes = 4 << 20

// A cache remembers the last run of generate for one plan: what was read, and
// what stood on disk afterwards. It only ever saves time: what cannot be read,
// written or believed counts as nothing remembered.
type cache struct {
	file    string // "" without a cache folder
	plan    string // as the user named it
	only    selectors
	started time.Time
	last    memory // what the last run of this very phgen left; the zero value otherwise
}

// A memory is the content of a cache file.
type memory struct {
	Build   string             // of the phgen that wrote it
	Module  string             // folder of the nearest go.mod above the plan; "" without one
	Include []string           // the plan's globs
	Matches []string           // what they matched, relative to the plan
	Inputs  map[string]stamp   // plan files and go.mod, by absolute path
	Root    string             // folder that the output folder must stay below
	Out     string             // output folder, relative to the plan
	Only    []string           // the part of the plan
	Lock    string             // file name of the lock, beside the plan
	Locked  stamp              // of the lock
	Outputs map[string]written // generated files, by path below Out
}

// written is a generated file and the keys by which it is recalled.
type written struct {
	stamp
	Keys []string
}

// A stamp tells whether a file has changed.
type stamp struct {
	Size int64
	Hash string
}

func stampOf(data []byte) stamp {
	sum := sha256.Sum256(data)
	return stamp{Size: int64(len(data)), Hash: hex.EncodeToString(sum[:])}
}

// openCache reads the cache of the plan at path, of which only a part is to be
// generated.
func openCache(path string, only selectors) *cache {
	c := &cache{plan: path, only: only, started: time.Now()}
	dir, err := os.UserCacheDir()
	if err != nil {
		return c
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return c
	}
	sum := sha256.Sum256([]byte(abs))
	c.file = filepath.Join(dir, "phgen", hex.EncodeToString(sum[:])+".json")
	if m, ok := readMemory(c.file); ok && m.Build == buildIdentity() {
		c.last = m
	}
	return c
}

func readMemory(file string) (m memory, ok bool) {
	f, err := os.Open(file)
	if err != nil {
		return m, false
	}
	defer f.Close()
	err = json.NewDecoder(io.LimitReader(f, cacheBytes)).Decode(&m)
	return m, err == nil
}

// upToDate reports whether the last run read what this one would read, and left
// what is on disk now. It returns the output folder and the number of files in
// it.
func (c *cache) upToDate() (folder string, files int, ok bool) {
	m := c.last
	if len(m.Inputs) == 0 || m.Module != moduleFolder(c.plan) || !slices.Equal(m.Matches, matches(c.plan, m.Include)) ||
		!slices.Equal(m.Only, c.only) || m.Lock != lockName(c.plan) {
		return "", 0, false
	}
	if got, err := stampFile(filepath.Join(filepath.Dir(c.plan), m.Lock), m.Locked.Size); err != nil || got != m.Locked {
		return "", 0, false
	}
	for path, want := range m.Inputs {
		if got, err := stampFile(path, want.Size); err != nil || got != want {
			return "", 0, false
		}
	}
	out, err := c.openOutput()
	if err != nil {
		return "", 0, false
	}
	defer out.close()
	known := make([]generator.File, 0, len(m.Outputs))
	for path, want := range m.Outputs {
		data, _, err := out.read(path)
		if err != nil || stampOf(data) != want.stamp {
			return "", 0, false
		}
		known = append(known, generator.File{Path: path})
	}
	stale, err := out.stale(known)
	return out.name, len(known), err == nil && len(stale) == 0
}

// openOutput opens the folder that the last run wrote.
func (c *cache) openOutput() (*output, error) {
	return openOutput(c.last.Root, filepath.Join(filepath.Dir(c.plan), filepath.FromSlash(c.last.Out)))
}

// outputs reads the files that are as the last run left them.
func (c *cache) outputs() map[string][]byte {
	if len(c.last.Outputs) == 0 {
		return nil
	}
	out, err := c.openOutput()
	if err != nil {
		return nil
	}
	defer out.close()
	files := map[string][]byte{}
	for path, want := range c.last.Outputs {
		if data, _, err := out.read(path); err == nil && stampOf(data) == want.stamp {
			files[path] = data
		}
	}
	return files
}

// store remembers that files were generated from p; describe tells the next run
// how to recall one. The lock beside the plan has that name and that content.
func (c *cache) store(p *schema.Plan, files []generator.File, describe func(generator.File) written, lockName string, lock []byte) {
	m := memory{
		Build:   buildIdentity(),
		Module:  moduleFolder(c.plan),
		Inputs:  map[string]stamp{},
		Include: p.Include,
		Matches: matches(c.plan, p.Include),
		Out:     p.Go.Out,
		Only:    c.only,
		Lock:    lockName,
		Locked:  stampOf(lock),
		Outputs: map[string]written{},
	}
	if c.file == "" {
		return
	}
	var err error
	if m.Root, err = filepath.Abs(p.ModuleDir); err != nil {
		return
	}
	inputs := append([]string{}, p.Files...)
	if m.Module != "" {
		inputs = append(inputs, filepath.Join(m.Module, "go.mod"))
	}
	for _, path := range inputs {
		path, err := filepath.Abs(filepath.FromSlash(path))
		if err != nil {
			return
		}
		stat, err := os.Stat(path)
		if err != nil || !stat.ModTime().Before(c.started) {
			return // edited while we read it: who knows which version we saw
		}
		if m.Inputs[path], err = stampFile(path, stat.Size()); err != nil {
			return
		}
	}
	for _, f := range files {
		m.Outputs[f.Path] = describe(f)
	}
	c.write(m)
}

// matches lists the files that globs match beside the plan.
func matches(plan string, globs []string) []string {
	var files []string
	for _, glob := range globs {
		found, err := fs.Glob(os.DirFS(filepath.Dir(plan)), path.Clean(glob))
		if err != nil {
			return nil // no pattern; such a plan has errors
		}
		files = append(files, found...)
	}
	return files
}

// write replaces the cache's file at once, so that a second phgen that reads it
// meanwhile sees the old content or the new.
func (c *cache) write(m memory) {
	data, err := json.Marshal(m)
	if err != nil || os.MkdirAll(filepath.Dir(c.file), 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(filepath.Dir(c.file), "*.tmp")
	if err != nil {
		return
	}
	_, err = temp.Write(data)
	if closeErr := temp.Close(); err != nil || closeErr != nil || os.Rename(temp.Name(), c.file) != nil {
		_ = os.Remove(temp.Name())
	}
}

// stampFile reads a regular file of at most limit bytes.
func stampFile(path string, limit int64) (stamp, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	if !stat.Mode().IsRegular() || stat.Size() > limit {
		return stamp{Size: stat.Size()}, nil
	}
	data, err := os.ReadFile(path)
	return stampOf(data), err
}

// moduleFolder is the folder of the nearest go.mod above the plan, or "".
func moduleFolder(plan string) string {
	dir, err := filepath.Abs(filepath.Dir(plan))
	if err != nil {
		return ""
	}
	for {
		if exists(filepath.Join(dir, "go.mod")) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// buildIdentity tells one build of phgen from another: another version may
// generate other code. A development build has no version, but its executable
// has a size and an age.
func buildIdentity() string {
	var id bytes.Buffer
	if build, ok := debug.ReadBuildInfo(); ok {
		id.WriteString(build.String())
	}
	if path, err := os.Executable(); err == nil {
		if stat, err := os.Stat(path); err == nil {
			fmt.Fprintf(&id, "%d %d", stat.Size(), stat.ModTime().UnixNano())
		}
	}
	return stampOf(id.Bytes()).Hash
}
