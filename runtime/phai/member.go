package phai

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/phgen/phgen/runtime/value"
)

// splitMembers returns the members of an object that is written without braces. Of what is no
// JSON nothing is left: half a feature would be a wrong one.
func splitMembers(text []byte) []member {
	if len(text) == 0 {
		return nil
	}
	object, ok := value.AppendJSON(nil, append(append([]byte{'{'}, text...), '}'))
	if !ok {
		return nil
	}
	var members []member
	d := json.NewDecoder(bytes.NewReader(object))
	_, err := d.Token() // the brace
	for err == nil && d.More() {
		var key json.Token
		var v json.RawMessage
		if key, err = d.Token(); err == nil {
			err = d.Decode(&v)
		}
		name, ok := key.(string)
		if err != nil || !ok {
			return nil
		}
		if !strings.HasPrefix(name, "$") { // those are PostHog's, and none of a plan's feature
			members = append(members, member{name, string(v)})
		}
	}
	return members
}
