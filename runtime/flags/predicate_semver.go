package flags

import "strings"

// A versionRange is the value of a semver operator: low itself, or for ranges what lies
// from it on and has the same leading numbers.
type versionRange struct {
	low   version
	fixed int // how many leading numbers
}

func (p *predicate) compileVersions(op string, value *node) {
	if value.kind != textual && value.kind != numeric {
		p.settle(false)
		return
	}
	p.versions = &versionRange{}
	if op == "semver_wildcard" {
		p.compileWildcard(value.scalar)
	} else {
		low, ok := parseVersion(value.scalar)
		if !ok {
			p.settle(false)
			return
		}
		p.versions.low = low
	}
	low := &p.versions.low
	low.doubtful = low.doubtful || value.kind == numeric
	switch op {
	case "semver_tilde":
		p.versions.fixed = 2
	case "semver_caret":
		p.versions.fixed = caret(low.number[:])
	}
	if p.operation == versionWithin && low.build != "" {
		low.doubtful = true
	}
}

// caret returns how many leading numbers a caret requirement fixes: up to the first that is
// not 0.
func caret(numbers []uint64) int {
	for i, n := range numbers {
		if n != 0 {
			return i + 1
		}
	}
	return len(numbers)
}

// compileWildcard reads what semver_wildcard takes: numbers and then stars, and without a
// star a caret requirement that, other than elsewhere, is not padded.
func (p *predicate) compileWildcard(s string) {
	const unclear = "a version pattern whose meaning is not certain"
	if s == "*" {
		return
	}
	parts := strings.Split(s, ".")
	stars, misplaced := 0, false
	for i, part := range parts {
		switch {
		case part == "*":
			stars++
		case part == "", digits(part) < len(part), len(part) > 1 && part[0] == '0':
			p.unknown = unclear
			return
		default:
			misplaced = misplaced || stars > 0 || i > 2
		}
	}
	numbers := len(parts) - stars
	switch {
	case numbers == 0:
		p.unknown = unclear
		return
	case misplaced, len(parts) > 3:
		p.settle(false)
		return
	}
	low, ok := parseVersion(strings.Join(parts[:numbers], "."))
	if !ok {
		p.settle(false)
		return
	}
	p.versions.low, p.versions.fixed = low, numbers
	if stars == 0 {
		p.versions.fixed = caret(low.number[:numbers])
	}
}

func (p *predicate) matchVersion(o *operand) verdict {
	var v version
	var ok bool
	switch {
	case o.kind == textual && o.buf == nil:
		v, ok = parseVersion(o.str)
	case o.kind == numeric && o.buf == nil:
		v, ok = parseVersion(o.str)
		v.doubtful = true
	case o.kind == numeric:
		v, ok = parseVersion(string(o.buf))
		v.doubtful = true // numbers may be refused
	}
	switch {
	case !ok:
		return no
	case p.unknown != "":
		return unsure
	}
	answer := p.versions.match(p.operation, &v)
	if answer == yes && (v.doubtful || p.versions.low.doubtful) {
		return unsure // an invalid version matches nothing
	}
	return answer
}

func (r *versionRange) match(op operation, v *version) verdict {
	c := v.compare(&r.low)
	if op == versionWithin {
		return verdictOf(c >= 0 && r.near(v))
	}
	if c == 0 && v.build != r.low.build {
		return unsure // whether builds count is not certain
	}
	switch op {
	case versionEqual:
		return verdictOf(c == 0)
	case versionUnequal:
		return verdictOf(c != 0)
	case versionGreater:
		return verdictOf(c > 0)
	case versionGreaterEqual:
		return verdictOf(c >= 0)
	case versionLess:
		return verdictOf(c < 0)
	}
	return verdictOf(c <= 0)
}

// near reports whether v shares the leading numbers of r.low. A prerelease is only near to
// a prerelease of the same version.
func (r *versionRange) near(v *version) bool {
	fixed := r.fixed
	if v.prerelease != "" {
		if fixed = 3; r.low.prerelease == "" {
			return false
		}
	}
	for i := range fixed {
		if v.number[i] != r.low.number[i] {
			return false
		}
	}
	return true
}
