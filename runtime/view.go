package runtime

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/phgen/phgen/runtime/value"
)

// A view is everything a scope says, inherited settings included, encoded as an
// event needs it. It never changes.
type view struct {
	changes uint64 // of the scope and those around it when the view was made

	user       string // distinct ID; empty if nobody is known
	anonymous  string
	distinctID []byte // user, or anonymous, as JSON
	sessions   []byte // `"$session_id":"…","$window_id":"…","$device_id":"…"`, or some
	session    string
	window     string
	device     string
	identity   Identity
	groups     []group
	allGroups  []byte // `"$groups":{…}`
	tags       []tag  // sorted by key
	lazily     bool   // with those of LazyTags
	lacking    bool   // there are some, and they are not among tags
	allTags    []byte // `"plan":"pro","$context_tags":["plan"]`
	tagBits    uint64 // the keyBits of the tags and of $context_tags
	dollarTags bool   // a tag's key begins with $ and may be one of the runtime's
	at         time.Time
	geoIP      choice
	optOut     bool
	personless bool
	exceptions choice

	person     Props // for the evaluation of flags, as are the following
	flagGroups []flagGroup
	flagMode   flagMode
	noExposure bool
	overrides  map[string]flagOverride
	loaded     []*loadedFlags // that hold for what the view says, the innermost first
	variants   []attachedFlag // of experiments without a flag
	memoScope  *Scope         // that remembers what PostHog answers
	ask        atomic.Pointer[flagAsk]
}

// noScope is what a context without a scope says.
var noScope view

// view returns what s says now. It allocates only after a change.
func (s *Scope) view() *view {
	if s == nil {
		return &noScope
	}
	changes := s.changed()
	if v := s.seen.Load(); v != nil && v.changes == changes {
		return v
	}
	return s.look(&view{changes: changes})
}

// whole is view with the tags of LazyTags, which view may lack.
func (s *Scope) whole() *view {
	v := s.view()
	if !v.lacking {
		return v
	}
	return s.look(&view{changes: v.changes, lazily: true})
}

// look makes v what s says.
func (s *Scope) look(v *view) *view {
	v.anonymous = s.root.anonymous.String()
	v.collect(s)
	v.encode()
	if len(v.loaded) > 0 {
		v.loaded = v.validLoaded()
	}
	s.seen.Store(v)
	return v
}

// changed counts the changes of s and the scopes around it. Each only counts up, so two
// equal sums say that nothing changed in between.
func (s *Scope) changed() uint64 {
	var n uint64
	for ; s != nil; s = s.outer {
		n += s.changes.Load()
	}
	return n
}

// collect takes over the settings of s and the scopes around it, outermost first.
func (v *view) collect(s *Scope) {
	if s.outer != nil {
		v.collect(s.outer)
	}
	s.mu.Lock()
	own := s.own // its slices are never written again once With has returned
	s.mu.Unlock()
	if own.otherGroups {
		v.groups, v.flagGroups = nil, nil
	}
	v.collectVariants(&own)
	v.user = cmp.Or(own.user, v.user)
	v.session = cmp.Or(own.session, v.session)
	v.window = cmp.Or(own.window, v.window)
	for _, g := range own.groups {
		v.groups = setGroup(v.groups, g)
	}
	if own.lazy != nil && !v.lazily {
		v.lacking = true
	} else {
		own.lazy.collect(s, v)
	}
	for _, t := range own.tags {
		v.setTag(t)
	}
	if !own.at.IsZero() {
		v.at = own.at
	}
	v.geoIP = cmp.Or(own.geoIP, v.geoIP)
	v.optOut = v.optOut || own.optOut
	v.personless = v.personless || own.personless
	v.exceptions = cmp.Or(own.exceptions, v.exceptions)
	v.collectFlags(s, &own)
}

// setTag replaces the tag of the same key or inserts t in the order of keys.
func (v *view) setTag(t tag) {
	i, found := slices.BinarySearchFunc(v.tags, t, func(a, b tag) int { return cmp.Compare(a.key, b.key) })
	if found {
		v.tags[i] = t
	} else {
		v.tags = slices.Insert(v.tags, i, t)
	}
}

// encode encodes what was collected.
func (v *view) encode() {
	v.identity = Identity{cmp.Or(v.user, v.anonymous), v.user != "", v.session, v.window, v.device}
	v.distinctID = value.AppendString(nil, v.identity.DistinctID)
	if v.session != "" {
		v.sessions = value.AppendString([]byte(`"$session_id":`), v.session)
	}
	if v.window != "" {
		if v.session != "" {
			v.sessions = append(v.sessions, ',')
		}
		v.sessions = value.AppendString(append(v.sessions, `"$window_id":`...), v.window)
	}
	if v.device != "" {
		if len(v.sessions) > 0 {
			v.sessions = append(v.sessions, ',')
		}
		v.sessions = value.AppendString(append(v.sessions, `"$device_id":`...), v.device)
	}
	if len(v.groups) > 0 {
		v.allGroups = append(v.allGroups, `"$groups":{`...)
		for i, g := range v.groups {
			if i > 0 {
				v.allGroups = append(v.allGroups, ',')
			}
			v.allGroups = append(v.allGroups, g.member...)
		}
		v.allGroups = append(v.allGroups, '}')
	}
	if len(v.tags) == 0 {
		return
	}
	v.tagBits = keyBit(keyTags)
	for _, t := range v.tags {
		v.tagBits |= keyBit(t.key)
		v.dollarTags = v.dollarTags || strings.HasPrefix(t.key, "$")
		v.allTags = append(append(v.allTags, t.member...), ',')
	}
	v.allTags = append(v.allTags, `"$context_tags":[`...)
	for i, t := range v.tags {
		v.allTags = appendTagName(v.allTags, t.key, i == 0)
	}
	v.allTags = append(v.allTags, ']')
}

// hasGroup reports whether the scope has a group of the type.
func (v *view) hasGroup(groupType string) bool {
	return slices.ContainsFunc(v.groups, func(g group) bool { return g.groupType == groupType })
}

// appendTagName appends key to the list of names.
func appendTagName(dst []byte, key string, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	dst = append(append(dst, '"'), key...)
	return append(dst, '"')
}
