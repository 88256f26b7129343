package change

import (
	"fmt"
	"strconv"
	"strings"
)

// A Bump is what a set of changes asks of the plan's version.
type Bump struct {
	Level    Level  // of the worst change
	Old, New string // plan.version of both sides
	Least    string // the smallest version that the changes allow
	TooSmall bool   // New is below Least
}

// Word is "major", "minor" or "patch".
func (b Bump) Word() string {
	if b.old().major == 0 {
		return [...]string{"patch", "patch", "minor"}[b.Level]
	}
	return [...]string{"patch", "minor", "major"}[b.Level]
}

// BumpOf is what changes ask of a version, on axes: what breaks asks for a new
// major version, what is to be noted for a minor one, all else for a patch. Before
// 1.0.0, which promises nothing, a break asks for a minor version and all else for
// a patch. It reports false if there are no changes or the plan has no versions.
func BumpOf(old, new string, changes []Change, axes []Axis) (Bump, bool) {
	b := Bump{Old: old, New: new}
	if len(changes) == 0 || old == "" || b.old() == (version{}) && parseVersion(new) == (version{}) {
		return Bump{}, false
	}
	for _, x := range changes {
		b.Level = max(b.Level, x.Cell().Level(axes))
	}
	least := b.old()
	switch {
	case least.pre != "": // 2.0.0-rc.1 already announces what 2.0.0 may break
		least.pre = ""
	case b.Word() == "major":
		least = version{major: least.major + 1}
	case b.Word() == "minor":
		least = version{major: least.major, minor: least.minor + 1}
	default:
		least.patch++
	}
	b.Least = least.String()
	b.TooSmall = parseVersion(new).below(least)
	return b, true
}

func (b Bump) old() version { return parseVersion(b.Old) }

// A version is MAJOR.MINOR.PATCH with what may follow a hyphen.
type version struct {
	major, minor, patch int
	pre                 string
}

// parseVersion reads a version that was checked.
func parseVersion(text string) version {
	core, pre, _ := strings.Cut(text, "-")
	v := version{pre: pre}
	parts := strings.SplitN(core, ".", 3)
	for i, to := range []*int{&v.major, &v.minor, &v.patch} {
		if i < len(parts) {
			*to, _ = strconv.Atoi(parts[i]) // digits, by the plan's rules
		}
	}
	return v
}

func (v version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)
}

// below reports whether v is less than least, which has no pre-release: that of
// least itself is enough.
func (v version) below(least version) bool {
	switch {
	case v.major != least.major:
		return v.major < least.major
	case v.minor != least.minor:
		return v.minor < least.minor
	}
	return v.patch < least.patch
}
