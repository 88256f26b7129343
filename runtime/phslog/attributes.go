package phslog

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/value"
)

const (
	maxAttrs   = 100      // that become properties
	maxVisited = 1000     // groups included: a LogValuer may return itself twice
	maxGroups  = 16       // around an attribute
	maxBytes   = 64 << 10 // of all attributes, as JSON
	maxMessage = 10_000   // bytes of $log_message
)

// keyMessage is the property of a record's message.
const keyMessage = "$log_message"

// attributes collects what the attributes of one record say. They are added in the order in
// which they count.
type attributes struct {
	replace func(groups []string, a slog.Attr) slog.Attr

	err     error // the exception; nil if none was found
	named   bool  // "err" or "error"
	at      int   // of the exception in leaves; -1 if it is not there
	leaves  []leaf
	visited int
}

// A leaf is an attribute that is no group.
type leaf struct {
	groups []string
	attr   slog.Attr
}

// add takes a and, if it is a group, what is in it.
func (as *attributes) add(groups []string, a slog.Attr) {
	if as.visited++; as.visited > maxVisited || len(groups) > maxGroups {
		return
	}
	taken, kept := as.take(a), false
	if a.Value.Kind() == slog.KindLogValuer {
		a.Value = a.Value.Resolve()
		kept = taken // an error that says more about itself than its text
		taken = taken || as.take(a)
	}
	if a.Value.Kind() == slog.KindGroup {
		if a.Key != "" {
			groups = append(slices.Clip(groups), a.Key)
		}
		for _, member := range a.Value.Group() {
			as.add(groups, member)
		}
		return
	}
	if taken && !kept {
		as.at = len(as.leaves)
	}
	as.leaves = append(as.leaves, leaf{groups, a})
}

// take makes the error that a holds the exception. It returns false if a holds none, or
// there is a better one.
func (as *attributes) take(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindAny, slog.KindLogValuer:
	default:
		return false
	}
	err, ok := a.Value.Any().(error)
	if !ok {
		return false
	}
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	named := strings.EqualFold(a.Key, "err") || strings.EqualFold(a.Key, "error")
	if as.err != nil && (as.named || !named) {
		return false
	}
	as.err, as.named, as.at = err, named, -1
	return true
}

// properties returns the attributes as properties, and the message beside them. The
// exception is none of them.
func (as *attributes) properties(message string) ph.Props {
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "")
	}
	props := ph.Props{keyMessage: message}
	n, room := 0, maxBytes
	for i, l := range as.leaves {
		if as.err != nil && i == as.at {
			continue
		}
		a := l.attr
		if as.replace != nil {
			a = as.replace(l.groups, a)
			a.Value = a.Value.Resolve()
		}
		top := a.Key
		if len(l.groups) > 0 {
			top = l.groups[0]
		}
		if a.Key == "" || strings.HasPrefix(top, "$") {
			continue
		}
		if n++; n > maxAttrs {
			break
		}
		json, _ := value.AppendBounded(nil, plain(a.Value), room) // a value without JSON is null, as in ph.Props
		if len(json) <= room && put(props, l.groups, a.Key, ph.JSON(json)) {
			room -= len(json)
		}
	}
	return props
}

// plain returns what v holds. A group, which only ReplaceAttr can make of an attribute, is
// an object.
func plain(v slog.Value) any {
	if v.Kind() != slog.KindGroup {
		return v.Any()
	}
	object := map[string]any{}
	for _, a := range v.Group() {
		object[a.Key] = a.Value.String()
	}
	return object
}

// put sets the key within the groups, unless it is set already.
func put(object map[string]any, groups []string, key string, json ph.JSON) bool {
	for _, name := range groups {
		inner, ok := object[name]
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		if object, ok = inner.(map[string]any); !ok {
			return false
		}
	}
	if _, ok := object[key]; ok {
		return false
	}
	object[key] = json
	return true
}
