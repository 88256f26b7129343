package runtime

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/value"
)

// A flagAsk is whose flags are read and how, as a scope or a call says it. It is never
// changed once others may see it.
type flagAsk struct {
	query     flags.Query // without its time
	geoIP     choice
	mode      flagMode
	silent    bool // no $feature_flag_called
	overrides map[string]flagOverride
	scope     *Scope   // that keeps what PostHog answered; nil: nobody does
	opts      []Option // of the call: its event takes them too

	known atomic.Pointer[string] // identity, once somebody wanted it
}

// derive returns a copy that may be changed.
func (a *flagAsk) derive() *flagAsk {
	return &flagAsk{query: a.query, geoIP: a.geoIP, mode: a.mode, silent: a.silent, overrides: a.overrides, scope: a.scope, opts: a.opts}
}

// inMode returns a with another mode.
func (a *flagAsk) inMode(m flagMode) *flagAsk {
	if a.mode == m {
		return a
	}
	own := a.derive()
	own.mode = m
	return own
}

// A flagMode is who may be asked.
type flagMode uint8

const (
	localFirst flagMode = iota
	onlyLocally
	remoteOnly
)

// OnlyLocally evaluates flags in this process and never asks PostHog: what that can not
// tell is unknown.
func OnlyLocally() Option {
	return Option{kind: optionFlagMode, bits: [2]uint64{uint64(onlyLocally)}}
}

// RemoteOnly asks PostHog for flags and evaluates none in this process.
func RemoteOnly() Option { return Option{kind: optionFlagMode, bits: [2]uint64{uint64(remoteOnly)}} }

// NoExposure reads flags without sending $feature_flag_called.
func NoExposure() Option { return Option{kind: optionNoExposure} }

// PersonFlagProperties gives the evaluation of flags properties of the user, beside those
// that PostHog has of the person. They are sent nowhere but to PostHog when it is
// asked for a flag. Within a scope the inner ones win, key by key. props is copied.
func PersonFlagProperties(props Props) ScopeOption {
	props = maps.Clone(props)
	return scopeFunc(func(s *Scope) { s.own.person = merged(s.own.person, props) })
}

// GroupFlagProperties gives the evaluation of flags a group and its properties, as
// [PersonFlagProperties] does those of the user. No event belongs to the group for that but
// $feature_flag_called.
func GroupFlagProperties(groupType, key string, props Props) ScopeOption {
	groupType, key = value.Clean(groupType), value.Clean(key)
	if groupType == "" || key == "" {
		return scopeFunc(func(*Scope) {})
	}
	return groupFlagProperties(groupType, key, maps.Clone(props))
}

// PersonFlagPropertiesOf is [PersonFlagProperties] with what a generated person update sets. Only
// generated code calls it.
func PersonFlagPropertiesOf(e Event) ScopeOption {
	return scopeFunc(func(s *Scope) {
		sent := s.captures().sent(e)
		for _, bucket := range []string{"$set_once", "$set"} {
			props, _ := sent[bucket].(map[string]any)
			s.own.person = merged(s.own.person, props)
		}
	})
}

// GroupFlagPropertiesOf is [GroupFlagProperties] for the group that InGroup or one of its
// siblings names, with what a generated group update sets. Only generated code calls it.
func GroupFlagPropertiesOf(group Option, e Event) ScopeOption {
	return scopeFunc(func(s *Scope) {
		if key := group.groupKey(); group.name != "" && key != "" {
			props, _ := s.captures().sent(e)["$group_set"].(map[string]any)
			groupFlagProperties(value.Clean(group.name), key, props)(s)
		}
	})
}

// groupFlagProperties takes an empty key for that of the group the scope has anyway.
func groupFlagProperties(groupType, key string, props Props) scopeFunc {
	return func(s *Scope) {
		s.own.flagGroups = append(slices.Clip(s.own.flagGroups), flagGroup{groupType, key, props})
	}
}

// sent returns the properties of a person or group update as events carry them: after pii
// and cuts, without what breaks a rule that drops it.
func (c *Client) sent(e Event) map[string]any {
	if e == nil {
		return nil
	}
	w := writers.Get().(*Writer)
	defer w.release()
	w.client = c
	w.start(modeContext)
	e.PhgenVisit(w)
	decoder := json.NewDecoder(bytes.NewReader(append(w.buf, '}')))
	decoder.UseNumber()
	var props map[string]any
	if decoder.Decode(&props) != nil {
		return nil // no generated code writes such
	}
	return props
}

// A flagGroup is a group that only the evaluation of flags knows of.
type flagGroup struct {
	groupType, key string
	props          Props
}

// merged returns outer with what inner says instead. It changes neither.
func merged(outer, inner Props) Props {
	switch {
	case len(outer) == 0:
		return inner
	case len(inner) == 0:
		return outer
	}
	both := maps.Clone(outer)
	maps.Copy(both, inner)
	return both
}

// asks reports whether a scope with these settings has flags of its own.
func (o *settings) asks() bool {
	return o.user != "" || o.device != "" || len(o.groups)+len(o.person)+len(o.flagGroups) > 0
}

// collectFlags takes over what s says about flags.
func (v *view) collectFlags(s *Scope, own *settings) {
	if own.asks() || v.memoScope == nil {
		v.memoScope = s
	}
	if own.otherUser {
		v.person = nil
	}
	v.device = cmp.Or(own.device, v.device)
	v.person = merged(v.person, own.person)
	v.flagGroups = slices.Concat(v.flagGroups, own.flagGroups)
	v.flagMode = cmp.Or(own.flagMode, v.flagMode)
	v.noExposure = v.noExposure || own.noExposure
	v.overrides = overridden(v.overrides, own.overrides)
	v.loaded = slices.Concat(own.loaded, v.loaded) // the innermost first
}

// flagAsk returns what the scope says. It allocates at its first call only.
func (v *view) flagAsk() *flagAsk {
	if a := v.ask.Load(); a != nil {
		return a
	}
	a := &flagAsk{
		query: flags.Query{
			DistinctID: cmp.Or(v.user, v.anonymous),
			DeviceID:   v.device,
			Person:     v.person,
		},
		geoIP:     v.geoIP,
		mode:      v.flagMode,
		silent:    v.noExposure || v.optOut,
		overrides: v.overrides,
		scope:     v.memoScope,
	}
	for _, g := range v.groups {
		a.setGroup(g.groupType, g.key, nil)
	}
	for _, g := range v.flagGroups {
		if key := cmp.Or(g.key, a.query.Groups[g.groupType]); key != "" {
			a.setGroup(g.groupType, key, g.props)
		}
	}
	v.ask.CompareAndSwap(nil, a)
	return v.ask.Load()
}

// setGroup adds a group to the query. a is not shared yet.
func (a *flagAsk) setGroup(groupType, key string, props Props) {
	q := &a.query
	if q.Groups == nil {
		q.Groups = make(map[string]string)
	}
	if q.Groups[groupType] != key {
		delete(q.GroupProperties, groupType) // they are another group's
	}
	q.Groups[groupType] = key
	if len(props) == 0 {
		return
	}
	if q.GroupProperties == nil {
		q.GroupProperties = make(map[string]map[string]any)
	}
	q.GroupProperties[groupType] = merged(q.GroupProperties[groupType], props)
}

// askFor returns what ctx and the options of a call say. Overrides apply whether or not
// there is a client.
func (c *Client) askFor(ctx context.Context, opts []Option) *flagAsk {
	var s *Scope
	if ctx != nil {
		s = scopeOf(ctx)
	}
	a := s.view().flagAsk()
	if len(opts) == 0 {
		return a
	}
	own := a.derive()
	own.opts = opts
	for i := range opts {
		own.option(&opts[i])
	}
	return own
}

// option makes an option of the call hold. What asks for somebody else's flags does not
// concern the scope's memory.
func (a *flagAsk) option(o *Option) {
	switch o.kind {
	case optionAs:
		if id, _ := cleanID(o.name); id != "" && id != a.query.DistinctID {
			a.query.DistinctID, a.query.Person, a.scope = id, nil, nil
		}
	case optionGroup, optionGroupInt, optionGroupUUID:
		if groupType, key := value.Clean(o.name), o.groupKey(); groupType != "" && key != "" && a.query.Groups[groupType] != key {
			a.query.Groups, a.query.GroupProperties = maps.Clone(a.query.Groups), maps.Clone(a.query.GroupProperties)
			a.setGroup(groupType, key, nil)
			a.scope = nil
		}
	case optionGeoIP:
		if geoIP := choose(o.bits[0] != 0); geoIP != a.geoIP {
			a.geoIP, a.scope = geoIP, nil
		}
	case optionFlagMode:
		a.mode = flagMode(o.bits[0])
	case optionNoExposure:
		a.silent = true
	}
}
