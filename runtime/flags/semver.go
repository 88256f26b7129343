package flags

import (
	"cmp"
	"strconv"
	"strings"
)

// A version is a semantic version as the server reads it.
type version struct {
	number     [3]uint64
	parts      int    // how many of number were written; the rest is 0
	prerelease string // without its hyphen
	build      string // without its plus
	doubtful   bool   // the server may not take it for a version
}

// parseVersion reads s. What is surely no version to the server is not ok.
func parseVersion(s string) (v version, ok bool) {
	s = strings.TrimPrefix(s, "v")
	if trimmed := strings.TrimSpace(s); len(trimmed) < len(s) {
		s, v.doubtful = trimmed, true
	}
	var hasBuild, hasPrerelease bool
	s, v.build, hasBuild = strings.Cut(s, "+")
	s, v.prerelease, hasPrerelease = strings.Cut(s, "-")
	if !v.identifiers(v.build, hasBuild, true) || !v.identifiers(v.prerelease, hasPrerelease, false) {
		return v, false
	}
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, ".")
		switch {
		case digits(part) < len(part):
			return v, false
		case v.parts == 3:
			v.doubtful = true // three parts to some readers, and no version to others
			continue
		case part == "", len(part) > 1 && part[0] == '0':
			v.doubtful = true
		}
		if part != "" {
			n, err := strconv.ParseUint(part, 10, 64)
			if err != nil {
				return v, false
			}
			v.number[v.parts] = n
		}
		v.parts++
	}
	if v.parts < 3 && (hasBuild || hasPrerelease) {
		v.doubtful = true // it may be padded behind the suffix
	}
	return v, true
}

// identifiers reports whether s can follow a version, and notes a doubt about it.
func (v *version) identifiers(s string, present, leadingZeros bool) bool {
	if !present {
		return true
	}
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, ".")
		for _, c := range []byte(part) {
			if c != '-' && (c < '0' || c > '9') && (lowerASCII[c] < 'a' || lowerASCII[c] > 'z') {
				return false
			}
		}
		if part == "" || !leadingZeros && len(part) > 1 && part[0] == '0' && digits(part) == len(part) {
			v.doubtful = true
		}
	}
	return true
}

// compare orders versions by precedence, which does not look at builds.
func (v *version) compare(w *version) int {
	for i := range v.number {
		if c := cmp.Compare(v.number[i], w.number[i]); c != 0 {
			return c
		}
	}
	switch {
	case v.prerelease == w.prerelease:
		return 0
	case v.prerelease == "":
		return 1
	case w.prerelease == "":
		return -1
	}
	return comparePrereleases(v.prerelease, w.prerelease)
}

func comparePrereleases(a, b string) int {
	for {
		x, restA, moreA := strings.Cut(a, ".")
		y, restB, moreB := strings.Cut(b, ".")
		if c := compareIdentifiers(x, y); c != 0 {
			return c
		}
		if !moreA || !moreB {
			return boolOrder(moreA, moreB)
		}
		a, b = restA, restB
	}
}

// compareIdentifiers orders numbers as such and before all else.
func compareIdentifiers(x, y string) int {
	numberX, numberY := digits(x) == len(x), digits(y) == len(y)
	switch {
	case numberX && numberY && len(x) != len(y):
		return cmp.Compare(len(x), len(y))
	case numberX != numberY:
		return boolOrder(numberY, numberX)
	}
	return strings.Compare(x, y)
}

// boolOrder puts false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
