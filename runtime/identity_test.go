package runtime

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestIdentityOf(t *testing.T) {
	const session = "0190c8a4-1111-7222-8333-444455556666"
	var none context.Context
	anonymous := With(t.Context(), Session(session))
	inner := With(anonymous, Window("w"), Device("d"))
	id := IdentityOf(anonymous).DistinctID
	if _, err := uuid.Parse(id); err != nil {
		t.Errorf("the anonymous ID is %q: %v", id, err)
	}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want Identity
	}{
		{"nil context", none, Identity{}},
		{"no scope", t.Context(), Identity{}},
		{"nobody", anonymous, Identity{DistinctID: id, SessionID: session}},
		{"inner scope", inner, Identity{DistinctID: id, SessionID: session, WindowID: "w", DeviceID: "d"}},
		{"user", With(inner, User("u_1")), Identity{DistinctID: "u_1", Known: true, SessionID: session, WindowID: "w", DeviceID: "d"}},
		{"fresh", With(inner, Fresh(), User("u_1")), Identity{DistinctID: "u_1", Known: true}},
	} {
		if diff := cmp.Diff(tt.want, IdentityOf(tt.ctx)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	SetUser(anonymous, "u_2")
	if got, want := IdentityOf(inner), (Identity{DistinctID: "u_2", Known: true, SessionID: session, WindowID: "w", DeviceID: "d"}); got != want {
		t.Errorf("after SetUser: got %+v, want %+v", got, want)
	}
}

// The events of a scope have the distinct ID that IdentityOf tells.
func TestIdentityOfNobody(t *testing.T) {
	r := newRig(t)
	ctx := r.anybody()
	id := IdentityOf(ctx).DistinctID
	capture(With(ctx, Tag("a", 1)))
	if got := r.users(); len(got) != 1 || got[0] != id {
		t.Errorf("got %v, want %s", got, id)
	}
}

func TestClientOf(t *testing.T) {
	r := newRig(t)
	SetDefault(r.c)
	defer SetDefault(nil)
	var none context.Context
	for name, ctx := range map[string]context.Context{"nil context": none, "no scope": t.Context(), "scope without a client": With(t.Context())} {
		if ClientOf(ctx) != r.c {
			t.Errorf("%s: not the default client", name)
		}
	}
	other := newRig(t)
	if ClientOf(With(other.ctx(), Fresh())) != other.c {
		t.Error("not the scope's client")
	}
	if ClientOf(With(t.Context(), UseClient(nil))) != nil {
		t.Error("the scope has no client, and yet there is one")
	}
}

func TestNewSession(t *testing.T) {
	a, b := NewSession(), NewSession()
	if a == b || !isSession(a) || !isSession(b) {
		t.Errorf("got %q and %q", a, b)
	}
}

// A session that PostHog does not show is warned about, once.
func TestSessionWarning(t *testing.T) {
	for _, tt := range []struct {
		id   string
		want int
	}{
		{"", 0},
		{"0190c8a4-1111-7222-8333-444455556666", 0},
		{"0190C8A4-1111-7222-8333-444455556666", 0},
		{"0190c8a4-1111-4222-8333-444455556666", 1}, // version 4
		{"{0190c8a4-1111-7222-8333-444455556666}", 1},
		{"0190c8a4111172228333444455556666", 1},
		{"checkout", 1},
	} {
		var log bytes.Buffer
		r := newRig(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
		ctx := r.ctx(Session(tt.id))
		SetSession(ctx, tt.id)
		With(ctx, Session(tt.id))
		r.c.observe.drain(t.Context())
		if got := strings.Count(log.String(), "version 7 UUID"); got != tt.want {
			t.Errorf("%q: warned %d times, want %d", tt.id, got, tt.want)
		}
		if tt.id != "" && strings.Contains(log.String(), tt.id) {
			t.Errorf("%q: the log says it", tt.id)
		}
	}
}
