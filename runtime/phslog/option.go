package phslog

import (
	"log/slog"
	"strings"
)

// An Option adjusts a [Handler]. It is given to [New].
type Option func(*Handler)

// Level captures records of l and above, instead of [slog.LevelError]. A *[slog.LevelVar]
// may change while the handler is in use. Nil has no effect.
func Level(l slog.Leveler) Option {
	return func(h *Handler) {
		if l != nil {
			h.level = l
		}
	}
}

// ReplaceAttr calls f for each attribute that is about to become a property, instead of
// [Redact], by the rules of [slog.HandlerOptions]: its value is resolved and no group,
// groups are those that are open, and an attribute without a key is left out. The wrapped
// handler sees the attributes as they were. Nil leaves every attribute as it is.
func ReplaceAttr(f func(groups []string, a slog.Attr) slog.Attr) Option {
	return func(h *Handler) { h.replace = f }
}

// Redacted stands for what [Redact] removed.
const Redacted = "[redacted]"

// secrets are parts of names whose values are nobody's business.
var secrets = [...]string{
	"access_key", "api_key", "apikey", "authorization", "connection_string", "cookie",
	"credential", "dsn", "jwt", "passphrase", "passwd", "password", "private_key",
	"privatekey", "pwd", "secret", "token",
}

// Redact replaces the value of an attribute whose name says that it is a secret, in any
// case and with - for _, by [Redacted]. Numbers, booleans and times stay: they count tokens
// and tell when a password was changed.
func Redact(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString, slog.KindAny:
	default:
		return a
	}
	name := strings.ReplaceAll(strings.ToLower(a.Key), "-", "_")
	for _, secret := range secrets {
		if strings.Contains(name, secret) {
			return slog.String(a.Key, Redacted)
		}
	}
	return a
}
