package schema

// header reads the sections that only the root file has: plan, go and naming.
func (c *compiler) header() {
	c.plan.Include = c.strings(c.root, "include")
	p := c.root.at("plan")
	c.plan.Name = c.text(p, "name")
	if p != nil && !p.hides("version") { // else it is unknown, and no version can be said to be later
		c.plan.Version = c.word(p, "version", "0.0.0")
	}
	c.plan.Description = c.prose(p, "description")
	g := c.root.at("go")
	c.plan.Go.Pos = c.root.pos()
	if k, _ := c.root.pair("go"); k != nil {
		c.plan.Go.Pos = k.pos()
	}
	c.plan.Go.Out = c.word(g, "out", "./generated")
	c.plan.Go.SplitOwner = c.text(g, "split") == "owner"
	c.plan.Go.Initialisms = c.strings(g, "initialisms")
	if n := c.root.at("naming"); n != nil {
		c.plan.Naming = Naming{Events: c.namingRules(n.at("events")), Properties: c.namingRules(n.at("properties"))}
	}
}

// namingRules reads one half of naming, nil if it is absent.
func (c *compiler) namingRules(n *node) *NamingRules {
	if n == nil {
		return nil
	}
	r := &NamingRules{
		Case:       c.word(n, "case", "any"),
		Pattern:    c.pattern(n),
		BoolPrefix: c.strings(n, "bool_prefix"),
		Suffix:     map[string][]string{},
		Deny:       c.strings(n, "deny"),
	}
	if limit := c.count(n, "max_length"); limit != nil {
		r.MaxLength = *limit
	}
	if suffix := n.at("suffix"); suffix != nil {
		for _, k := range suffix.keys {
			r.Suffix[k.text] = c.strings(suffix, k.text)
		}
	}
	return r
}

// defaults reads the section defaults over the language's own.
func (c *compiler) defaults() {
	d := c.root.at("defaults")
	c.plan.Defaults = Defaults{
		Owner:           c.ownerOf(d, ""),
		Status:          c.word(d, "status", "active"),
		ExtraProperties: c.text(d, "extra_properties") == "allow",
		OnInvalid:       OnInvalid(c.word(d, "on_invalid", string(Report))),
	}
}

// owners compiles the section owners.
func (c *compiler) owners() {
	c.each("owners", func(e *entry) {
		c.shaped(e.key, ownerName)
		c.plan.Owners = append(c.plan.Owners, &Owner{
			Pos:         e.key.pos(),
			Name:        e.name(),
			Slack:       c.prose(e.value, "slack"),
			Email:       c.prose(e.value, "email"),
			Description: c.prose(e.value, "description"),
			Codeowners:  c.proseList(e.value, "codeowners"),
		})
	})
}
