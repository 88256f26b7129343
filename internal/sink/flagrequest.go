package sink

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A FlagRequest is one request for values of flags. All but its Request is as far as
// it could be decoded.
type FlagRequest struct {
	Request

	APIKey     string // the project key
	DistinctID string // cut to 200 characters, as the server does; a number is its text
	DeviceID   string // of the body; if it has none, of the person properties

	Groups           map[string]any // type to key
	PersonProperties map[string]any // numbers are json.Number
	GroupProperties  map[string]map[string]any

	Keys         []string // of the only flags that are wanted; nil: all
	GeoIPDisable *bool    // nil: not sent

	// Problems are what the server forgives but a good client does not do: duplicate
	// keys, maps that are missing or null, a secret that has no business here.
	Problems []string
}

// flagFields are the fields whose names have aliases. Two names of one field in one
// body are a duplicate, which the server's parser refuses.
var flagFields = [][]string{
	{"api_key", "token", "$token"},
	{"distinct_id", "$distinct_id"},
	{"device_id", "$device_id"},
	{"groups", "$groups"},
	{"person_properties", "$properties"},
	{"group_properties", "$group_properties"},
	{"flag_keys_to_evaluate", "flag_keys"},
	{"geoip_disable"},
}

// decodeFlags applies the server's rules to a request for values of flags. Its error
// is a *refusal; the result holds what had been read by then.
func decodeFlags(req Request, e endpoint) (FlagRequest, error) {
	in := FlagRequest{Request: req}
	body, err := req.plain(e)
	if err != nil {
		return in, err
	}
	if !utf8.Valid(body) {
		return in, bad("the body is no UTF-8")
	}
	if !json.Valid(body) || (&scanner{text: body}).peek() != '{' {
		return in, bad("the body is no JSON object")
	}
	d := decoder{scanner: scanner{text: body}}
	v, err := d.value()
	if err != nil {
		return in, err
	}
	for _, key := range d.duplicates {
		in.Problems = append(in.Problems, fmt.Sprintf("key %q is written twice", key))
	}
	if req.Header.Get("Authorization") != "" {
		in.Problems = append(in.Problems, "Authorization has no place in a request for values")
	}
	fields, err := canonical(v.(map[string]any)) // which it is: it starts like one
	if err != nil {
		return in, err
	}
	for _, rule := range []func(map[string]any) error{in.readKey, in.readMaps, in.readIDs, in.readOptions} {
		if err := rule(fields); err != nil {
			return in, err
		}
	}
	return in, nil
}

// canonical returns the fields by the first of their names.
func canonical(fields map[string]any) (map[string]any, error) {
	found := make(map[string]any, len(flagFields))
	for _, names := range flagFields {
		first := ""
		for _, name := range names {
			v, ok := fields[name]
			if !ok {
				continue
			}
			if first != "" {
				return nil, bad("%s and %s are one field", first, name)
			}
			first = name
			found[names[0]] = v
		}
	}
	return found, nil
}

func (r *FlagRequest) readKey(fields map[string]any) error {
	var ok bool
	if r.APIKey, ok = fields["api_key"].(string); !ok && fields["api_key"] != nil {
		return bad("api_key is no string")
	}
	return nil
}

func (r *FlagRequest) readMaps(fields map[string]any) error {
	for _, m := range []struct {
		name string
		to   *map[string]any
	}{{"groups", &r.Groups}, {"person_properties", &r.PersonProperties}, {"group_properties", new(map[string]any)}} {
		v := fields[m.name]
		if v == nil {
			r.Problems = append(r.Problems, m.name+" is missing or null")
			continue
		}
		var ok bool
		if *m.to, ok = v.(map[string]any); !ok {
			return bad("%s is no object", m.name)
		}
		if m.name == "group_properties" {
			if err := r.readGroupProperties(*m.to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *FlagRequest) readGroupProperties(groups map[string]any) error {
	r.GroupProperties = make(map[string]map[string]any, len(groups))
	for group, v := range groups {
		properties, ok := v.(map[string]any)
		if !ok {
			return bad("group_properties of %q is no object", group)
		}
		r.GroupProperties[group] = properties
	}
	return nil
}

func (r *FlagRequest) readIDs(fields map[string]any) error {
	switch v := fields["device_id"].(type) {
	case nil:
		r.DeviceID, _ = r.PersonProperties["$device_id"].(string)
	case string:
		r.DeviceID = v
	default:
		return bad("device_id is no string")
	}
	switch v := fields["distinct_id"].(type) {
	case nil:
	case string:
		r.DistinctID = v
	case json.Number:
		r.DistinctID = v.String()
	default:
		return bad("distinct_id is neither a string nor a number")
	}
	if runes := []rune(r.DistinctID); len(runes) > maxDistinctID {
		r.DistinctID = string(runes[:maxDistinctID])
		r.Problems = append(r.Problems, fmt.Sprintf("distinct_id is longer than %d characters", maxDistinctID))
	}
	return nil
}

func (r *FlagRequest) readOptions(fields map[string]any) error {
	switch v := fields["geoip_disable"].(type) {
	case nil:
	case bool:
		r.GeoIPDisable = &v
	default:
		return bad("geoip_disable is no boolean")
	}
	v := fields["flag_keys_to_evaluate"]
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	r.Keys = make([]string, len(list))
	for i := range list {
		if r.Keys[i], ok = list[i].(string); !ok {
			break
		}
	}
	if !ok {
		r.Keys = nil
		return bad("flag_keys_to_evaluate is no array of strings")
	}
	return nil
}

// A shape is that of a reply with values.
type shape uint8

const (
	detailed shape = iota // an object for each flag
	valued                // values and payloads
	listed                // the keys of those that are on
)

// wantsConfig reports whether the reply is to hold the configuration of posthog-js.
func (r FlagRequest) wantsConfig() bool {
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(r.Query)
	on, err := strconv.ParseBool(q.Get("config"))
	return err == nil && on
}

// shape is what the version that the request names calls for.
func (r FlagRequest) shape() shape {
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(r.Query)
	version, err := strconv.Atoi(q.Get("v"))
	if err != nil {
		version = 1
	}
	decide := strings.HasPrefix(r.Path, "/decide")
	switch {
	case decide && version >= 4, !decide && version >= 2:
		return detailed
	case decide && version == 1:
		return listed
	}
	return valued
}

// FlagRequests returns the last 10,000 requests for values of flags, oldest first,
// refused ones included.
func (s *Sink) FlagRequests() []FlagRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked.all()
}
