package schema

import (
	"encoding/json"
	"strconv"
)

// jsonSize is the number of bytes of v as JSON. It is what max_bytes bounds.
func (v *Value) jsonSize() int {
	switch {
	case v.Null:
		return len("null")
	case v.Kind == Bool:
		return len(v.Text)
	case v.Kind == Int:
		return len(strconv.FormatInt(v.Int, 10))
	case v.Kind == Float, v.Kind == Duration:
		b, _ := json.Marshal(v.Float)
		return len(b)
	case v.Kind == Array:
		n := len("[]") + max(0, len(v.List)-1)
		for _, x := range v.List {
			n += x.jsonSize()
		}
		return n
	case v.Kind == Object, v.Kind == Map, v.Kind == Union:
		n := len("{}") + max(0, len(v.Fields)-1)
		for _, f := range v.Fields {
			n += jsonSize(f.Key) + len(":") + f.Value.jsonSize()
		}
		return n
	case v.Kind == Money:
		return len(v.Text)
	}
	return jsonSize(v.Text)
}

// jsonSize is the number of bytes of a string as JSON.
func jsonSize(s string) int {
	n := len(`""`)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t' || r == '\b' || r == '\f':
			n += 2
		case r < 0x20:
			n += 6
		default:
			n += len(string(r))
		}
	}
	return n
}
