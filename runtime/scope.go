package runtime

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// Scope is what a context carries: whose events they are, their tags, groups and
// session. A scope inherits from the one around it, and its own settings win. It is
// made by With; only SetUser, SetTag and SetSession change it later.
type Scope struct {
	outer *Scope // nil for an outermost scope, and for a fresh one
	root  *Scope // the end of the chain of outer scopes

	around *Scope // as outer, but Fresh does not hide it

	client    *Client   // survives Fresh
	clientSet bool      // by UseClient; else the default client serves
	anonymous uuid.UUID // of a root: the distinct ID of events without a user

	changes atomic.Uint64 // counts what changed after With

	mu  sync.Mutex // guards own once With has returned
	own settings

	seen   atomic.Pointer[view]
	memory atomic.Pointer[flagMemory] // of flags that PostHog was asked for
	caught atomic.Pointer[exceptionMemory]
}

// settings is what one scope says itself.
type settings struct {
	user       string
	session    string
	window     string
	device     string
	groups     []group
	tags       []tag
	lazy       *lazyTags
	at         time.Time
	geoIP      choice
	optOut     bool
	personless bool
	exceptions choice // whether they are captured automatically

	person      Props       // for the evaluation of flags, as are the following
	flagGroups  []flagGroup // with their properties
	flagMode    flagMode
	noExposure  bool
	overrides   map[string]flagOverride
	loaded      []*loadedFlags
	variants    []attachedFlag // of experiments without a flag
	otherUser   bool           // person of outer scopes is somebody else's
	otherGroups bool           // and so are their groups
}

// A choice is a boolean that may be left to somebody else.
type choice uint8

const (
	unsaid choice = iota
	no
	yes
)

func choose(v bool) choice {
	if v {
		return yes
	}
	return no
}

// A group is one member of $groups.
type group struct {
	groupType string
	key       string
	member    string // `"type":"key"`
}

// A tag is one property that a scope gives its events.
type tag struct {
	key    string // JSON text without quotes
	member string // `"key":value`
}

type scopeKey struct{}

// scopeOf returns the innermost scope of ctx, or nil.
func scopeOf(ctx context.Context) *Scope {
	s, _ := ctx.Value(scopeKey{}).(*Scope)
	return s
}

// scopeFunc is a ScopeOption that is no Option.
type scopeFunc func(*Scope)

func (f scopeFunc) applyScope(s *Scope) { f(s) }

// originFunc is a ScopeOption that says what a scope builds on.
type originFunc func(*Scope)

func (f originFunc) applyScope(*Scope) {} // With has called it before all others

// With returns a copy of ctx whose events take the options. What they leave open is
// inherited from the scope of ctx, unless Fresh is among them. A nil ctx counts as
// context.Background, and a nil option is skipped.
func With(ctx context.Context, opts ...ScopeOption) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	s := &Scope{outer: scopeOf(ctx)}
	if s.around = s.outer; s.outer != nil {
		s.client, s.clientSet = s.outer.client, s.outer.clientSet
	}
	// Fresh and UseClient come first: the others are reported to the client.
	for _, o := range opts {
		if f, ok := o.(originFunc); ok {
			f(s)
		}
	}
	if s.root = s; s.outer != nil {
		s.root = s.outer.root
	} else {
		s.anonymous = randomID()
	}
	for _, o := range opts {
		if o != nil {
			o.applyScope(s)
		}
	}
	return context.WithValue(ctx, scopeKey{}, s)
}

// User sets whose events they are. An empty ID leaves it to the scope around.
func User(distinctID string) ScopeOption {
	return scopeFunc(func(s *Scope) { s.setUser(distinctID) })
}

// Session sets $session_id. An empty ID leaves it to the scope around. PostHog knows
// sessions by version 7 UUIDs ([NewSession]); the first other ID is warned about, and sent.
func Session(id string) ScopeOption {
	return scopeFunc(func(s *Scope) { s.setSession(id) })
}

// Window sets $window_id, the browser tab. An empty ID leaves it to the scope around.
func Window(id string) ScopeOption {
	return scopeFunc(func(s *Scope) { s.own.window = id })
}

// Device sets $device_id, by which flags that are bucketed by device are evaluated. An empty
// ID leaves it to the scope around.
func Device(id string) ScopeOption {
	return scopeFunc(func(s *Scope) { s.own.device = value.Clean(id) })
}

// Group is InGroup for a scope only.
func Group(groupType, key string) ScopeOption { return InGroup(groupType, key) }

// Tag sets a property of every event, exception and AI event of the scope; never of
// a person or group, so the keys $set, $set_once and $unset have no effect. The value
// is encoded now, by the rules of Props.
func Tag(key string, v any) ScopeOption {
	return scopeFunc(func(s *Scope) {
		if t, ok := s.tag(key, v); ok {
			s.own.setTag(t)
		}
	})
}

// Fresh stops the inheritance of everything but the client and overridden flags.
func Fresh() ScopeOption {
	return originFunc(func(s *Scope) {
		s.own.overrides = s.outer.view().overrides
		s.outer = nil
	})
}

// UseClient sends with c instead of the default client. A nil client is inert: the
// events of the scope are refused.
func UseClient(c *Client) ScopeOption {
	return originFunc(func(s *Scope) { s.client, s.clientSet = c, true })
}

// captures returns the client that events of s go to; nil if there is none. s may
// be nil.
func (s *Scope) captures() *Client {
	if s != nil && s.clientSet {
		return s.client
	}
	return Default()
}

// OptOut refuses every event, person update and group update of the scope, and of the
// scopes in it, with ErrDropped. No scope in it can opt in again; a Fresh one is none of
// them.
func OptOut() ScopeOption { return scopeFunc(func(s *Scope) { s.own.optOut = true }) }

// SetUser changes the user of the innermost scope of ctx in place: everybody who
// holds that scope sees it, and so do the scopes in it that have no user of their
// own. Without a scope it does nothing and returns false.
func SetUser(ctx context.Context, distinctID string) bool {
	return change(ctx, func(s *Scope) { s.setUser(distinctID) })
}

// SetTag sets a tag of the innermost scope of ctx in place, as SetUser does the user. The
// value is encoded before SetTag returns, as [Tag] does. It costs time in proportion to
// the tags the scope has.
func SetTag(ctx context.Context, key string, v any) bool {
	if ctx == nil || scopeOf(ctx) == nil {
		return false
	}
	// Encoding may run code of v's that uses this scope: the scope is locked later.
	t, ok := scopeOf(ctx).tag(key, v)
	if !ok {
		return true
	}
	return change(ctx, func(s *Scope) { s.own.setTag(t) })
}

// SetSession sets the session of the innermost scope of ctx in place, as SetUser does
// the user.
func SetSession(ctx context.Context, id string) bool {
	return change(ctx, func(s *Scope) { s.setSession(id) })
}

func change(ctx context.Context, set func(*Scope)) bool {
	if ctx == nil {
		return false
	}
	s := scopeOf(ctx)
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	set(s)
	s.changes.Add(1)
	return true
}

func (s *Scope) setUser(distinctID string) {
	id, cut := cleanID(distinctID)
	if cut {
		s.captures().warnDistinctID()
	}
	s.own.user = id
}

func (s *Scope) setSession(id string) {
	if id != "" && !isSession(id) {
		s.captures().warnSession()
	}
	s.own.session = id
}

// tag encodes a tag. It reports false for one that is not to be set.
func (s *Scope) tag(key string, v any) (tag, bool) {
	key = keyText(key)
	switch key {
	case "$set", "$set_once", "$unset":
		return tag{}, false // a scope says nothing about the person
	}
	member := append(append([]byte{'"'}, key...), `":`...)
	at := len(member)
	member, problems := value.AppendAny(member, v)
	for _, path := range problems {
		s.captures().warnValue("", key, path)
	}
	if key == keyCookieless {
		v := boolOf(member[at:])
		return tag{key, string(member[:at]) + v}, v != ""
	}
	return tag{key, string(member)}, true
}

// setTag replaces the tag of the same key or appends t. The slice is copied: views
// share the old one.
func (o *settings) setTag(t tag) {
	tags := slices.Clone(o.tags)
	i := slices.IndexFunc(tags, func(other tag) bool { return other.key == t.key })
	if i < 0 {
		o.tags = append(tags, t)
		return
	}
	tags[i] = t
	o.tags = tags
}

func setGroup(groups []group, g group) []group {
	i := slices.IndexFunc(groups, func(other group) bool { return other.groupType == g.groupType })
	if i < 0 {
		return append(groups, g)
	}
	groups[i] = g
	return groups
}

// applyScope makes o hold for a scope.
func (o Option) applyScope(s *Scope) {
	switch o.kind {
	case optionAs:
		s.setUser(o.name)
	case optionAt:
		if t := bitsTime(o.bits); validStamp(t) {
			s.own.at = t
		}
	case optionGroup, optionGroupInt, optionGroupUUID:
		s.addGroup(&o)
	case optionGeoIP:
		s.own.geoIP = choose(o.bits[0] != 0)
	case optionPersonless:
		s.own.personless = true
	case optionFlagMode:
		s.own.flagMode = flagMode(o.bits[0])
	case optionNoExposure:
		s.own.noExposure = true
	case optionVariant:
		s.setVariant(&o)
	default:
		if o.isContext() {
			s.addContext(&o)
		}
	}
}

func (s *Scope) addGroup(o *Option) {
	c := s.captures()
	groupType := value.Clean(o.name)
	member := o.appendGroup(nil, groupType)
	if len(member) == 0 {
		c.report(violation{Violation: Violation{Property: shorten(groupType), Rule: "group"}})
		return
	}
	if rule := o.brokenKey(); rule != "" {
		c.report(violation{Violation: Violation{Property: shorten(groupType), Rule: rule}})
	}
	s.own.groups = setGroup(s.own.groups, group{groupType, o.groupKey(), string(member)})
}

// appendGroup appends the member of $groups that o sets; nothing if its type or key is
// empty.
func (o *Option) appendGroup(dst []byte, groupType string) []byte {
	if groupType == "" {
		return dst
	}
	start := len(dst)
	dst = value.AppendString(dst, groupType)
	dst = append(dst, ':')
	switch at := len(dst); o.kind {
	case optionGroupInt:
		dst = append(dst, '"')
		dst = value.AppendInt(dst, int64(o.bits[0]))
		return append(dst, '"')
	case optionGroupUUID:
		if o.bits == [2]uint64{} {
			return dst[:start]
		}
		return value.AppendUUID(dst, bitsUUID(o.bits))
	default:
		if dst = value.AppendString(dst, o.text); len(dst) == at+len(`""`) {
			return dst[:start]
		}
		return dst
	}
}

// addContext checks and encodes a context property and makes it a tag. Money makes
// two.
func (s *Scope) addContext(o *Option) {
	w := writers.Get().(*Writer)
	defer w.release()
	w.client = s.captures()
	w.start(modeContext)
	o.write(w)
	for i := range w.keys {
		s.own.setTag(tag{w.keys[i].key, string(w.written(i))})
	}
	if w.client != nil {
		for _, v := range w.violations {
			w.client.report(v)
		}
	}
}

// maxDistinctID is how many characters of a distinct ID PostHog keeps.
const maxDistinctID = 200

// cleanID returns a distinct ID as it is sent. It reports whether it cut it.
func cleanID(id string) (string, bool) {
	id = value.Clean(id)
	if len(id) <= maxDistinctID || utf8.RuneCountInString(id) <= maxDistinctID {
		return id, false
	}
	return firstRunes(id, maxDistinctID), true
}
