package schema

import "slices"

// declareExperiments reads what events need of experiments.
func (c *compiler) declareExperiments() {
	for _, e := range c.sections["experiments"].entries {
		c.experiments[e.name()] = &Experiment{Pos: e.key.pos(), Name: e.name()}
	}
	c.each("experiments", func(e *entry) {
		c.wireName(e.key, "experiment name", e.name())
		x, v := c.experiments[e.name()], e.value
		x.Hypothesis = c.prose(v, "hypothesis")
		x.Description = c.prose(v, "description")
		x.Owner = c.ownerOf(v, c.plan.Defaults.Owner)
		x.Control = c.text(v, "control")
		known := c.experimentVariants(e, x)
		if known && !v.hides("control") && !hasChoice(x.Variants, x.Control) {
			c.report(v.at("control").pos(), "PH421", choose(x.Control, x.Variants), "the control %q of %q is no variant", x.Control, x.Name)
		}
		c.plan.Experiments = append(c.plan.Experiments, x)
	})
}

// experimentVariants reads where the variants of an experiment come from. It
// reports whether they are known.
func (c *compiler) experimentVariants(e *entry, x *Experiment) bool {
	n, own := e.value.at("flag"), e.value.at("variants")
	switch {
	case n == nil && own == nil && (e.value.hides("flag") || e.value.hides("variants")):
		return false
	case n == nil && own == nil:
		c.report(e.key.pos(), "PH109", "add flag, or variants", "%q lacks the key %q", x.Name, "flag")
		return false
	case n == nil:
		x.Variants = c.choices(own, "PH401", "variant", nil)
		return len(x.Variants) > 0 && !own.torn()
	case own != nil:
		k, _ := e.value.pair("variants")
		c.report(k.pos(), "PH116", "remove it", "%q does not apply to an experiment with a flag: the flag has the variants", "variants")
		return false
	}
	flag := c.refers("flags", n, c.text(e.value, "flag"), "PH420")
	if flag == nil || c.flags[flag.name()].Kind == "" {
		return false
	}
	x.Flag = c.flags[flag.name()]
	if x.Flag.Kind != "multivariate" {
		c.report(n.pos(), "PH420", "name a multivariate flag", "the flag %q is of kind %q; an experiment needs variants", x.Flag.Key, x.Flag.Kind)
		return false
	}
	x.Variants = x.Flag.Variants
	return !c.unsettled[x.Flag]
}

// allExperiments reads the metrics, which are events.
func (c *compiler) allExperiments() {
	for _, e := range c.sections["experiments"].entries {
		c.entry(e, func() {
			x, m := c.experiments[e.name()], e.value.at("metrics")
			x.Primary = c.metrics(m, "primary")
			x.Secondary = c.metrics(m, "secondary")
			x.Guardrail = c.metrics(m, "guardrail")
			x.attach()
		})
	}
}

// attach has the metrics of x carry its variant, and the other halves of their pairs, too: what
// one half is captured with is sent as both.
func (x *Experiment) attach() {
	for _, metric := range slices.Concat(x.Primary, x.Secondary, x.Guardrail) {
		for _, e := range []*Event{metric, metric.Twin} {
			if e != nil && !slices.Contains(e.Experiments, x) {
				e.Experiments = append(e.Experiments, x)
			}
		}
	}
}

func (c *compiler) metrics(m *node, key string) []*Event {
	var list []*Event
	c.listed(m, key, "PH205", func(n *node, name string) {
		if e := c.refers("events", n, name, "PH205"); e != nil {
			list = append(list, c.events[name])
		}
	})
	return list
}
