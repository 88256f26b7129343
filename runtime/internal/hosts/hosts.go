// Package hosts tells the hosts that an application trusts with whose request it is from all
// others.
package hosts

import (
	"net"
	"strings"
)

// A Set is a set of hosts. The zero Set is empty.
type Set struct {
	names   map[string]bool // with a port or without, in lower case
	domains []string        // with the dot before them
}

// NewSet returns the set of patterns: "api.example.com" for any port,
// "api.example.com:8443", or "*.example.com" for all below example.com but not itself.
func NewSet(patterns ...string) Set {
	s := Set{names: make(map[string]bool, len(patterns))}
	for _, p := range patterns {
		p = strings.ToLower(strings.TrimSpace(p))
		if domain, ok := strings.CutPrefix(p, "*."); ok && domain != "" {
			s.domains = append(s.domains, "."+domain)
		} else {
			s.names[p] = true
		}
	}
	return s
}

// Has reports whether a host, with a port or without, is in the set. No IP address is
// below a domain.
func (s Set) Has(host string) bool {
	host = strings.ToLower(host)
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if name == "" {
		return false
	}
	if s.names[name] || s.names[host] {
		return true
	}
	if net.ParseIP(name) != nil {
		return false
	}
	for _, domain := range s.domains {
		if len(name) > len(domain) && strings.HasSuffix(name, domain) {
			return true
		}
	}
	return false
}
