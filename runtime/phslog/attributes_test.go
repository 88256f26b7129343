package phslog_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/phslog"
)

func TestAttributes(t *testing.T) {
	const head = `{"$exception_level":"error","$log_message":"m"`
	for _, test := range []struct {
		name string
		log  func(ctx context.Context, l *slog.Logger)
		want string
	}{
		{"none", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m") }, head + `}`},
		{"kinds", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "b", true, "d", time.Second, "f", 1.5, "i", -1, "s", "x", "u", uint64(math.MaxUint64),
				"t", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "a", []int{1, 2})
		}, head + `,"a":[1,2],"b":true,"d":1000000000,"f":1.5,"i":-1,"s":"x","t":"2026-01-02T03:04:05Z","u":18446744073709551615}`},
		{"group", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", slog.Group("req", "method", "GET", slog.Group("", "inline", 1), slog.Group("empty")))
		}, head + `,"req":{"inline":1,"method":"GET"}}`},
		{"bound", func(ctx context.Context, l *slog.Logger) { l.With("a", 1).With("b", 2).ErrorContext(ctx, "m", "c", 3) },
			head + `,"a":1,"b":2,"c":3}`},
		{"bound in groups", func(ctx context.Context, l *slog.Logger) {
			l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").ErrorContext(ctx, "m", "c", 3)
		}, head + `,"a":1,"g":{"b":2,"h":{"c":3}}}`},
		{"a branch does not see its sister", func(ctx context.Context, l *slog.Logger) {
			l = l.WithGroup("g").With("a", 1)
			l.WithGroup("x").With("b", 2)
			l.With("c", 3).WithGroup("y").ErrorContext(ctx, "m", "d", 4)
		}, head + `,"g":{"a":1,"c":3,"y":{"d":4}}}`},
		{"the record's wins", func(ctx context.Context, l *slog.Logger) {
			l.With("a", 1).With("a", 2, "b", 2).ErrorContext(ctx, "m", "b", 3)
		}, head + `,"a":2,"b":3}`},
		{"a key that is a group as well", func(ctx context.Context, l *slog.Logger) {
			l.With("a", 1).ErrorContext(ctx, "m", slog.Group("a", "b", 2))
		}, head + `,"a":{"b":2}}`},
		{"a group that is a key as well", func(ctx context.Context, l *slog.Logger) {
			l.With(slog.Group("a", "b", 2)).ErrorContext(ctx, "m", "a", 1)
		}, head + `,"a":1}`},
		{"errors that are not the exception", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "err", errors.New("x"), "other", errors.New("y"))
		}, head + `,"other":"y"}`},
		{"what an error says about itself", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "err", &detailed{7}) },
			head + `,"err":{"code":7}}`},
		{"PostHog's own keys", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "$set", map[string]int{"a": 1}, "$exception_list", 1, slog.Group("$groups", "a", 1), slog.Group("g", "$x", 1))
		}, head + `,"g":{"$x":1}}`},
		{"a resolved value", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "user", masked("ann")) },
			head + `,"user":"a…"}`},
		{"what JSON can not hold", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "f", math.NaN(), "c", make(chan int))
		},
			head + `,"c":null,"f":null}`},
		{"secrets", func(ctx context.Context, l *slog.Logger) {
			l.With("Password", "x").ErrorContext(ctx, "m", "api-key", "x", "tokens", 7, "refresh_token", []byte("x"), slog.Group("h", "Authorization", "x"))
		}, head + `,"Password":"[redacted]","api-key":"[redacted]","h":{"Authorization":"[redacted]"},"refresh_token":"[redacted]","tokens":7}`},
		{"no key", func(ctx context.Context, l *slog.Logger) { l.ErrorContext(ctx, "m", "", 1, slog.Attr{}) }, head + `}`},
		{"a text that is too long", func(ctx context.Context, l *slog.Logger) {
			l.ErrorContext(ctx, "m", "body", strings.Repeat("x", 64<<10), "a", 1)
		}, head + `,"a":1}`},
	} {
		rec, ctx := capturing(t)
		test.log(ctx, slog.New(phslog.New(nil)))
		if got := own(t, one(t, rec)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

type masked string

func (m masked) LogValue() slog.Value { return slog.StringValue(string(m[:1]) + "…") }

func TestReplaceAttr(t *testing.T) {
	rec, ctx := capturing(t)
	replace := func(groups []string, a slog.Attr) slog.Attr {
		switch strings.Join(append(groups, a.Key), ".") {
		case "email":
			return slog.Attr{}
		case "g.n":
			return slog.Group("n", "was", a.Value)
		}
		return phslog.Redact(groups, a)
	}
	logger := slog.New(phslog.New(nil, phslog.ReplaceAttr(replace))).With("email", "ann@example.com")
	logger.WithGroup("g").ErrorContext(ctx, "m", "n", 1, "token", "x")
	if got, want := own(t, one(t, rec)), `{"$exception_level":"error","$log_message":"m","g":{"n":{"was":"1"},"token":"[redacted]"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	rec.Reset()
	slog.New(phslog.New(nil, phslog.ReplaceAttr(nil))).ErrorContext(ctx, "m", "token", "x")
	if got, want := own(t, one(t, rec)), `{"$exception_level":"error","$log_message":"m","token":"x"}`; got != want {
		t.Errorf("with nil: got %s, want %s", got, want)
	}
}

// matryoshka returns itself twice, in groups, for ever.
type matryoshka struct{}

func (matryoshka) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", matryoshka{}), slog.Any("b", matryoshka{}))
}

type panicking struct{}

func (panicking) LogValue() slog.Value { panic("LogValue") }

// Hostile attributes neither cost the exception nor the program.
func TestHostileAttributes(t *testing.T) {
	for name, args := range map[string][]any{
		"endless groups":        {"x", matryoshka{}},
		"a panicking LogValuer": {"err", errors.New("e"), "x", panicking{}},
		"many":                  many(10_000),
		"a long message":        {"n", 1},
		"a deep group":          {deep(10_000)},
	} {
		rec, ctx := capturing(t)
		slog.New(phslog.New(nil)).ErrorContext(ctx, strings.Repeat("ü", 1<<20), args...)
		event := one(t, rec)
		if n := len(event.String()); n > 200<<10 {
			t.Errorf("%s: the event has %d bytes", name, n)
		}
		if message, _ := event.Value("$log_message"); len(message.String()) != 10_000 {
			t.Errorf("%s: $log_message has %d bytes, want 10000", name, len(message.String()))
		}
	}
}

func many(n int) []any {
	var args []any
	for i := range n {
		args = append(args, slog.Int("k"+strings.Repeat("x", i%50)+string(rune('a'+i%26)), i))
	}
	return args
}

func deep(n int) slog.Attr {
	a := slog.Int("n", 1)
	for range n {
		a = slog.Group("g", a)
	}
	return a
}
