package flagset

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/phgen/phgen/schema"
)

// A definition is a flag of the plan as PostHog defines one.
type definition struct {
	ID            int64   `json:"id"`
	Key           string  `json:"key"`
	Name          string  `json:"name"`
	Active        bool    `json:"active"`
	Version       int     `json:"version"`
	HasExperiment bool    `json:"has_experiment"`
	Filters       filters `json:"filters"`
}

type filters struct {
	Groups       []condition       `json:"groups"`
	Multivariate *multivariate     `json:"multivariate,omitempty"`
	Payloads     map[string]string `json:"payloads,omitempty"`
}

type multivariate struct {
	Variants []variant `json:"variants"`
}

type variant struct {
	Key     string  `json:"key"`
	Name    string  `json:"name,omitempty"`
	Rollout float64 `json:"rollout_percentage"`
}

type condition struct {
	Properties []property `json:"properties"`
	Rollout    int        `json:"rollout_percentage"`
	Variant    string     `json:"variant,omitempty"`
}

type property struct {
	Key      string `json:"key"`
	Operator string `json:"operator"`
	Type     string `json:"type"`
	Value    string `json:"value"`
}

// release is a condition that gives whoever has the properties a value, which is not
// false.
func release(value any, properties ...property) condition {
	variant, _ := value.(string)
	return condition{Properties: append([]property{}, properties...), Rollout: 100, Variant: variant}
}

// maxPayloads bounds the payloads of a plan, which each variant repeats.
const maxPayloads = 4 << 20

// plannedFlags are the flags of a plan, and its group types. Once maxPayloads is reached,
// flags have no payload.
func plannedFlags(p *schema.Plan) (planned []*flag, groups []string) {
	if p == nil {
		return nil, nil
	}
	controls := map[*schema.Flag]string{}
	for _, x := range p.Experiments {
		if _, there := controls[x.Flag]; x.Flag != nil && !there {
			controls[x.Flag] = x.Control
		}
	}
	left := maxPayloads
	for _, f := range p.Flags {
		control, tested := controls[f]
		planned = append(planned, plannedFlag(f, control, tested, &left))
	}
	for _, g := range p.Groups {
		groups = append(groups, g.Name)
	}
	return planned, groups
}

// plannedFlag is a flag of the plan, tested if there is an experiment on it. Its payloads
// are taken off what is left for such.
func plannedFlag(f *schema.Flag, control string, tested bool, left *int) *flag {
	own := &flag{key: f.Key, description: f.Description, source: "plan", pos: f.Pos.String()}
	own.standard = standardOf(f, control)
	d := definition{ID: idOf(f.Key), Key: f.Key, Name: f.Description, Active: true, Version: 1, HasExperiment: tested}
	d.Filters.Groups = []condition{}
	if own.standard != false {
		d.Filters.Groups = append(d.Filters.Groups, release(own.standard))
	}
	var variants []variant
	for _, v := range f.Variants {
		variants = append(variants, variant{v.Value, v.Description, 100 / float64(len(f.Variants))})
	}
	if len(variants) > 0 {
		d.Filters.Multivariate = &multivariate{variants}
	}
	own.values = valuesOf(variants)
	if f.HasPayload {
		text := payloadOf(f.Payload)
		if *left -= len(text) * (len(own.values) - 1); *left >= 0 {
			d.Filters.Payloads = map[string]string{}
			for _, v := range own.values[1:] {
				key, isVariant := v.(string)
				if !isVariant {
					key = "true"
				}
				d.Filters.Payloads[key] = string(text)
			}
		}
	}
	own.raw = marshal(d)
	return own
}

// standardOf is the value that a flag of the plan has when nothing is set.
func standardOf(f *schema.Flag, control string) any {
	switch {
	case f.Kind == "boolean":
		return f.Default == "true"
	case f.Kind == "remote_config":
		return true
	case f.Default != "":
		return f.Default
	case control != "":
		return control
	}
	return false
}

// idOf is a number for a key that is the same everywhere. Other languages read it as a
// float64, which is exact up to 2⁵³.
func idOf(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint64(sum[:8])>>16) + 1
}
