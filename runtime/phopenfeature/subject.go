package phopenfeature

import (
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
)

// The attributes of an evaluation context that are no properties of the person.
const (
	attrGroups           = "groups"
	attrGroupProperties  = "group_properties"
	attrDeviceID         = "device_id"
	attrPersonProperties = "person_properties"
)

// A subject is who an evaluation context is about.
type subject struct {
	distinctID, deviceID string
	groups               map[string]string
	groupProperties      map[string]ph.Props
	person               ph.Props
}

// subjectOf reads an evaluation context, which it does not change.
func subjectOf(flatCtx openfeature.FlattenedContext) (subject, *openfeature.ResolutionError) {
	var who subject
	var own ph.Props
	for key, v := range flatCtx {
		var err error
		switch key {
		case openfeature.TargetingKey:
			who.distinctID, err = text(v)
		case attrDeviceID:
			who.deviceID, err = text(v)
		case attrGroups:
			who.groups, err = texts(v)
		case attrGroupProperties:
			who.groupProperties, err = propsByType(v)
		case attrPersonProperties:
			own, err = props(v)
		default:
			if who.person == nil {
				who.person = make(ph.Props, len(flatCtx))
			}
			who.person[key] = v
		}
		if err != nil {
			failed := openfeature.NewInvalidContextResolutionError(fmt.Sprintf("attribute %q: %v", key, err))
			return subject{}, &failed
		}
	}
	if who.person == nil {
		who.person = own
	} else {
		maps.Copy(who.person, own)
	}
	return who, nil
}

// query asks for one flag.
func (s *subject) query(flag string) ph.FlagQuery {
	return ph.FlagQuery{
		DistinctID:      s.distinctID,
		DeviceID:        s.deviceID,
		Keys:            []string{flag},
		Person:          s.person,
		Groups:          s.groups,
		GroupProperties: s.groupProperties,
	}
}

// text is an ID, which may be a whole number.
func text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10), nil
		}
	}
	return "", fmt.Errorf("%T is no text", v)
}

// texts is a map of IDs.
func texts(v any) (map[string]string, error) {
	switch v := v.(type) {
	case map[string]string:
		return v, nil
	case map[string]any:
		m := make(map[string]string, len(v))
		for key, member := range v {
			id, err := text(member)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", key, err)
			}
			m[key] = id
		}
		return m, nil
	}
	return nil, fmt.Errorf("%T is no map of texts", v)
}

func props(v any) (ph.Props, error) {
	switch v := v.(type) {
	case map[string]any:
		return v, nil
	case ph.Props:
		return v, nil
	}
	return nil, fmt.Errorf("%T is no map", v)
}

func propsByType(v any) (map[string]ph.Props, error) {
	switch v := v.(type) {
	case map[string]ph.Props:
		return v, nil
	case map[string]map[string]any:
		m := make(map[string]ph.Props, len(v))
		for groupType, p := range v {
			m[groupType] = p
		}
		return m, nil
	case map[string]any:
		m := make(map[string]ph.Props, len(v))
		for groupType, member := range v {
			p, err := props(member)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", groupType, err)
			}
			m[groupType] = p
		}
		return m, nil
	}
	return nil, fmt.Errorf("%T is no map of maps", v)
}
