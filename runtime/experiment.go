package runtime

import (
	"cmp"
	"context"
	"slices"

	"github.com/phgen/phgen/runtime/flags"
)

// InVariant says which variant of an experiment the user of a scope, or of one call, takes part
// in, where no flag decides that. Generated events that list the experiment, or are its metrics,
// carry it as $feature/<experiment>; it exposes nobody. A scope in it inherits the variant, unless
// it has another [User]. An empty variant breaks the rule "unset" and leaves it to the scope around.
func InVariant(experiment, variant string) Option {
	return Option{kind: optionVariant, name: experiment, text: variant}
}

// Expose is With(ctx, InVariant(experiment, variant)) and records that the user of ctx saw the
// variant: it sends $feature_flag_called, by which PostHog counts exposures, once for each user and
// variant. [NoExposure] keeps it from that. It never waits. An empty variant exposes nobody.
func Expose(ctx context.Context, experiment, variant string) context.Context {
	ctx = With(ctx, InVariant(experiment, variant))
	if c := scopeOf(ctx).captures(); c != nil && variant != "" {
		c.flagCalled(ctx, c.askFor(ctx, nil), &flagAnswer{
			key:         experiment,
			value:       flags.Variant(variant),
			source:      SourceRemote, // not this process, as far as PostHog is concerned
			description: assignedOutside,
			experiment:  yes,
		})
	}
	return ctx
}

// assignedOutside is the $feature_flag_reason of a variant that the application chose.
const assignedOutside = "Assigned by the application"

// setVariant makes a variant hold for a scope.
func (s *Scope) setVariant(o *Option) {
	if o.text == "" {
		s.captures().report(violation{Violation: Violation{Property: shorten(o.name), Rule: "unset"}})
		return
	}
	s.own.variants = setVariant(s.own.variants, attachedFlag{o.name, flags.Variant(o.text), featureKey(o.name)})
}

// setVariant replaces the variant of the same experiment or adds v. It copies: views share
// the old slice.
func setVariant(variants []attachedFlag, v attachedFlag) []attachedFlag {
	variants = slices.Clone(variants)
	if i := indexVariant(variants, v.key); i >= 0 {
		variants[i] = v
		return variants
	}
	return append(variants, v)
}

func indexVariant(variants []attachedFlag, experiment string) int {
	return slices.IndexFunc(variants, func(v attachedFlag) bool { return v.key == experiment })
}

// collectVariants takes over the variants that s says.
func (v *view) collectVariants(own *settings) {
	if own.otherUser || v.user != "" && own.user != "" && own.user != v.user {
		v.variants = nil // somebody else's
	}
	for _, x := range own.variants {
		v.variants = setVariant(v.variants, x)
	}
}

// attachVariants adds the variants of the event's experiments that the call or the scope says. They win
// over flags of the same name: PostHog may have drawn another variant than the one people saw.
func (w *Writer) attachVariants(opts []Option) {
	for _, experiment := range w.spec.Experiments {
		v, ok := w.variant(experiment, opts)
		if !ok {
			continue
		}
		if i := indexVariant(w.flags, experiment); i >= 0 {
			w.flags[i] = v
		} else {
			w.flags = append(w.flags, v)
		}
	}
	slices.SortFunc(w.flags, func(a, b attachedFlag) int { return cmp.Compare(a.key, b.key) })
}

// variant returns the variant of an experiment for the event: that of the call before that of the scope, unless
// the event is somebody else's.
func (w *Writer) variant(experiment string, opts []Option) (attachedFlag, bool) {
	for i := len(opts) - 1; i >= 0; i-- {
		o := &opts[i]
		if o.kind != optionVariant || o.name != experiment {
			continue
		}
		if o.text != "" {
			return attachedFlag{key: experiment, value: flags.Variant(o.text)}, true
		}
		w.record(violation{Violation: Violation{w.name, shorten(experiment), "unset"}})
	}
	if w.distinctID != "" && w.distinctID != w.view.identity.DistinctID {
		return attachedFlag{}, false
	}
	if i := indexVariant(w.view.variants, experiment); i >= 0 {
		return w.view.variants[i], true
	}
	return attachedFlag{}, false
}
