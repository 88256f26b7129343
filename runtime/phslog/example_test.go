package phslog_test

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"os"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phslog"
)

// The log goes on as it was; records of level Error are exceptions in PostHog, too.
func Example() {
	client, err := ph.New(ph.Config{APIKey: "phc_…", CaptureExceptions: true, Disabled: true})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(context.Background())
	ph.SetDefault(client)
	defer ph.SetDefault(nil)

	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	text := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	logger := slog.New(phslog.New(text))

	ctx := ph.With(context.Background(), ph.User("u_1"))
	logger.InfoContext(ctx, "charging", "order", "o_7")
	logger.ErrorContext(ctx, "charging", "order", "o_7", "err", errors.New("card declined"))
	// Output:
	// level=INFO msg=charging order=o_7
	// level=ERROR msg=charging order=o_7 err="card declined"
}

// Warnings are captured as well, and e-mail addresses are not.
func ExampleNew() {
	hide := func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "email" {
			return slog.Attr{}
		}
		return phslog.Redact(groups, a)
	}
	slog.SetDefault(slog.New(phslog.New(slog.Default().Handler(),
		phslog.Level(slog.LevelWarn),
		phslog.ReplaceAttr(hide),
	)))
}
