package flags

import "math"

// float returns n as the numeric operators read it: a number or the text of one.
func (n *node) float() (number, bool) {
	if n.kind == numeric {
		return n.number, true
	}
	f, ok := parseFloat(n.scalar)
	return number{value: f}, ok && n.kind == textual
}

// float returns o as the numeric operators read it.
func (o *operand) float() (number, bool) {
	if o.kind == numeric {
		return o.number, true
	}
	if o.kind != textual {
		return number{}, false
	}
	f, ok := parseFloat(o.str)
	return number{value: f}, ok
}

func (p *predicate) compileBound(value *node) {
	bound, ok := value.float()
	switch {
	case !ok, math.IsNaN(bound.value),
		p.operation == greater && math.IsInf(bound.value, 1),
		p.operation == less && math.IsInf(bound.value, -1):
		p.settle(false)
	}
	p.bounds[0] = bound
}

func (p *predicate) matchBound(o *operand) verdict {
	n, ok := o.float()
	if !ok || math.IsNaN(n.value) {
		return no
	}
	c, ok := n.compare(p.bounds[0])
	if !ok {
		return unsure
	}
	switch p.operation {
	case greater:
		return verdictOf(c > 0)
	case greaterEqual:
		return verdictOf(c >= 0)
	case less:
		return verdictOf(c < 0)
	}
	return verdictOf(c <= 0)
}

// compileRange compiles the list of two that between and not_between take. With any other
// value neither matches.
func (p *predicate) compileRange(value *node) {
	if value.kind == list && len(value.items) == 2 {
		low, ok1 := value.items[0].float()
		high, ok2 := value.items[1].float()
		if ok1 && ok2 && !math.IsNaN(low.value) && !math.IsNaN(high.value) {
			c, ok := low.compare(high)
			if !ok && p.negated { // between needs no order: no number is on the right sides of both
				p.missing, p.unknown = unsure, "bounds too close to order"
			}
			if !ok || c <= 0 {
				p.bounds = [2]number{low, high}
				return
			}
		}
	}
	p.state = never
	if p.negated {
		p.missing = unsure // whether it looks at the property or at its value first
	}
}

// matchRange is the verdict of between, or of not_between: these are no opposites.
func (p *predicate) matchRange(o *operand) verdict {
	n, ok := o.float()
	switch {
	case !ok && p.negated:
		return unsure // newer servers let it match
	case !ok, math.IsNaN(n.value):
		return no
	}
	low, ok1 := n.compare(p.bounds[0])
	high, ok2 := n.compare(p.bounds[1])
	answer := unsure
	switch {
	case ok1 && ok2:
		answer = verdictOf((low >= 0 && high <= 0) != p.negated)
	case ok1 && low < 0, ok2 && high > 0:
		answer = verdictOf(p.negated)
	}
	if answer == yes && p.unknown != "" {
		return unsure
	}
	return answer
}
