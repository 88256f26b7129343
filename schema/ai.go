package schema

// aiFeatures compiles the section ai.
func (c *compiler) aiFeatures() {
	c.plan.AI = AI{Privacy: "redact"}
	if k, n := c.root.pair("ai"); k != nil {
		c.plan.AI.Pos = k.pos()
		c.plan.AI.Privacy = c.word(n, "privacy", "redact")
	}
	c.each("ai", func(e *entry) {
		c.wireName(e.key, "AI feature", e.name())
		f, v := &Feature{Pos: e.key.pos(), Name: e.name()}, e.value
		f.Description = c.prose(v, "description")
		f.Owner = c.ownerOf(v, c.plan.Defaults.Owner)
		f.Tags = c.strings(v, "tags")
		f.Go = c.goName(v)
		f.Properties = c.properties(v.at("properties"), inFeature)
		c.later = append(c.later, func() { c.distinctWire(f.Properties) })
		c.plan.AI.Features = append(c.plan.AI.Features, f)
	})
}
