package phslog_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/internal/golden"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phslog"
)

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
			got := golden.Event(one(t, rec).String()) + "\n"
			golden.Compare(t, filepath.Join("testdata", test.name+".jsonl"), got)
		})
	}
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
