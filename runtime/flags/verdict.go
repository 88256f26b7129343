package flags

// A verdict is the answer of one filter, as far as it is known.
type verdict uint8

const (
	no     verdict = iota // PostHog would say that the filter does not match
	yes                   // PostHog would say that it matches
	unsure                // one of the two, and what is known here does not tell which
)

// not returns the verdict of the opposite filter.
func (v verdict) not() verdict {
	switch v {
	case no:
		return yes
	case yes:
		return no
	}
	return unsure
}

// verdictOf returns yes for true.
func verdictOf(matches bool) verdict {
	if matches {
		return yes
	}
	return no
}
