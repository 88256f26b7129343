package change

import "github.com/phgen/phgen/schema"

// asGiven is the action of a property that is sent as it is given.
const asGiven = "allow"

func actionOf(p *schema.PII) string {
	if p == nil {
		return asGiven
	}
	return p.Action
}

// pii compares how two properties are sent. What one plan hashes and the other
// does not, or hashes otherwise, no longer joins.
func (c *comparer) pii(s spot, p, q *schema.Property) {
	was, is := actionOf(p.PII), actionOf(q.PII)
	switch {
	case was == is && (was == "drop" || samePII(p.PII, q.PII, was)):
		if !sameNote(p.PII, q.PII) {
			c.changed("PHB310", s, "kind or basis of pii%s changed", s.suffix())
		}
	case was == is:
		c.changed("PHB115", s, "%s is still sent as %s, but otherwise: what is stored no longer equals what is sent", s.what, sentAs[is])
	case was == "drop" && q.Required && s.place == inEvent:
		c.changed("PHB153", s, "%s is no longer dropped: PostHog refuses what old binaries send without it", s.what)
	case was == "drop":
		c.changed("PHB236", s, "%s is sent as %s, and was dropped", s.what, sentAs[is])
	case is != "drop" && s.place == inEvent && sentType(p) != sentType(q):
		c.changed("PHB152", s, "%s is sent as %s, no longer as %s, which changes its type", s.what, sentAs[is], sentAs[was])
	default:
		c.changed("PHB115", s, "%s is sent as %s, no longer as %s", s.what, sentAs[is], sentAs[was])
	}
}

// sentAs says in words what an action leaves.
var sentAs = map[string]string{
	asGiven: "it is given", "hash": "a hash", "mask": "a mask", "truncate": "a part of it", "drop": "nothing",
}

// samePII reports whether two properties of one action are sent alike: the kind is
// a part of what is hashed.
func samePII(p, q *schema.PII, action string) bool {
	switch action {
	case "hash":
		return p.Kind == q.Kind
	case "truncate":
		return p.Keep == q.Keep
	}
	return true
}

func sameNote(p, q *schema.PII) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.Kind == q.Kind && p.Basis == q.Basis
}

// sentType is PostHog's type of what is sent of p.
func sentType(p *schema.Property) string {
	if actionOf(p.PII) == "hash" && p.Type.Elem == nil {
		return stringType
	}
	return postHogType(p.Type)
}
