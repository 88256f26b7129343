package flagapi

import (
	"maps"
	"slices"
	"strconv"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/value"
)

// A Request asks for the flags of somebody. Flags reads its maps only until it returns,
// and changes nothing in them.
type Request struct {
	DistinctID string
	DeviceID   string            // "": not known
	Groups     map[string]string // type → key

	// Properties that PostHog puts over those it stores. A value that is flags.Unset is
	// not sent, and one that has no JSON is sent as null.
	Person          map[string]any
	GroupProperties map[string]map[string]any // by type; of those in Groups only, and with their $group_key

	Keys  []string // of the flags wanted; nil: all
	GeoIP bool     // PostHog may add properties of the place that the request comes from
}

// Identity returns what tells the answers to r from those to another request, whatever
// their keys.
func (r *Request) Identity() string {
	all := *r
	all.Keys = nil
	return string(all.append(nil, ""))
}

// append appends the body. Every map is an object and geoip_disable is there, whatever
// they say: PostHog and its test harness want them.
func (r *Request) append(dst []byte, token string) []byte {
	dst = append(dst, `{"api_key":`...)
	dst = value.AppendString(dst, token)
	dst = append(dst, `,"distinct_id":`...)
	dst = value.AppendString(dst, r.DistinctID)
	dst = append(dst, `,"groups":`...)
	dst = appendObject(dst, r.Groups, func(dst []byte, _, key string) []byte { return value.AppendString(dst, key) })
	dst = append(dst, `,"person_properties":`...)
	dst = appendProperties(dst, r.Person)
	dst = append(dst, `,"group_properties":`...)
	dst = r.appendGroups(dst)
	dst = append(dst, `,"geoip_disable":`...)
	dst = strconv.AppendBool(dst, !r.GeoIP)
	if r.DeviceID != "" {
		dst = append(dst, `,"device_id":`...)
		dst = value.AppendString(dst, r.DeviceID)
	}
	if r.Keys != nil {
		dst = append(dst, `,"flag_keys_to_evaluate":[`...)
		for i, key := range r.Keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = value.AppendString(dst, key)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// groupKey is the property of a group that is its key.
const groupKey = "$group_key"

// appendGroups appends the properties of every group. Its key is one of them.
func (r *Request) appendGroups(dst []byte) []byte {
	return appendObject(dst, r.Groups, func(dst []byte, typ, key string) []byte {
		properties := map[string]any{groupKey: key}
		maps.Copy(properties, r.GroupProperties[typ])
		return appendProperties(dst, properties)
	})
}

func appendProperties(dst []byte, properties map[string]any) []byte {
	known := make(map[string]any, len(properties))
	for key, v := range properties {
		if v != flags.Unset {
			known[key] = v
		}
	}
	return appendObject(dst, known, func(dst []byte, _ string, v any) []byte {
		dst, _ = value.AppendAny(dst, v)
		return dst
	})
}

// appendObject appends m sorted by key, so that equal requests have equal bytes.
func appendObject[V any](dst []byte, m map[string]V, appendValue func(dst []byte, key string, v V) []byte) []byte {
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = value.AppendString(dst, key)
		dst = append(dst, ':')
		dst = appendValue(dst, key, m[key])
	}
	return append(dst, '}')
}
