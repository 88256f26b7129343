package wiretest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/wiretest/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

// The plan's rules for a group's key hold wherever the key is given, and the key is
// sent all the same.
func TestGroupKeyRules(t *testing.T) {
	tests := []struct {
		name string
		call func(context.Context)
		want []ph.Violation
	}{
		{"good option", func(ctx context.Context) {
			tracking.Grouped().Capture(ctx, tracking.InTeam("t_1"), tracking.InAccount(1))
		}, nil},
		{"bad option", func(ctx context.Context) {
			tracking.Grouped().Capture(ctx, tracking.InTeam("x"), tracking.InAccount(1))
		}, []ph.Violation{{Event: "grouped", Property: "team", Rule: "pattern"}}},
		{"bad scope", func(ctx context.Context) {
			ctx = ph.With(ctx, tracking.InTeam("x"), tracking.InAccount(1))
			tracking.Grouped().Capture(ctx)
		}, []ph.Violation{{Property: "team", Rule: "pattern"}}},
		{"bad update", func(ctx context.Context) {
			tracking.Team("x", "Team X").Identify(ctx)
		}, []ph.Violation{{Event: "$groupidentify", Property: "team", Rule: "pattern"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []ph.Violation
			sent := new(wire)
			client, err := ph.New(ph.Config{
				APIKey: "phc_wire", Transport: sent, Logger: slog.New(slog.DiscardHandler),
				OnViolation: func(v ph.Violation) { got = append(got, v) },
			})
			if err != nil {
				t.Fatal(err)
			}
			tt.call(ph.With(t.Context(), ph.UseClient(client), ph.User("u_1")))
			if err := client.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if stats := client.Stats(); stats.Sent != 1 || len(sent.bodies) != 1 {
				t.Errorf("%d events sent, want 1", stats.Sent)
			}
		})
	}
}
