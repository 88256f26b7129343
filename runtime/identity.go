package runtime

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// An Identity is whose events those of a context are, for code that hands that on: to
// another service, a log, or another tool. An *Identity is a ScopeOption, for code that is
// handed one: it is User if DistinctID is Known, and Session, Window and Device.
type Identity struct {
	DistinctID string // the user's; else the random one of the scope; empty without a scope
	Known      bool   // DistinctID is a user's
	SessionID  string // the following are empty if there is none
	WindowID   string
	DeviceID   string
}

// IdentityOf returns whose events those of ctx are now: SetUser and SetSession may change it. It
// costs a few times what ctx.Value does (BenchmarkReadScope), and allocates only after a change.
func IdentityOf(ctx context.Context) Identity {
	if ctx == nil {
		return Identity{}
	}
	return scopeOf(ctx).view().identity
}

// applyScope has a pointer for a receiver so that middleware needs no allocation.
func (id *Identity) applyScope(s *Scope) {
	if id.Known {
		s.setUser(id.DistinctID)
	}
	if id.SessionID != "" {
		s.setSession(id.SessionID)
	}
	if id.WindowID != "" {
		s.own.window = id.WindowID
	}
	if id.DeviceID != "" {
		s.own.device = value.Clean(id.DeviceID)
	}
}

// ClientOf returns the client that events of ctx go to: that of its scope, or the default
// one. It is nil if there is none, which is safe to use.
func ClientOf(ctx context.Context) *Client {
	if ctx == nil {
		return Default()
	}
	return scopeOf(ctx).captures()
}

// NewSession returns a new session ID, for [Session] and [SetSession]. PostHog wants
// version 7 UUIDs, because it reads from them when the session began.
func NewSession() string { return newUUID(time.Now().UnixMicro()).String() }

// isSession reports whether PostHog takes id for that of a session.
func isSession(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && len(id) == 36 && u.Version() == 7
}
