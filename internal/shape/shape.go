// Package shape writes what an event looks like, without what it says: enough to tell
// which events, properties and words of a tracking plan were used, and no name, address
// or text of a person.
//
// A shape is an event again. Strings, and keys below the properties, are digests of
// themselves: who knows a word finds it, and who does not learns nothing that the digest
// of a short text would not tell. Numbers are 0 and booleans false.
package shape

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

const (
	// MaxLine is how long a shape can be, its line feed included.
	MaxLine = 64 << 10

	maxName  = 200 // bytes of a name that a plan can have
	maxItems = 64  // items of one array
	maxDepth = 16
)

// Digest stands for a word.
func Digest(word string) string {
	sum := sha256.Sum256([]byte(word))
	return "#" + hex.EncodeToString(sum[:4])
}

// Is reports whether s, a string of an event or of its shape, is word.
func Is(s, word string) bool {
	return s == word || len(s) == 9 && s[0] == '#' && s == Digest(word)
}

// Field returns the field of an object, or of the shape of one.
func Field(object map[string]any, key string) (any, bool) {
	v, ok := object[key]
	if !ok {
		v, ok = object[Digest(key)]
	}
	return v, ok
}

// kept are the properties with a dollar that say anything about a plan.
var kept = map[string]bool{
	"$set": true, "$set_once": true, "$groups": true, "$group_type": true, "$group_set": true,
	"$feature_flag": true, "$feature_flag_response": true, "$survey_id": true,
}

const (
	attached = "$feature/"
	answered = "$survey_response_"
)

// keeps reports whether a property says anything about a plan.
func keeps(key string) bool {
	return kept[key] || !strings.HasPrefix(key, "$") || strings.HasPrefix(key, attached) || strings.HasPrefix(key, answered)
}

// Line returns the shape of an event as one line of JSON, given the event's JSON. Of an
// event that is too long it has the keys only. It is nil for what is no event.
func Line(event []byte) []byte {
	var e struct {
		Event      string         `json:"event"`
		Properties map[string]any `json:"properties"`
	}
	if json.Unmarshal(event, &e) != nil || e.Event == "" {
		return nil
	}
	e.Event = name(e.Event)
	whole, bare := map[string]any{}, map[string]any{}
	for key, v := range e.Properties {
		if !keeps(key) {
			continue
		}
		if on, ok := v.(bool); ok && strings.HasPrefix(key, "$feature") {
			whole[name(key)] = on // the value of a flag, of nobody
			continue
		}
		whole[name(key)], bare[name(key)] = of(v, 1), nil
	}
	e.Properties = whole
	line := encode(e)
	if len(line) <= MaxLine {
		return line
	}
	e.Properties = bare
	if line = encode(e); len(line) <= MaxLine {
		return line
	}
	e.Properties = nil
	return encode(e)
}

// encode never fails: nothing but strings, numbers and booleans are in v.
func encode(v any) []byte {
	line, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return append(line, '\n')
}

// name is a key or the name of an event: the plan has it, or it is too long for that.
func name(s string) string {
	if len(s) > maxName {
		return Digest(s)
	}
	return s
}

func of(v any, depth int) any {
	switch v := v.(type) {
	case string:
		return Digest(v)
	case float64:
		return 0
	case bool:
		return false
	case []any:
		if depth == maxDepth {
			return []any{}
		}
		items := make([]any, 0, min(len(v), maxItems))
		for _, item := range v[:min(len(v), maxItems)] {
			items = append(items, of(item, depth+1))
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(v))
		for key, field := range v {
			if depth == maxDepth {
				break
			}
			fields[Digest(key)] = of(field, depth+1)
		}
		return fields
	}
	return nil
}
