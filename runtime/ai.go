package runtime

import "context"

// An AIEvent is what package phai says about an event before its properties.
type AIEvent struct {
	Name    string
	TraceID string // whom the event is about while nobody is known, without making a person
	Lane    bool   // it goes the way of CaptureAI
	Foreign bool   // its values may run code that is not ours
}

// Capturing reports whether an event of ctx would be taken: there is a client, it is neither
// closed nor disabled, and the scope has not opted out.
func Capturing(ctx context.Context) bool {
	if ctx == nil {
		ctx = context.Background()
	}
	s := scopeOf(ctx)
	c := s.captures()
	return c != nil && !c.closed.Load() && !c.disabled.Load() && !s.view().optOut
}

// BeginAI is [Begin] for package phai, which writes the event's properties with OpenMember and
// CloseMember.
func BeginAI(ctx context.Context, e *AIEvent, opts []Option) *Writer {
	if ctx == nil {
		ctx = context.Background()
	}
	s := &untypedEvent
	if e.Lane {
		s = &untypedAI
	}
	var few [6]Option
	all := append(few[:0], opts...)
	if scopeOf(ctx).view().user == "" && !namesUser(opts) {
		all = append(all, As(e.TraceID), Personless())
	}
	w := begin(ctx, s, e.Name, all, e.Foreign)
	if !w.off {
		w.track = true
	}
	return w
}

// namesUser reports whether an option says whose event it is.
func namesUser(opts []Option) bool {
	for i := range opts {
		if opts[i].kind == optionAs && opts[i].name != "" {
			return true
		}
	}
	return false
}

// OpenMember begins a property of an event of [BeginAI]: its value, one of JSON, is to be appended
// to dst, and that to be given to CloseMember. ok is false if the event is refused or has the key
// already; nothing is to be written then.
func (w *Writer) OpenMember(key string) (dst []byte, ok bool) {
	if w.off || key == keyCookieless {
		return nil, false
	}
	_, ok = w.openKey(key)
	return w.buf, ok
}

// CloseMember ends the property that OpenMember began.
func (w *Writer) CloseMember(dst []byte) { w.buf = dst }

// roomBehind is what the properties behind a large one may need.
const roomBehind = 64 << 10

// Fits reports whether the event may become as large as dst, the value of an open property
// included, and still be taken.
func (w *Writer) Fits(dst []byte) bool { return len(dst) <= w.limit-roomBehind }
