package schema

import "slices"

// piiActions are the types that an action fits; allow and drop fit all.
var piiActions = map[string][]Kind{
	"hash":     {String, Int, UUID, URL, Email, IP},
	"mask":     {String, URL, Email},
	"truncate": {IP, Date, Timestamp, Float, String, URL},
}

// pii reads the key pii of m.
func (c *compiler) pii(m *node) *PII {
	n := m.at("pii")
	if n == nil {
		return nil
	}
	p := &PII{Pos: n.pos(), Kind: c.text(n, "kind"), Action: c.text(n, "action"), Basis: c.text(n, "basis"), Keep: 3}
	if keep := c.count(n, "keep"); keep != nil {
		p.Keep = *keep
	}
	return p
}

// fitPII checks the action that n says against the type it acts on.
func (c *compiler) fitPII(n *node, p *PII, t *Type) {
	if t.Kind == Const || p.Action == "" {
		return // reported
	}
	on := t
	for on.Kind == Array || on.Kind == Map {
		if on = on.Elem; on == nil || c.unsound(on) {
			return
		}
	}
	if fits, ok := piiActions[p.Action]; ok && !slices.Contains(fits, on.Kind) {
		c.report(n.at("action").pos(), "PH502", "use allow or drop, or another type", "the action %q does not fit the type %q", p.Action, on.Kind)
		return
	}
	if k, _ := n.pair("keep"); k != nil && (p.Action != "truncate" || on.Kind != String && on.Kind != URL) {
		c.report(k.pos(), "PH116", "remove it", "%q applies only to truncate on string and url", "keep")
	}
}
