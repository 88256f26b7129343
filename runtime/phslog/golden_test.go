package phslog_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phslog"
)

var update = flag.Bool("update", false, "rewrite testdata")

func TestWire(t *testing.T) {
	for _, test := range []struct {
		name string
		log  func(ctx context.Context, l *slog.Logger)
	}{
		{"message", func(ctx context.Context, l *slog.Logger) {
			l.WarnContext(ctx, "stock is low", "sku", "ABC-12", "left", 3)
		}},
		{"error", func(ctx context.Context, l *slog.Logger) {
			l = l.With("shop", "s1").WithGroup("order").With("id", "o_7")
			l.ErrorContext(ctx, "placing the order", "err", fmt.Errorf("reserving: %w", &outOfStock{"ABC-12"}), "cents", 4999)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			rec, ctx := capturing(t, ph.User("ann"), ph.Tag("region", "eu"))
			test.log(ctx, slog.New(phslog.New(nil, phslog.Level(slog.LevelWarn))))
			got := steady(one(t, rec).String()) + "\n"
			path := filepath.Join("testdata", test.name+".jsonl")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// unsteady is what is another at every run, on every machine, or with every Go.
var unsteady = []struct {
	pattern *regexp.Regexp
	steady  string
}{
	{regexp.MustCompile(`"uuid":"[^"]*"`), `"uuid":"…"`},
	{regexp.MustCompile(`"timestamp":"[^"]*"`), `"timestamp":"…"`},
	{regexp.MustCompile(`("\$(?:lib_version|go_version|os|os_version|os_distro)"):"[^"]*"`), `$1:"…"`},
	{regexp.MustCompile(`"\$debug_images":\[[^\]]*\],`), ``}, // not of every program
}

var frameText = regexp.MustCompile(`\{"platform":[^{}]*\}`)

// steady returns the JSON of an event without that. Of a frame it leaves the function, and
// whether that is the application's.
func steady(event string) string {
	for _, u := range unsteady {
		event = u.pattern.ReplaceAllString(event, u.steady)
	}
	return frameText.ReplaceAllStringFunc(event, func(text string) string {
		var f frame
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s in app: %t", f.Function, f.InApp)
	})
}

// A record that is not captured costs nothing but the wrapped handler.
func TestAllocates(t *testing.T) {
	h := phslog.New(slog.DiscardHandler)
	r := slog.NewRecord(testTime, slog.LevelInfo, "m", 0)
	r.AddAttrs(slog.Int("n", 1))
	got := testing.AllocsPerRun(100, func() {
		if err := h.Handle(context.Background(), r); err != nil {
			t.Error(err)
		}
	})
	if got != 0 {
		t.Errorf("a record allocates %v times, want 0", got)
	}
}
