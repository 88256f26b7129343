package phopenfeature

import (
	"context"

	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
)

// Track captures an event with the details' attributes and, as "value", their number unless
// that is 0, which can not be told from none. An attribute "value" wins over it. Whose event
// it is the evaluation context says as it does for flags, but for properties; what can not
// be understood of it is left out. Like ph.Capture it does not wait for the network.
func (p *Provider) Track(ctx context.Context, trackingEventName string, evaluationContext openfeature.EvaluationContext, details openfeature.TrackingEventDetails) {
	opts := []ph.ScopeOption{ph.UseClient(p.client), ph.User(evaluationContext.TargetingKey())}
	if id, err := text(evaluationContext.Attribute(attrDeviceID)); err == nil {
		opts = append(opts, ph.Device(id))
	}
	if groups, err := texts(evaluationContext.Attribute(attrGroups)); err == nil {
		for groupType, key := range groups {
			opts = append(opts, ph.Group(groupType, key))
		}
	}
	props := ph.Props(details.Attributes())
	if _, ok := props["value"]; !ok && details.Value() != 0 {
		props["value"] = details.Value()
	}
	ph.Capture(ph.With(ctx, opts...), trackingEventName, props)
}
