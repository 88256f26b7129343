package phai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/value"
)

// The properties that this package writes in more than one place, or treats specially.
const (
	keyInput        = "$ai_input"
	keyOutput       = "$ai_output_choices"
	keyInputState   = "$ai_input_state"
	keyOutputState  = "$ai_output_state"
	keyInstructions = "$ai_instructions"
	keyCustomData   = "$ai_custom_data"
	keyError        = "$ai_error"
	keyIsError      = "$ai_is_error"
	keyErrorType    = "$ai_error_type"
	keyTokensSource = "$ai_tokens_source"
	keyFeature      = "ai_feature"
)

// redacted are the properties that Redact leaves out.
var redacted = map[string]bool{
	keyInput: true, keyOutput: true, keyInputState: true, keyOutputState: true, keyInstructions: true,
	keyCustomData: true, keyError: true, "$ai_mcp_data": true, "$ai_span_data": true,
}

// A writer writes the properties of one event. Those of the caller take the place of its own.
type writer struct {
	*ph.Writer
	step   Step
	policy Policy
	most   int // characters of a text
	looked survey
	outer  ph.Props
	counts bool // the event counts tokens

	errText string // empty if it is redacted
	errKind string
}

// writers keeps writers for reuse.
var writers = sync.Pool{New: func() any { return new(writer) }}

// release returns w for reuse, without anything that is the caller's.
func (w *writer) release() {
	*w = writer{}
	writers.Put(w)
}

// theirs reports whether the caller has a property of that key.
func (w *writer) theirs(key string) bool {
	if len(w.step.Extra) > 0 {
		if _, ok := w.step.Extra[key]; ok {
			return true
		}
	}
	if len(w.outer) > 0 {
		if _, ok := w.outer[key]; ok {
			return true
		}
	}
	return false
}

// open begins a property unless it is the caller's.
func (w *writer) open(key string) ([]byte, bool) {
	if w.theirs(key) {
		return nil, false
	}
	return w.OpenMember(key)
}

// text writes a property that is left out if it is empty.
func (w *writer) text(key, v string) {
	if v == "" {
		return
	}
	if dst, ok := w.open(key); ok {
		w.CloseMember(value.AppendString(dst, v))
	}
}

// integer writes a property that is left out if it is not positive.
func (w *writer) integer(key string, v int64) {
	if v > 0 {
		w.always(key, v)
	}
}

// always writes a number.
func (w *writer) always(key string, v int64) {
	if dst, ok := w.open(key); ok {
		w.CloseMember(value.AppendInt(dst, max(v, 0)))
	}
}

// number writes a number of any size.
func (w *writer) number(key string, v float64) {
	if dst, ok := w.open(key); ok {
		w.CloseMember(value.AppendFloat(dst, v))
	}
}

// flag writes a boolean that is left out if it is false.
func (w *writer) flag(key string, v bool) {
	if v {
		w.raw(key, "true")
	}
}

// raw writes a property that is encoded.
func (w *writer) raw(key, json string) {
	if dst, ok := w.open(key); ok {
		w.CloseMember(append(dst, json...))
	}
}

// seconds writes a duration that is left out if it is not positive.
func (w *writer) seconds(key string, d time.Duration) {
	if d <= 0 {
		return
	}
	if dst, ok := w.open(key); ok {
		w.CloseMember(value.AppendDuration(dst, d, time.Second))
	}
}

// texts writes a list that is left out if it is empty.
func (w *writer) texts(key string, list []string) {
	if len(list) == 0 {
		return
	}
	if dst, ok := w.open(key); ok {
		w.CloseMember(appendTexts(dst, list))
	}
}

func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = value.AppendString(dst, s)
	}
	return append(dst, ']')
}

// address writes a URL without what may be secret in it: user, query and fragment.
func (w *writer) address(key, address string) {
	if address == "" {
		return
	}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	} else {
		address, _, _ = strings.Cut(address, "?")
		if at := strings.LastIndexByte(address, '@'); at >= 0 {
			address = address[at+1:]
		}
	}
	w.text(key, address)
}

// content writes a property of any kind that is left out if it is nil or redacted.
func (w *writer) content(key string, v any) {
	if v == nil || w.hides(key) {
		return
	}
	if dst, ok := w.open(key); ok {
		w.closeContent(w.appendContent(dst, v), len(dst))
	}
}

// messages is content for a list of messages; text is one of a role.
func (w *writer) messages(key, role string, v any) {
	if text, ok := v.(string); ok {
		if text == "" || w.hides(key) {
			return
		}
		v = Message{Role: role, Content: text}
	}
	w.content(key, v)
}

// closeContent ends a property whose value begins at. One that makes the event too large becomes
// null.
func (w *writer) closeContent(dst []byte, at int) {
	if !w.Fits(dst) {
		dst = append(dst[:at], "null"...)
	}
	w.CloseMember(dst)
}

func (w *writer) hides(key string) bool { return w.policy != Keep && redacted[key] }

// bigContent is from what size on room is made for contents before they are encoded.
const bigContent = 32 << 10

func (w *writer) appendContent(dst []byte, v any) []byte {
	if w.looked.size >= bigContent {
		switch v.(type) {
		case json.RawMessage, []byte: // may be mostly files: it grows as it must
		default:
			s := survey{}
			s.add(v)
			if s.size >= bigContent {
				dst = slices.Grow(dst, s.size+s.size/16+maxGap)
			}
		}
	}
	return appendContent(dst, v, w.most, w.looked.size)
}

// look surveys properties of the caller's.
func (w *writer) look(props ph.Props) {
	for key, v := range props {
		if !w.hides(key) {
			w.looked.add(v)
		}
	}
}

// extra writes the caller's properties, those of the event before those of the run.
func (w *writer) extra() {
	for i, props := range [...]ph.Props{w.step.Extra, w.outer} {
		if len(props) == 0 {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(props)) {
			if w.hides(key) || key == keyTokensSource || key == "" {
				continue
			}
			if _, again := w.step.Extra[key]; again && i > 0 {
				continue
			}
			if dst, ok := w.OpenMember(key); ok {
				w.closeContent(w.appendContent(dst, props[key]), len(dst))
			}
		}
	}
}

// tokenKeys are the properties that count tokens.
var tokenKeys = []string{
	"$ai_input_tokens", "$ai_output_tokens", "$ai_total_tokens", "$ai_reasoning_tokens",
	"$ai_cache_read_input_tokens", "$ai_cache_creation_input_tokens",
	"$ai_cache_creation_5m_input_tokens", "$ai_cache_creation_1h_input_tokens",
}

// tokensSource says who counted the tokens.
func (w *writer) tokensSource() string {
	if slices.ContainsFunc(tokenKeys, w.theirs) {
		return "passthrough"
	}
	return "sdk"
}

// fail asks the event's error what it is.
func (w *writer) fail() {
	err := w.step.Err
	if err == nil {
		return
	}
	defer func() { _ = recover() }() // an error's methods may do anything
	if w.errKind = w.step.ErrorType; w.errKind == "" {
		w.errKind = kindOf(err)
	}
	if w.policy == Keep {
		w.errText = err.Error()
	}
}

// kindOf names what kind of error err is, without its text.
func kindOf(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline_exceeded"
	}
	return fmt.Sprintf("%T", err)
}

// writeFailure writes what is said about an error, which no property of the caller's changes.
func (w *writer) writeFailure() {
	if id := w.step.ExceptionID; id != uuid.Nil {
		if dst, ok := w.OpenMember("$exception_event_id"); ok {
			w.CloseMember(value.AppendUUID(dst, id))
		}
	}
	if w.step.Err == nil {
		return
	}
	if dst, ok := w.OpenMember(keyIsError); ok {
		w.CloseMember(append(dst, "true"...))
	}
	w.fixed(keyErrorType, w.errKind)
	if w.errText != "" {
		if dst, ok := w.OpenMember(keyError); ok {
			w.closeContent(appendContent(dst, w.errText, w.most, len(w.errText)), len(dst))
		}
	}
}

// fixed writes a text that no property of the caller's changes.
func (w *writer) fixed(key, v string) {
	if v == "" {
		return
	}
	if dst, ok := w.OpenMember(key); ok {
		w.CloseMember(value.AppendString(dst, v))
	}
}
