package runtime

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/phgen/phgen/runtime/value"
)

// The keys that the runtime writes itself.
const (
	keyGroups     = "$groups"
	keyPersonless = "$process_person_profile"
	keyTags       = "$context_tags"
	keySession    = "$session_id"
	keyWindow     = "$window_id"
	keyDevice     = "$device_id"
)

// keyCookieless is a key for which PostHog refuses the whole batch unless its value is
// a boolean. What means one is made one, and any other value is left out.
const keyCookieless = "$cookieless_mode"

// A callTag is a context property of one call; its member is in side.
type callTag struct {
	key string
	at  span
}

// A callGroup is a group of one call; its member is in side.
type callGroup struct {
	groupType string
	at        span
}

// callGroup takes a group of the call. Of two of one type the last one counts.
func (w *Writer) callGroup(o *Option) {
	start, groupType := len(w.side), value.Clean(o.name)
	w.side = o.appendGroup(w.side, groupType)
	if len(w.side) == start {
		w.brokenGroup(groupType)
		return
	}
	if rule := o.brokenKey(); rule != "" {
		w.breakGroup(groupType, rule)
	}
	g := callGroup{groupType, span{start, len(w.side)}}
	for i := range w.calls {
		if w.calls[i].groupType == g.groupType {
			w.calls[i] = g
			return
		}
	}
	w.calls = append(w.calls, g)
}

// brokenGroup notes that a group has no key.
func (w *Writer) brokenGroup(groupType string) {
	groupType = shorten(groupType)
	for i := range w.violations {
		if v := &w.violations[i]; v.Rule == "group" && v.Property == groupType {
			return
		}
	}
	w.breakGroup(groupType, "group")
}

// breakGroup notes a violation about a group. Short of refusing the event, every word
// of on_invalid means report here.
func (w *Writer) breakGroup(groupType, rule string) {
	w.record(violation{Violation: Violation{w.name, groupType, rule}})
	w.invalid = w.invalid || w.spec.OnInvalid == DropEvent
}

// requireGroups checks that the groups the plan asks for are there.
func (w *Writer) requireGroups() {
	for _, g := range w.spec.Groups {
		if !w.view.hasGroup(g) &&
			!slices.ContainsFunc(w.calls, func(c callGroup) bool { return c.groupType == g }) {
			w.brokenGroup(g)
		}
	}
}

// callContext encodes a context property of the call into side.
func (w *Writer) callContext(o *Option) {
	w.mode, w.track = modeContext, true
	w.limit = w.lane.maxEvent
	w.buf = append(w.scratch[:0], '{')
	o.write(w)
	for i := range w.keys {
		start := len(w.side)
		w.side = append(w.side, w.written(i)...)
		w.callTag(callTag{w.keys[i].key, span{start, len(w.side)}})
	}
	w.scratch = w.buf[:0]
	clear(w.keys)
	w.keys, w.keyBits = w.keys[:0], 0
	w.mode, w.track = modeSend, false
}

// written returns member i of those that buf holds and nothing else.
func (w *Writer) written(i int) []byte {
	end := len(w.buf)
	if i+1 < len(w.keys) {
		end = w.keys[i+1].start
	}
	start := w.keys[i].start
	if w.buf[start] == ',' {
		start++
	}
	return w.buf[start:end]
}

// callTag inserts t in the order of keys.
func (w *Writer) callTag(t callTag) {
	i, found := slices.BinarySearchFunc(w.callTags, t, func(a, b callTag) int { return cmp.Compare(a.key, b.key) })
	if found {
		w.callTags[i] = t
		return
	}
	w.callTags = slices.Insert(w.callTags, i, t)
}

// finish writes everything behind the event's own properties.
func (w *Writer) finish() {
	switch w.spec.Kind {
	case KindEvent:
		if w.lifts {
			w.liftOwn()
		}
		w.tags()
		w.groups()
		w.sessions()
		w.traces()
		w.super()
		if len(w.flags) > 0 {
			w.writeFlags()
		}
		if w.personless == forced || w.personless == assumed && !w.has(keyPersonless) {
			own(w, keyPersonless, "false")
		}
	case KindPerson:
		if w.anonymous != "" && w.name == "$identify" {
			w.key("$anon_distinct_id")
			w.buf = value.AppendString(w.buf, w.anonymous)
		}
	}
	w.tail()
	w.buf = append(w.buf, '}')
	switch w.late {
	case lateUUID:
		w.buf = append(w.buf, `,"distinct_id":`...)
		w.buf = value.AppendUUID(w.buf, w.id)
	case lateGroup:
		w.buf = append(w.buf, `,"distinct_id":`...)
		w.buf = value.AppendString(w.buf, w.distinctID)
	}
	if w.lane.v1 && w.client.cfg.BeforeSend == nil {
		w.buf = w.appendLifted(w.buf)
	}
	w.buf = append(w.buf, '}')
}

// own writes a property that the event did not bring, where the protocol wants it.
func own[T string | []byte](w *Writer, key string, json T) {
	if w.lifts {
		if place := placeOf(key); place >= 0 {
			w.lift(place, []byte(json))
			return
		}
	}
	w.key(key)
	w.buf = append(w.buf, json...)
}

// ownMember is own for a property that is encoded with its key.
func ownMember[T string | []byte](w *Writer, key string, m T) {
	w.note(key, len(w.buf))
	if w.lifts {
		if place := placeOf(key); place >= 0 {
			w.lift(place, []byte(m[len(key)+len(`"":`):]))
			return
		}
	}
	w.comma()
	w.buf = append(w.buf, m...)
}

// comma appends a comma unless a member is the first of its object.
func (w *Writer) comma() {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
}

// raw appends members that are encoded.
func (w *Writer) raw(members []byte) {
	w.comma()
	w.buf = append(w.buf, members...)
}

// rawText is raw for text.
func (w *Writer) rawText(members string) {
	w.comma()
	w.buf = append(w.buf, members...)
}

// claimed reports whether a key from outside the plan is taken: by the runtime, by a
// super property, or because the event has it already.
func (w *Writer) claimed(key string) bool {
	if len(key) > 0 && key[0] == '$' {
		switch key {
		case propLib, propLibVersion, propIsServer, propGeoIPDisable:
			return true
		case keyGroups:
			if len(w.view.groups)+len(w.calls) > 0 {
				return true
			}
		case keyPersonless:
			if w.personless == forced {
				return true
			}
		case propOS, propOSVersion, propOSDistro, propGoVersion:
			w.ownOS = true
		}
		if w.spec.exception && computedKeys[key] {
			return true
		}
	}
	return w.has(key) || w.superOwns(key) || w.minimal && !minimalKeys[key]
}

// tags writes the context properties and tags of the call and the scope that the
// event does not set itself, and their names.
func (w *Writer) tags() {
	v := w.view
	if len(w.callTags) == 0 {
		if len(v.tags) == 0 {
			return
		}
		if (w.keyBits|w.superOwn)&v.tagBits == 0 && !v.dollarTags && !w.minimal {
			w.raw(v.allTags)
			return
		}
	}
	first := len(w.keys)
	i, j := 0, 0
	for i < len(v.tags) || j < len(w.callTags) {
		if j == len(w.callTags) || i < len(v.tags) && v.tags[i].key < w.callTags[j].key {
			if t := &v.tags[i]; !w.claimed(t.key) {
				ownMember(w, t.key, t.member)
			}
			i++
			continue
		}
		t := &w.callTags[j]
		if i < len(v.tags) && v.tags[i].key == t.key {
			i++
		}
		if !w.claimed(t.key) {
			ownMember(w, t.key, w.side[t.at.start:t.at.end])
		}
		j++
	}
	names := w.keys[first:]
	if len(names) == 0 || w.claimed(keyTags) {
		return
	}
	w.key(keyTags)
	w.buf = append(w.buf, '[')
	for i := range names {
		w.buf = appendTagName(w.buf, names[i].key, i == 0)
	}
	w.buf = append(w.buf, ']')
	w.note(keyTags, len(w.buf))
}

// groups writes $groups: first the types of the plan in its order, then the others in
// the order they were first set, those of the scope before the call's own.
func (w *Writer) groups() {
	v, order := w.view, w.spec.GroupOrder
	if len(w.calls) == 0 && (order == nil || len(v.groups) < 2) {
		if len(v.groups) > 0 {
			w.raw(v.allGroups)
		}
		return
	}
	w.key(keyGroups)
	w.buf = append(w.buf, '{')
	if order != nil {
		for _, t := range order.Types {
			w.group(t)
		}
	}
	for i := range v.groups {
		if t := v.groups[i].groupType; !order.has(t) {
			w.group(t)
		}
	}
	for i := range w.calls {
		if t := w.calls[i].groupType; !order.has(t) && !v.hasGroup(t) {
			w.group(t)
		}
	}
	w.buf = append(w.buf, '}')
}

// group writes the group of a type, if there is one: the call's before the scope's.
func (w *Writer) group(groupType string) {
	for i := range w.calls {
		if c := &w.calls[i]; c.groupType == groupType {
			w.raw(w.side[c.at.start:c.at.end])
			return
		}
	}
	for i := range w.view.groups {
		if g := &w.view.groups[i]; g.groupType == groupType {
			w.rawText(g.member)
			return
		}
	}
}

// sessions writes $session_id, $window_id and $device_id, unless the event has its own.
func (w *Writer) sessions() {
	v := w.view
	if len(v.sessions) == 0 {
		return
	}
	if !w.lifts && (w.keyBits|w.superOwn)&sessionBits == 0 {
		w.raw(v.sessions)
		return
	}
	for _, m := range [...]struct{ key, text string }{{keySession, v.session}, {keyWindow, v.window}, {keyDevice, v.device}} {
		if m.text != "" && !w.claimed(m.key) {
			w.note(m.key, len(w.buf))
			var short [128]byte
			own(w, m.key, value.AppendString(short[:0], m.text))
		}
	}
}

var sessionBits = keyBit(keySession) | keyBit(keyWindow) | keyBit(keyDevice)

// super writes the super properties. The event left their keys free.
func (w *Writer) super() {
	super := w.client.super
	if len(super) == 0 {
		return
	}
	w.superOwn = 0 // so that claimed does not mean them
	for i := range super {
		key := super[i].key
		if w.claimed(key) || key == keyPersonless && w.personless != asSent {
			continue
		}
		w.note(key, len(w.buf))
		own(w, key, super[i].json)
	}
}

// tail writes the library's members.
func (w *Writer) tail() {
	members := w.lane.tail
	if w.geoIP == yes || w.geoIP == unsaid && w.client.cfg.GeoIP {
		members = w.lane.tailGeo
	}
	if !w.ownOS {
		w.raw(members)
		return
	}
	// The event describes a system of its own, say that of an app it speaks for.
	for len(members) > 0 {
		member := members
		if end := bytes.Index(members, nextMember); end >= 0 {
			member, members = members[:end], members[end+1:]
		} else {
			members = nil
		}
		key, _, _ := bytes.Cut(member[1:], quote)
		if !w.has(string(key)) {
			w.raw(member)
		}
	}
}

var (
	nextMember = []byte(`,"$`)
	quote      = []byte{'"'}
)
