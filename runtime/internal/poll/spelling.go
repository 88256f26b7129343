package poll

import (
	"bytes"
	"encoding/json"
)

// camelCase is how the caches of some SDKs call members of a document, and how PostHog does.
var camelCase = map[string]string{
	"groupTypeMapping":        "group_type_mapping",
	"minimalFlagCalledEvents": "minimal_flag_called_events",
	"propertyMatchingVersion": "property_matching_version",
}

// snakeCase returns doc with its members called as PostHog calls them, and everything else
// as it was: doc itself if it is no JSON object, which is for its reader to say.
func snakeCase(doc []byte) []byte {
	suspicious := false
	for name := range camelCase {
		suspicious = suspicious || bytes.Contains(doc, []byte(`"`+name+`"`))
	}
	if !suspicious {
		return doc
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return doc
	}
	var out []byte
	copied := 0 // bytes of doc that are in out
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return doc
		}
		name, _ := token.(string)
		quoted, end := `"`+name+`"`, int(d.InputOffset())
		if other := camelCase[name]; other != "" && bytes.HasSuffix(doc[copied:end], []byte(quoted)) {
			out = append(out, doc[copied:end-len(quoted)]...)
			out = append(out, `"`+other+`"`...)
			copied = end
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return doc
		}
	}
	return append(out, doc[copied:]...)
}
