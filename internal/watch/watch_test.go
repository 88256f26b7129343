package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is far more than any file system takes to tell of a change.
const deadline = 10 * time.Second

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// watched watches plan.yaml, which includes parts/*.yaml and */more.yaml, in a
// folder of its own that is the current one.
func watched(t *testing.T) *Watcher {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "plan.yaml", "1")
	write(t, "parts/a.yaml", "1")
	w, err := New("plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	include(t, w)
	return w
}

func include(t *testing.T, w *Watcher) {
	t.Helper()
	if err := w.Include([]string{"parts/*.yaml", "*/more.yaml"}); err != nil {
		t.Fatal(err)
	}
}

func TestWait(t *testing.T) {
	rename := func(t *testing.T, from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, name string) {
		t.Helper()
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		steps []func(*testing.T)
	}{
		{"the plan is written", []func(*testing.T){
			func(t *testing.T) { write(t, "plan.yaml", "2") },
			func(t *testing.T) { write(t, "plan.yaml", "3") },
		}},
		{"an editor puts a new file in its place", []func(*testing.T){
			func(t *testing.T) { write(t, ".plan.swp", "2"); rename(t, ".plan.swp", "plan.yaml") },
			func(t *testing.T) { rename(t, "plan.yaml", "plan.yaml~"); write(t, "plan.yaml", "3") },
		}},
		{"it is deleted and comes back", []func(*testing.T){
			func(t *testing.T) { remove(t, "plan.yaml") },
			func(t *testing.T) { write(t, "plan.yaml", "2") },
		}},
		{"an included file", []func(*testing.T){
			func(t *testing.T) { write(t, "parts/a.yaml", "2") },
			func(t *testing.T) { write(t, "parts/new.yaml", "1") },
			func(t *testing.T) { remove(t, "parts/new.yaml") },
		}},
		{"a file in a new folder", []func(*testing.T){
			func(t *testing.T) { write(t, "other/more.yaml", "1") },
			func(t *testing.T) { write(t, "other/more.yaml", "2") },
		}},
		{"a folder is deleted and comes back", []func(*testing.T){
			func(t *testing.T) { remove(t, "parts") },
			func(t *testing.T) { write(t, "parts/a.yaml", "2") },
			func(t *testing.T) { write(t, "parts/a.yaml", "3") },
		}},
		{"another folder takes its place", []func(*testing.T){
			func(t *testing.T) { write(t, "new/a.yaml", "2"); rename(t, "parts", "old"); rename(t, "new", "parts") },
			func(t *testing.T) { write(t, "parts/a.yaml", "3") },
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := watched(t)
			for i, step := range tt.steps {
				step(t)
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				err := w.Wait(ctx, 20*time.Millisecond)
				cancel()
				if err != nil {
					t.Fatalf("step %d: %v", i+1, err)
				}
				include(t, w)
			}
		})
	}
}

// A link is watched, and so is what it leads to.
func TestWaitLink(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "real/plan.yaml", "1")
	write(t, "link/other", "")
	if err := os.Symlink(filepath.Join("..", "real", "plan.yaml"), filepath.Join("link", "plan.yaml")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	w, err := New("link/plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	write(t, "real/plan.yaml", "2")
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := w.Wait(ctx, time.Millisecond); err != nil {
		t.Error(err)
	}
}

// A burst of changes counts as one, which ends when nothing more has come for a
// while.
func TestWaitQuiet(t *testing.T) {
	change := fsnotify.Event{Name: "/plan.yaml", Op: fsnotify.Write}
	other := fsnotify.Event{Name: "/other.yaml", Op: fsnotify.Write}
	tests := []struct {
		name   string
		events []any // 30 ms apart
		want   time.Duration
	}{
		{"one", []any{change}, 80 * time.Millisecond},
		{"three", []any{change, change, change}, 140 * time.Millisecond},
		{"others do not count", []any{other, change, other, other}, 110 * time.Millisecond},
		{"lost events", []any{fsnotify.ErrEventOverflow}, 80 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				notify := &fsnotify.Watcher{Events: make(chan fsnotify.Event, 9), Errors: make(chan error, 9)}
				w := &Watcher{notify: notify, plan: "/plan.yaml", files: []string{"/plan.yaml"}}
				start := time.Now()
				for i, e := range tt.events {
					time.AfterFunc(time.Duration(i)*30*time.Millisecond, func() {
						switch e := e.(type) {
						case fsnotify.Event:
							notify.Events <- e
						case error:
							notify.Errors <- e
						}
					})
				}
				if err := w.Wait(t.Context(), 80*time.Millisecond); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("waited for %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestWaitEnds(t *testing.T) {
	w := watched(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Wait(ctx, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestMatters(t *testing.T) {
	w := watched(t)
	dir := filepath.Dir(w.plan)
	tests := []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"plan.yaml", fsnotify.Write, true},
		{"plan.yaml", fsnotify.Remove, true},
		{"plan.yaml", fsnotify.Chmod, false},
		{"plan.yaml~", fsnotify.Create, false},
		{"phgen.lock", fsnotify.Write, false},
		{"parts/b.yaml", fsnotify.Create, true},
		{"parts/b.yml", fsnotify.Create, false},
		{"parts", fsnotify.Remove, true},
		{"x/more.yaml", fsnotify.Write, true},
		{"x/less.yaml", fsnotify.Write, false},
		{"x/y/more.yaml", fsnotify.Write, false},
	}
	for _, tt := range tests {
		e := fsnotify.Event{Name: filepath.Join(dir, filepath.FromSlash(tt.name)), Op: tt.op}
		if got := w.matters(e); got != tt.want {
			t.Errorf("%s %s: got %t, want %t", tt.op, tt.name, got, tt.want)
		}
	}
}
