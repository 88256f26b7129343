package phai

import "context"

// A Policy is what happens to what people and models say.
type Policy uint8

// The policies.
const (
	// Redact leaves inputs, outputs, states, instructions, custom data and the texts of errors
	// out of every event. It is the default.
	Redact Policy = iota
	// Keep sends them. Files in base64 are taken out nevertheless.
	Keep
)

// A Feature is what a run of models is for, as the tracking plan describes it: a value of the
// generated package ai.
type Feature interface {
	// PhgenFeature encodes the feature for the client and scope of ctx. It is called once, by
	// the call that is given WithFeature.
	PhgenFeature(ctx context.Context) FeatureSpec
}

// A FeatureSpec is an encoded [Feature].
type FeatureSpec struct {
	// Name is the feature's name in the plan, which events have as ai_feature.
	Name string
	// Members are the properties as members of a JSON object, `"key":value,"key":value`, checked
	// and with personal values as the plan wants them. No key begins with $.
	Members []byte
	// Privacy is the plan's. No option can keep what it redacts.
	Privacy Policy
}

// A feature is a FeatureSpec as events need it.
type feature struct {
	name    string
	members []member
	privacy Policy
}

// A member is one property, encoded.
type member struct{ key, json string }

// encodeFeature asks f, which may be anybody's, for what it is.
func encodeFeature(ctx context.Context, f Feature) (encoded *feature) {
	defer func() {
		if recover() != nil {
			encoded = &feature{}
		}
	}()
	spec := f.PhgenFeature(ctx)
	return &feature{spec.Name, splitMembers(spec.Members), spec.Privacy}
}
