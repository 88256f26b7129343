package dev

import (
	"strconv"
	"strings"
)

// The rules of findings that are about no key of the plan.
const (
	unplannedRule = "unplanned" // the plan has no event of that name
	protocolRule  = "protocol"  // the server tolerates it, and loses something by it
)

// protocolFinding is what the sink noted about an event, without the value that it quotes.
func protocolFinding(problem string) Finding {
	f := Finding{Rule: protocolRule, Message: problem}
	what, rest, quotes := strings.Cut(problem, ` "`)
	quoted, err := strconv.QuotedPrefix(`"` + rest)
	if !quotes || err != nil {
		return f
	}
	says := strings.TrimSpace(rest[len(quoted)-1:])
	if what != "key" {
		f.Message = what + " " + says
		return f
	}
	if key, err := strconv.Unquote(quoted); err == nil {
		f.Path = strings.TrimPrefix(key, "properties.")
	}
	f.Message = says
	return f
}
