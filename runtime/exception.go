package runtime

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/exception"
	"github.com/phgen/phgen/runtime/value"
)

// The properties of an exception.
const (
	keyExceptionList        = "$exception_list"
	keyExceptionLevel       = "$exception_level"
	keyExceptionFingerprint = "$exception_fingerprint"
	keyExceptionSource      = "$exception_source"
	keyDebugImages          = "$debug_images"
)

// computedKeys are the properties of an exception that PostHog computes.
var computedKeys = map[string]bool{
	"$exception_types": true, "$exception_values": true, "$exception_sources": true, "$exception_functions": true,
	"$exception_issue_id": true, "$exception_releases": true, "$exception_proposed_fingerprint": true, "$exception_fingerprint_record": true,
}

const maxFingerprint = 1000 // characters; PostHog hashes what has more than 64

var exceptionEvent = EventSpec{Name: "$exception", Kind: KindEvent, exception: true}

// An exceptionCall is what a capturing call says about its exception.
type exceptionCall struct {
	err         error // nil: a panic that is none
	panicked    any   // nil: no panic
	mechanism   string
	handled     bool
	stack       []uintptr
	level       ExceptionLevel
	fingerprint string
	props       Props
	automatic   bool
}

// CaptureException sends err, and the errors it wraps, as $exception. An error that carries a
// stack is shown with that, any other with the caller's.
//
// The same error is captured once in a scope, so that every level it passes on its way up may
// capture it: CaptureException returns the zero UUID for an error that was captured within the
// last minute in the scope of ctx, in one that was within it, or in one that it inherits from.
// Errors are told apart as pointers. What wraps a captured error, or is wrapped by it, is the
// same error; two that wrap one error of errors.New are not, because that may be a sentinel like
// io.EOF. An error that is no pointer is always captured, and so is any where ctx has no scope.
//
// The zero UUID also says that err is nil or that the event was refused. Like [Capture] it
// never panics, not even if a method of err does.
func CaptureException(ctx context.Context, err error, opts ...Option) uuid.UUID {
	if err == nil {
		return uuid.Nil
	}
	return captureException(ctx, &exceptionCall{err: err, mechanism: "generic", handled: true}, opts)
}

// CapturePanic sends v, which recover returned, as $exception. The deferred function that called
// recover calls it, so that the stack it finds is that of the panic. If v is an error it is sent
// once, as [CaptureException] says. Of nil, of http.ErrAbortHandler, and of a panic that was
// captured and raised again, it returns the zero UUID.
//
// It does not raise the panic again; [Recover] does.
func CapturePanic(ctx context.Context, v any, opts ...Option) uuid.UUID {
	if v == nil || v == any(http.ErrAbortHandler) {
		return uuid.Nil
	}
	err, _ := v.(error)
	return captureException(ctx, &exceptionCall{err: err, panicked: v, mechanism: "panic", level: LevelFatal}, opts)
}

// captureException sends e unless there is a reason not to.
func captureException(ctx context.Context, e *exceptionCall, opts []Option) (id uuid.UUID) {
	// A fault in here must not take the place of the one that is reported.
	defer func() { _ = recover() }()
	if ctx == nil {
		ctx = context.Background()
	}
	for i := range opts {
		if set := opts[i].exception; set != nil {
			set(e)
		}
	}
	scope := scopeOf(ctx)
	c := scope.captures()
	if c == nil || e.automatic && !c.automatic(scope) {
		return uuid.Nil
	}
	r := exception.Report{Mechanism: e.mechanism, Handled: e.handled, Value: e.panicked}
	if e.err != nil {
		r.Chain = exception.Chain(e.err)
	}
	caught := &caughtException{client: c, scope: scope, at: time.Now(), value: e.panicked}
	caught.identify(r.Chain)
	if e.panicked != nil {
		frames, raiser := exception.PanicCallers()
		if raiser == exception.Runtime {
			return uuid.Nil // it does so to what it has captured
		}
		r.Frames, r.Panicked = frames, raiser != exception.Nobody
		caught.again = raiser == exception.Again
	}
	if !caught.remember() {
		return uuid.Nil
	}
	if id = e.send(ctx, &r, opts); id == uuid.Nil {
		caught.forget()
	}
	return id
}

// automatic reports whether exceptions of s, which may be nil, are captured that nobody
// captures explicitly.
func (c *Client) automatic(s *Scope) bool {
	said := s.view().exceptions
	return said == yes || said == unsaid && c.cfg.CaptureExceptions
}

// send encodes the event. Errors are the user's code: no batch is on loan meanwhile.
func (e *exceptionCall) send(ctx context.Context, r *exception.Report, opts []Option) uuid.UUID {
	w := begin(ctx, &exceptionEvent, exceptionEvent.Name, opts, true)
	if !w.off && e.automatic && !w.client.limit.take(r.Type(), w.client.now()) {
		w.off, w.err = true, errLimited
	}
	if !w.off {
		switch {
		case e.stack != nil:
			r.Frames, r.Panicked = exception.Stack(e.stack), false
		case e.panicked == nil:
			r.Frames = exception.Callers()
		}
		w.typed(keyExceptionList)
		w.buf = r.AppendList(w.buf)
		w.typed(keyExceptionLevel)
		w.buf = value.AppendString(w.buf, e.level.String())
		if text := value.Clean(e.fingerprint); text != "" {
			w.typed(keyExceptionFingerprint)
			w.buf = value.AppendString(w.buf, firstRunes(text, maxFingerprint))
		}
		if e.panicked != nil {
			w.typed(keyExceptionSource)
			w.buf = append(w.buf, `"panic"`...)
		}
		if r.HasImages() {
			w.typed(keyDebugImages)
			w.buf = r.AppendImages(w.buf)
		}
	}
	w.props(e.props)
	id, _ := w.End()
	return id
}

// typed begins a property that wins over whatever else has the key.
func (w *Writer) typed(key string) {
	w.note(key, len(w.buf))
	w.key(key)
}
