package runtime

import "slices"

// An ExceptionLevel is how bad an exception is.
type ExceptionLevel uint8

// The levels. Other values count as LevelError.
const (
	LevelError ExceptionLevel = iota // the default of errors
	LevelFatal                       // the default of panics
	LevelWarning
	LevelInfo
	LevelDebug
	LevelLog
)

var levelTexts = [...]string{"error", "fatal", "warning", "info", "debug", "log"}

// String returns PostHog's word for l.
func (l ExceptionLevel) String() string {
	if int(l) < len(levelTexts) {
		return levelTexts[l]
	}
	return LevelError.String()
}

// exceptionOption is an Option that has no effect on other events, nor in a scope.
func exceptionOption(set func(*exceptionCall)) Option {
	return Option{kind: optionException, exception: set}
}

// Level says how bad an exception is.
func Level(l ExceptionLevel) Option {
	return exceptionOption(func(e *exceptionCall) { e.level = l })
}

// Fingerprint makes PostHog put exceptions with the same text into one issue, instead of
// comparing types and stacks. An empty one has no effect.
func Fingerprint(s string) Option {
	return exceptionOption(func(e *exceptionCall) { e.fingerprint = s })
}

// WithProps adds properties to an exception. The properties that this package sets itself
// win, and those that PostHog computes are left out. It is read before the capturing call
// returns. Of two the last one counts.
func WithProps(p Props) Option {
	return exceptionOption(func(e *exceptionCall) { e.props = p })
}

// Mechanism says how an exception was caught ("generic", "panic", "middleware", "slog"),
// and whether the program went on with it.
func Mechanism(kind string, handled bool) Option {
	return exceptionOption(func(e *exceptionCall) { e.mechanism, e.handled = kind, handled })
}

// Stack is the stack that an exception is shown with, instead of the caller's: what
// runtime.Callers returns. A stack that the error carries itself wins over both. An empty
// one has no effect. The slice is copied.
func Stack(pcs []uintptr) Option {
	pcs = slices.Clone(pcs)
	return exceptionOption(func(e *exceptionCall) {
		if len(pcs) > 0 {
			e.stack = pcs
		}
	})
}

// Automatic says that nobody asked for this exception in particular: it is captured only if
// Config.CaptureExceptions or the scope says so ([CaptureExceptions]), and only while there are
// not too many of its type: 49 at once, and 9 more every 10 s. It is for integrations such as
// middleware and log handlers.
func Automatic() Option {
	return exceptionOption(func(e *exceptionCall) { e.automatic = true })
}

// CaptureExceptions switches the automatic capture of exceptions on or off for a scope, in
// place of Config.CaptureExceptions, and with false that of [Run], too.
func CaptureExceptions(on bool) ScopeOption {
	return scopeFunc(func(s *Scope) { s.own.exceptions = choose(on) })
}
