package phhttp

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded is what proxies say about a request.
type forwarded struct{ addresses, schemes []string }

func readForwarded(h http.Header) forwarded {
	return forwarded{h["X-Forwarded-For"], h["X-Forwarded-Proto"]}
}

// ip returns the address of the client; empty if it has none. Each proxy has appended the
// address that it was called from, so what stands before the first one that is no proxy's
// may be invented.
func (x *exchange) ip() string {
	addr, ok := parseAddr(x.remote)
	if !ok {
		return ""
	}
	for _, list := range slices.Backward(x.forwarded.addresses) {
		for more := true; more; {
			if !x.trusts(addr) {
				return addr.String()
			}
			entry := list
			if i := strings.LastIndexByte(list, ','); i >= 0 {
				list, entry = list[:i], list[i+1:]
			} else {
				more = false
			}
			caller, ok := parseAddr(strings.TrimSpace(entry))
			if !ok {
				return addr.String()
			}
			addr = caller
		}
	}
	return addr.String()
}

// scheme returns that of the address by which the client calls the server.
func (x *exchange) scheme() string {
	if len(x.forwarded.schemes) > 0 {
		outermost, _, _ := strings.Cut(x.forwarded.schemes[0], ",")
		s := strings.ToLower(strings.TrimSpace(outermost))
		if addr, ok := parseAddr(x.remote); ok && x.trusts(addr) && (s == "http" || s == "https") {
			return s
		}
	}
	switch {
	case x.url.Scheme != "":
		return x.url.Scheme
	case x.encrypted:
		return "https"
	}
	return "http"
}

func (cfg *config) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(cfg.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parseAddr reads an address with or without a port.
func parseAddr(s string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return addr.Unmap().WithZone(""), err == nil
}
