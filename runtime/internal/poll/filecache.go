package poll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/filelock"
)

// A FileCache is a [Cache] in a file, for the processes of one user on one machine. It is
// safe for concurrent use.
type FileCache struct {
	path string

	mu    sync.Mutex
	lease *os.File    // locked; nil: another process has it, or nobody
	asked time.Time   // when ShouldFetch was last called
	info  fs.FileInfo // of the file that doc was read from; nil: none was
	doc   []byte
}

// NewFileCache returns a cache in the file at path, one for each project. Beside it there
// is a file whose name ends in ".lock": the process that has it locked loads the
// definitions, until Close or its own end, and the others read them. One that stands
// still, for ten minutes or three times as long as the others ask, loses its turn. Neither
// file holds a key.
func NewFileCache(path string) *FileCache { return &FileCache{path: path} }

const (
	maxDocument = 64 << 20         // bytes
	minLease    = 10 * time.Minute // longer than the endpoint can make a process wait
)

// ShouldFetch reports whether this process has the lock, which it takes if it can.
func (c *FileCache) ShouldFetch(context.Context) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name, now := c.path+".lock", time.Now()
	lease := minLease
	if !c.asked.IsZero() {
		lease = max(lease, 3*now.Sub(c.asked)) // the one that has the lock asks as seldom as we do
	}
	c.asked = now
	if c.lease != nil && !filelock.Same(c.lease, name) {
		c.release() // somebody took our turn
	}
	if c.lease == nil {
		f, err := c.acquire(name, lease)
		if f == nil || err != nil {
			return err != nil, err
		}
		c.lease = f
	}
	if err := os.Chtimes(name, now, now); err != nil {
		return true, fmt.Errorf("renewing the lock: %w", err)
	}
	return true, nil
}

// acquire locks the file called name. It returns nil if another process has it, and used it
// within the time of a lease.
func (c *FileCache) acquire(name string, lease time.Duration) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return nil, err
	}
	f, err := filelock.Lock(name)
	if !errors.Is(err, filelock.ErrLocked) {
		return f, err
	}
	info, err := os.Stat(name)
	if err != nil || time.Since(info.ModTime()).Abs() < lease {
		return nil, nil // it is being made, or in use
	}
	// Its owner stands still. Whoever comes first makes a new file; two that come at once
	// both fetch until the next time.
	if err := os.Remove(name); err != nil {
		return nil, fmt.Errorf("removing the lock of a process that stands still: %w", err)
	}
	if f, err = filelock.Lock(name); errors.Is(err, filelock.ErrLocked) {
		return nil, nil
	}
	return f, err
}

func (c *FileCache) release() {
	c.lease.Close()
	c.lease = nil
}

// Load returns the document in the file, which it reads if it is another one than the last
// time; nothing, if there is no file. It must not be changed. A file that other users
// could have written is refused.
func (c *FileCache) Load(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c.info != nil && os.SameFile(c.info, info) && c.info.ModTime().Equal(info.ModTime()) && c.info.Size() == info.Size() {
		return c.doc, nil
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its other end
		return nil, &fs.PathError{Op: "open", Path: c.path, Err: errors.New("no regular file")}
	}
	doc, err := c.read()
	if err == nil {
		c.info, c.doc = info, doc
	}
	return doc, err
}

func (c *FileCache) read() ([]byte, error) {
	f, err := os.Open(c.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := trusted(info); err != nil {
		return nil, &fs.PathError{Op: "open", Path: c.path, Err: err}
	}
	doc, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(doc) > maxDocument {
		err = &fs.PathError{Op: "read", Path: c.path, Err: fmt.Errorf("larger than %d MiB", maxDocument>>20)}
	}
	if err != nil {
		return nil, err
	}
	return doc, nil
}

// Store replaces the file at once: no reader ever sees a half of it.
func (c *FileCache) Store(_ context.Context, data []byte) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lease != nil && !filelock.Same(c.lease, c.path+".lock") {
		return errors.New("another process has the lock: what is stored may be newer")
	}
	dir := filepath.Dir(c.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(c.path)+".*.tmp") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error tells more
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync() // or a power failure may leave the new name to an empty file
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path)
}

// Close gives up the lock. What is stored stays.
func (c *FileCache) Close(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lease != nil {
		c.release()
	}
	return nil
}
